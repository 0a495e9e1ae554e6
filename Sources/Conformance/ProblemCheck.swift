import Discrete
import Tensors

/// One promise of the interface that every problem is held to: from a problem to what is wrong with it, in
/// words; nothing where it holds.
///
/// For kinds of your own: `ProblemCheck.violations(problem)` is empty for a sound problem.
/// `gradfid verify --problems STUDY` does the same for the problems of a study.
public struct ProblemCheck: Sendable {
  public let name: String
  private let body: @Sendable (any DiscreteProblem) throws -> [String]

  init(_ name: String, _ body: @escaping @Sendable (any DiscreteProblem) throws -> [String]) {
    self.name = name
    self.body = body
  }

  /// What is wrong, an error among it; the same at every call.
  ///
  /// Cost: some hundred oracle calls, and for the checks of sessions some ten thousand draws and a sum
  /// over all joint codes.
  public func violations(_ problem: any DiscreteProblem) -> [String] {
    if let refusal = Self.refusal(problem.shape) { return [refusal] }
    do {
      return try body(problem)
    } catch {
      return ["threw: \(error)"]
    }
  }

  /// Most joint codes of a row: all are summed.
  public static let jointCodeLimit = 1 << 16

  /// Why a layer is too large to be checked; nil where it is not.
  public static func refusal(_ shape: LayerShape) -> String? {
    guard shape.jointCodes(limit: jointCodeLimit) == nil else { return nil }
    return
      "\(shape.latents) latents of \(shape.categoriesText) have more than \(jointCodeLimit) joint codes; give the problem a smaller size, its code is the same"
  }

  /// Promises of the oracle and of the pull-back, one by one.
  public static let ofParts = [
    jointCodes, restriction, single, corners, differences, padding, refusals, grams, pullbacks,
    squares,
    closedForm,
  ]

  /// Promises that show in the numbers of a session: exact against sampled, workers, wrappers.
  public static let ofSessions = [exactAgainstSampled, workers, wrappers, shortcuts]

  /// All of them.
  public static let all = ofParts + ofSessions

  /// What is wrong with a problem by all checks, each with the name of its check in front.
  public static func violations(_ problem: any DiscreteProblem) -> [String] {
    all.flatMap { check in check.violations(problem).map { "\(check.name): \($0)" } }
  }
}

/// Relative sizes of rounding that an oracle's numbers may have.
func tolerance(_ precision: NumberPrecision) -> Double { precision == .single ? 2e-5 : 1e-10 }

/// What differs by more than rounding, at most one line.
func roundingDifferences(
  _ what: String, _ found: [Double], _ wanted: [Double], within tolerance: Double
) -> [String] {
  guard found.count == wanted.count else {
    return ["\(what): \(found.count) numbers instead of \(wanted.count)"]
  }
  let scale = wanted.reduce(1e-300) { max($0, abs($1)) }
  for index in found.indices where !(abs(found[index] - wanted[index]) <= tolerance * scale) {
    return ["\(what): number \(index) is \(found[index]) instead of \(wanted[index])"]
  }
  return []
}

/// Fixed points to ask an oracle at.
struct ProbingPoints {
  let shape: LayerShape
  let key: RandomKey

  init(_ shape: LayerShape, seed: UInt64 = 1) {
    self.shape = shape
    key = RandomKey(seed: seed)
  }

  func codes(_ draws: Int) -> CodeBlock {
    let uniforms = RandomStream(key: key, row: 0, site: 0)
      .uniforms(from: 0, count: shape.rows * draws * shape.latents)
    return CodeBlock(
      shape: shape, draws: draws,
      indices: uniforms.enumerated().map { index, uniform in
        let size = shape.categories(of: index % shape.latents)
        return min(Int32(size) - 1, Int32(Float(size) * uniform))
      })
  }

  /// Points inside the simplex.
  func soft(_ draws: Int) -> SoftBlock {
    let uniforms = RandomStream(key: key, row: 0, site: 1)
      .uniforms(from: 0, count: shape.count * draws).map { 0.2 + Double($0) }
    var points = uniforms
    for start in stride(from: 0, to: points.count, by: shape.categories) {
      let size = shape.categories(of: start / shape.categories % shape.latents)
      let range = start..<start + size
      for index in range.upperBound..<start + shape.categories { points[index] = 0 }
      let sum = uniforms[range].reduce(0, +)
      for index in range { points[index] /= sum }
    }
    return SoftBlock(shape: shape, draws: draws, points: points)
  }
}

extension CodeBlock {
  /// The same points as one-hot vectors.
  var corners: SoftBlock {
    var points = [Double](repeating: 0, count: shape.count * draws)
    for (index, code) in indices.enumerated() { points[index * shape.categories + Int(code)] = 1 }
    return SoftBlock(shape: shape, draws: draws, points: points)
  }
}

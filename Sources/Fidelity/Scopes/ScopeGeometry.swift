import Discrete
import Tensors

/// Where a number is measured: a named sum of parts. Part 0 is the logits, part `i` the `i`-th
/// parameter group.
public struct Scope: Sendable, Equatable {
  public let name: String
  /// Indices of the parts whose squared norms add up to the scope's.
  public let parts: [Int]
  /// Number of scalar coordinates.
  public let count: Int
}

/// The scopes of a problem and the inner products on them.
///
/// Vectors are logit gradients `[B][D][K]`; on a parameter group their inner product is that of
/// their pull-backs. Row forms `sum_b v_b^T G_b w_b` use the row Grams instead: for rows that draw
/// independently `tr Cov(theta-gradient) = sum_b tr(Cov(g_b) G_b)`.
public struct ScopeGeometry: Sendable {
  public let shape: LayerShape
  public let scopes: [Scope]
  /// Number of parts: the logits and every parameter group that some scope uses.
  public let partCount: Int
  private let pullback: (any ParameterPullback)?
  /// Whether the problem has parameters upstream, measured or not.
  let hasParameters: Bool

  /// - Parameter scopes: what to measure; a problem without upstream parameters has its logits
  ///   as parameters.
  public init(problem: any DiscreteProblem, scopes choices: [MeasureScope]) {
    let layers = choices.contains(.layers)
    let all = choices.contains(.all)
    shape = problem.shape
    let groups = problem.pullback?.groups ?? []
    hasParameters = !groups.isEmpty
    pullback = (layers || all) && !groups.isEmpty ? problem.pullback : nil
    var scopes: [Scope] = []
    if choices.contains(.logits) || pullback == nil {
      // Padding is no coordinate.
      let count = shape.rows * shape.packedWidth
      scopes.append(Scope(name: "logits", parts: [0], count: count))
    }
    if pullback != nil {
      if layers {
        for (index, group) in groups.enumerated() {
          scopes.append(Scope(name: group.name, parts: [index + 1], count: group.count))
        }
      }
      if all {
        scopes.append(
          Scope(
            name: "all", parts: Array(1...groups.count), count: groups.reduce(0) { $0 + $1.count }))
      }
    }
    self.scopes = scopes
    partCount = pullback == nil ? 1 : groups.count + 1
  }

  /// - Parameter pullback: with the groups that `scopes` name.
  init(
    shape: LayerShape, scopes: [Scope], partCount: Int, pullback: any ParameterPullback
  ) {
    self.shape = shape
    self.scopes = scopes
    self.partCount = partCount
    self.pullback = pullback
    hasParameters = true
  }

  /// The vector itself and its pull-back to every parameter group.
  public func parts(of vector: [Double]) -> [[Double]] {
    guard let pullback else { return [vector] }
    return [vector] + pullback.pullBack(vector)
  }

  /// A vector that is 0 outside some rows, for inner products on every part.
  ///
  /// - Parameter rows: nil for all.
  func partial(_ vector: [Double], rows: [Int]? = nil) -> PartVector {
    PartVector(logits: vector, pulled: pullback?.norms.partial(vector, rows: rows))
  }

  /// Squared norms on every part.
  func squares(_ vector: PartVector) -> [Double] {
    let logits = ScopeGeometry.dots([vector.logits], [vector.logits])
    guard let pullback, let pulled = vector.pulled else { return logits }
    return logits + pullback.norms.squaredNorms(pulled)
  }

  /// What others are multiplied with for their inner products with this one: `PartVector.products`.
  func image(_ vector: PartVector) -> [[Double]] {
    guard let pullback, let pulled = vector.pulled else { return [vector.logits] }
    return [vector.logits] + pullback.norms.image(pulled)
  }

  /// Squared norms of the pull-back on every scope of parameters, in the order of
  /// `parameterScopes`; empty where there is none.
  public func parameterSquares(_ vector: [Double]) -> [Double] {
    guard let pullback else { return [] }
    let squares = pullback.squaredNorms(vector)
    return parameterScopes.map { $0.parts.reduce(0) { $0 + squares[$1 - 1] } }
  }

  /// The scopes other than the logits.
  public var parameterScopes: [Scope] { scopes.filter { $0.parts != [0] } }

  /// Inner product of two vectors on every part.
  public static func dots(_ a: [[Double]], _ b: [[Double]]) -> [Double] {
    zip(a, b).map { a, b in
      a.withUnsafeBufferPointer { a in
        b.withUnsafeBufferPointer { b in
          guard let x = a.baseAddress, let y = b.baseAddress else { return 0 }
          return Double.dot(a.count, x, y)
        }
      }
    }
  }

  /// Sums of part values over the parts of every scope.
  func scopeSums(_ parts: [Double]) -> [Double] {
    scopes.map { scope in scope.parts.reduce(0) { $0 + parts[$1] } }
  }

  /// The Gram matrices `G_b` of one row on every part beyond the logits.
  public func rowGrams(_ row: Int) -> [[Double]] { grams(row).map(\.values) }

  /// The same with the precision of their numbers.
  func grams(_ row: Int) -> [RowGram] { pullback?.rowGrams(row) ?? [] }

  /// `tr(C G_b)` on every part for a `DK x DK` matrix `C` of one row.
  public func traces(_ matrix: [Double], grams: [[Double]]) -> [Double] {
    let width = shape.width
    var trace = 0.0
    for index in 0..<width { trace += matrix[index * width + index] }
    return [trace] + ScopeGeometry.dots(grams, grams.map { _ in matrix })
  }
}

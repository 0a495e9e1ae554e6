/// What a surrogate hands to the encoder and to the codes of one row.
public struct SurrogateEstimate: Sendable {
  /// At `z_e`, `[tokens][d]`.
  public var points: [Double]
  /// The task's gradient at each codebook, `[K][d']`, in the order of `Quantiser.codebooks`.
  public var codebooks: [[Double]]

  public init(points: [Double], codebooks: [[Double]]) {
    self.points = points
    self.codebooks = codebooks
  }
}

/// A rule that carries the decoder's gradient `h = dL/dy` over a quantiser, which has none of its own: an estimator
/// whose estimates stand at `z_e`, the quantiser's input, and not at logits.
///
/// Like other estimators it is two parts, and neither calls the oracle: `forward` says where the decoder is
/// evaluated, `backward` what is made of its gradient there. Jacobians `dy/dz_e` have the output as row: the gradient
/// is their transpose times `h`.
public protocol Surrogate: GradientEstimator {
  /// Quantisers that it is made for.
  var quantisers: [Quantiser.Kind] { get }

  /// Uniforms of one estimate; 0, the default, where nothing is random.
  func uniforms(_ point: QuantisedPoint) -> Int

  /// Where the decoder is evaluated, `[tokens][d]`; by default the quantised point.
  func forward(_ point: QuantisedPoint, uniforms: [Double]) throws -> [Double]

  /// One estimate.
  ///
  /// - Parameter h: `dL/dy` where the decoder was evaluated, `[tokens][d]`.
  /// - Throws: `DiscreteError.notFinite` where the rule means nothing.
  func backward(_ point: QuantisedPoint, _ h: [Double], uniforms: [Double]) throws
    -> SurrogateEstimate
}

extension Surrogate {
  public func uniforms(_ point: QuantisedPoint) -> Int { 0 }

  public func forward(_ point: QuantisedPoint, uniforms: [Double]) throws -> [Double] {
    point.quantised
  }

  /// Nothing is drawn, and no oracle of the layer is called.
  public var plan: EvaluationPlan { EvaluationPlan(samples: 0, overQuantiser: true) }
  public var traits: EstimatorTraits { EstimatorTraits(ragged: .served) }

  /// There is no estimate at the logits: not a number.
  public func combine(_ row: RowLogits, _ draws: RowDraws, into estimates: inout [Double]) {
    for index in estimates.indices { estimates[index] = .nan }
  }

  /// One estimate. Cost: one gradient of the cost.
  public func estimate(_ point: QuantisedPoint, uniforms: [Double] = []) throws -> SurrogateEstimate
  {
    let h = try point.decoded(forward(point, uniforms: uniforms)).gradient
    return try backward(point, h, uniforms: uniforms)
  }

  /// Why it cannot be measured on a problem, as the end of a sentence that begins with its name; nil where it can.
  public func refusal(on problem: any DiscreteProblem) -> String? {
    guard let kind = problem.quantiser?.quantisedPoints.first?.quantiser.kind else {
      return
        "carries a gradient over a quantiser, and this problem has none; take a problem of kind 'json' with a quantiser, or 'vq-autoencoder'"
    }
    guard !quantisers.contains(kind) else { return nil }
    return "\(purpose), and this quantiser is of kind \(kind.rawValue)"
  }

  /// `is made for ...`, in messages.
  public var purpose: String {
    "is made for \(quantisers.map(\.rawValue).joined(separator: ", "))"
  }
}

extension Quantiser.Kind {
  /// Quantisers with codes of several coordinates, each the nearest of a codebook.
  public static let nearest: [Quantiser.Kind] = [.vq, .product, .multiHead]
}

extension QuantisedPoint {
  /// Calls `body` with each unit, its number in the token, the place of its first coordinate, and its category.
  public func forEachUnit(
    _ body: (_ unit: QuantiserUnit, _ index: Int, _ first: Int, _ category: Int) throws -> Void
  ) rethrows {
    for (latent, category) in quantiser.categories(of: points).enumerated() {
      let (unit, index, coordinates) = quantiser.unit(ofLatent: latent)
      try body(unit, index, coordinates.lowerBound, category)
    }
  }

  /// Gradients of 0 at every codebook.
  public var zeroCodebooks: [[Double]] {
    quantiser.codebooks.map { [Double](repeating: 0, count: $0.count) }
  }

  /// Adds a gradient of a unit's coordinates to the code that it chose: to that of every stage, for the sum of stages
  /// moves with each.
  public func add(
    _ gradient: [Double], unit: Int, category: Int, to codebooks: inout [[Double]]
  ) {
    let width = gradient.count
    func add(_ book: Int, _ code: Int) {
      for axis in 0..<width { codebooks[book][code * width + axis] += gradient[axis] }
    }
    guard quantiser.kind == .residual else {
      return add(codebooks.count == 1 ? 0 : unit, category)
    }
    for (stage, code) in stageCodes(category).enumerated() { add(stage, code) }
  }

  /// The code of every stage of a joint code.
  public func stageCodes(_ category: Int) -> [Int] {
    var rest = category
    return quantiser.codebooks.reversed().map { book in
      let count = book.count / quantiser.dimension
      defer { rest /= count }
      return rest % count
    }.reversed()
  }
}

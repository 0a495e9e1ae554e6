import Discrete

/// Logits and a cost. The logits are the parameters, unless a pull-back says what is upstream.
public struct CostProblem: DiscreteProblem {
  public let logits: Logits
  public let oracle: any CostOracle
  public let pullback: (any ParameterPullback)?
  /// `F[D][K]` of a separable cost.
  private let terms: [Double]?

  /// - Throws: `DiscreteError.shape` if logits and cost are of different layers.
  public init(
    logits: Logits, cost: any SharedCost, pullback: (any ParameterPullback)? = nil
  ) throws {
    try self.init(
      logits: logits, oracle: SharedCostOracle(rows: logits.shape.rows, cost: cost),
      separableTerms: cost.separableTerms, pullback: pullback)
  }

  /// - Parameter separableTerms: `F[D][K]` where every row's cost is
  ///   `constant + sum_d F[d, z_d]`.
  /// - Throws: `DiscreteError.shape` if logits and oracle are of different layers.
  public init(
    logits: Logits, oracle: any CostOracle, separableTerms: [Double]? = nil,
    pullback: (any ParameterPullback)? = nil
  ) throws {
    try checkLayer(logits.shape, against: oracle.shape)
    if let separableTerms {
      try checkCoefficients("separable terms", separableTerms, count: logits.shape.width)
    }
    self.logits = logits
    self.oracle = oracle
    self.pullback = pullback
    terms = separableTerms
  }

  /// `(1/T) J(p) F` of each latent, `p = softmax(phi / T)`: the other latents add a constant to
  /// `f`, which `J(p)` removes. Nil unless the cost is separable. Cost: `O(B D K)`.
  public func closedFormGradient(temperature: Double) -> [Double]? {
    guard let terms else { return nil }
    let shape = logits.shape
    var gradient: [Double] = []
    gradient.reserveCapacity(shape.count)
    for row in 0..<shape.rows {
      let p = logits.row(row).probabilities(temperature: temperature)
      for latent in 0..<shape.latents {
        let range = latent * shape.categories..<(latent + 1) * shape.categories
        let mean = range.reduce(0.0) { $0 + p[$1] * terms[$1] }
        gradient += range.map { p[$0] * (terms[$0] - mean) / temperature }
      }
    }
    return gradient
  }
}

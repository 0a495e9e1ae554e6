import Discrete

/// Logits and a cost. The logits are the parameters, unless a pull-back says what is upstream.
public struct CostProblem: DiscreteProblem {
  public let logits: Logits
  public let oracle: any CostOracle
  public let pullback: (any ParameterPullback)?
  private let sharedCost: (any SharedCost)?

  /// - Throws: `DiscreteError.shape` if logits and cost are of different layers.
  public init(
    logits: Logits, cost: any SharedCost, pullback: (any ParameterPullback)? = nil
  ) throws {
    try self.init(
      logits: logits, oracle: SharedCostOracle(shape: logits.shape, cost: cost),
      sharedCost: cost, pullback: pullback)
  }

  /// - Parameter sharedCost: the cost behind the oracle, where it is one that all rows share.
  /// - Throws: `DiscreteError.shape` if logits and oracle are of different layers.
  public init(
    logits: Logits, oracle: any CostOracle, sharedCost: (any SharedCost)? = nil,
    pullback: (any ParameterPullback)? = nil
  ) throws {
    try checkLayer(logits.shape, against: oracle.shape)
    self.logits = logits
    self.oracle = oracle
    self.sharedCost = sharedCost
    self.pullback = pullback
  }

  /// `(1/T) J(p_d) F_d` of each latent, `p = softmax(phi / T)`, `F[d, k] = E[f | z_d = k]`. Nil
  /// unless all rows share a cost that is separable or a polynomial of degree 3, and where it is not
  /// finite. Cost: `O(B D K)`, for polynomials `O(B (D K)^2)`.
  public func closedFormGradient(temperature: Double) -> [Double]? {
    let shape = logits.shape
    var gradient: [Double] = []
    gradient.reserveCapacity(shape.count)
    for row in 0..<shape.rows {
      let own = logits.row(row)
      let p = own.probabilities(temperature: temperature)
      guard var terms = sharedCost?.conditionalMeans(p) else { return nil }
      terms.removeGradientConstants(at: own.likeliestCodes, shape.categories)
      for latent in 0..<shape.latents {
        let range = latent * shape.categories..<(latent + 1) * shape.categories
        let mean = range.reduce(0.0) { $0 + p[$1] * terms[$1] }
        gradient += range.map { p[$0] * (terms[$0] - mean) / temperature }
      }
    }
    return gradient.allSatisfy(\.isFinite) ? gradient : nil
  }
}

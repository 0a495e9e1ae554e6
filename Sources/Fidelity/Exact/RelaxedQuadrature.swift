import Discrete
import Tensors

/// Moments of an estimator whose forward point is soft on one row: an integral over its Gumbel noise.
///
/// Only differences of perturbed logits matter: `K - 1` variables a latent, with the multivariate
/// logistic density. One variable (or one per latent, for separable costs): adaptive
/// Gauss-Kronrod. Two: the trapezoidal rule, halved until it stands. More, or two with kinks, and
/// noise beside the forward's: randomly shifted lattices with their own standard error.
package struct RelaxedQuadrature {
  /// Of the row alone.
  let oracle: any CostOracle
  let row: RowLogits
  /// Key of the lattice's random shifts.
  let key: UInt64
  let workers: Int
  /// Of the row's points.
  let allowance: PointAllowance

  package init(
    oracle: any CostOracle, row: RowLogits, key: UInt64, workers: Int = 1,
    allowance: PointAllowance = .oneRow
  ) {
    self.oracle = oracle
    self.allowance = allowance
    self.row = row
    self.key = key
    self.workers = workers
  }

  /// Nil for surrogates with fresh noise beyond 16 variables in all, and where the allowance does not
  /// reach: these are sampled.
  package func moments(_ estimator: any GradientEstimator) throws -> ExactMoments? {
    let plan = estimator.plan
    guard RelaxedQuadrature.serves(estimator, oracle, allowance),
      case .sample(let temperature) = plan.law
    else { return nil }
    guard plan.perturbed else {
      let only = try estimates(
        estimator, perturbed: [Double](repeating: 0, count: row.values.count), count: 1)
      return ExactMoments(RowMoments(weights: [1], vectors: only, width: row.values.count))
    }
    if let lattice = lattice(estimator) { return try lattice.moments() }
    let integrand = NoiseIntegrand(
      latents: row.latents, categories: row.categories,
      locations: row.values.map { $0 / temperature },
      estimates: { try estimates(estimator, perturbed: $0, count: $1) })
    let rounding = oracle.capabilities.precision == .single ? 1e-6 : 0
    return RelaxedQuadrature.rule(estimator, oracle, allowance) == .adaptive
      ? try AdaptiveLogistic(integrand: integrand, rounding: rounding).moments()
      : try LogisticTrapezoid(
        integrand: integrand, rounding: rounding,
        limit: allowance.points(LogisticTrapezoid.mostNodes)
      ).moments()
  }

  private enum Rule { case adaptive, trapezoid, lattice }

  private static func rule(
    _ estimator: any GradientEstimator, _ oracle: any CostOracle, _ allowance: PointAllowance
  ) -> Rule {
    let shape = oracle.shape
    if estimator.plan.freshNoise { return .lattice }
    if shape.categories == 2 && (shape.latents == 1 || oracle.capabilities.separable) {
      return .adaptive
    }
    let variables = shape.latents * (shape.categories - 1)
    // The first two rules alone have some 2^17 nodes over two variables.
    let isGrid =
      variables <= 2 && estimator.smoothInNoise
      && allowance.permits(1 << 17, of: LogisticTrapezoid.mostNodes)
    return isGrid ? .trapezoid : .lattice
  }

  /// Wider layers are sampled: covariances have `(DK)^2` entries, and lattices keep one a shift.
  private static func widthLimit(_ rule: Rule) -> Int { rule == .adaptive ? 4096 : 1024 }

  /// Whether such an estimator is integrated here.
  static func serves(
    _ estimator: any GradientEstimator, _ oracle: any CostOracle, _ allowance: PointAllowance
  ) -> Bool {
    let plan = estimator.plan
    guard case .sample = plan.law, oracle.capabilities.softPoints else { return false }
    let (shape, isFresh) = (oracle.shape, plan.freshNoise)
    guard shape.width <= widthLimit(rule(estimator, oracle, allowance)) else { return false }
    return allowance.permits(
      RaceIntegrand.fewestPoints(shape, freshNoise: isFresh), of: RaceIntegrand.mostPoints)
      && (!isFresh
        || RaceIntegrand.variables(shape, freshNoise: true) <= LatticeRule.severalVariables)
  }

  /// The lattice that integrates such an estimator; nil where another rule does.
  func lattice(_ estimator: any GradientEstimator) -> ShiftedLattice? {
    let plan = estimator.plan
    guard plan.perturbed, case .sample(let temperature) = plan.law,
      RelaxedQuadrature.serves(estimator, oracle, allowance),
      RelaxedQuadrature.rule(estimator, oracle, allowance) == .lattice
    else { return nil }
    let integrand = RaceIntegrand(
      latents: row.latents, categories: row.categories,
      locations: row.values.map { $0 / temperature }, noiseWidth: estimator.noiseWidth,
      hasFreshNoise: plan.freshNoise, isSmooth: estimator.smoothInNoise,
      allowance: allowance, estimates: { try estimates(estimator, $0) })
    return ShiftedLattice(integrand: integrand, key: key, workers: workers)
  }

  /// Estimates at given perturbed logits, `[count][D][K]`.
  private func estimates(
    _ estimator: any GradientEstimator, perturbed: [Double], count: Int
  ) throws -> [Double] {
    try estimates(estimator, RowDraws(count: count, perturbed: perturbed))
  }

  private func estimates(
    _ estimator: any GradientEstimator, _ draws: RowDraws
  ) throws -> [Double] {
    var draws = draws
    guard let points = try estimator.checkedSoftPoints(row, draws) else {
      throw DiscreteError.unsupported("this estimator has no soft points")
    }
    let costs = try oracle.costs(
      at: SoftBlock(shape: oracle.shape, draws: draws.count, points: points), gradients: true)
    draws.softGradients = costs.gradients
    return try estimator.estimates(row, draws)
  }
}

/// Estimates as a function of the perturbed logits of one row.
struct NoiseIntegrand {
  let latents: Int
  let categories: Int
  /// `phi / T`: the location of the Gumbel noise.
  let locations: [Double]
  /// From `count` perturbed logits `[count][D][K]` to as many estimates.
  let estimates: (_ perturbed: [Double], _ count: Int) throws -> [Double]

  var width: Int { latents * categories }

  /// Points evaluated in one call.
  static let batch = 8192
}

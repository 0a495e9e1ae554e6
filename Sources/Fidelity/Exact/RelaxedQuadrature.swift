import Discrete
import Tensors

/// Moments of an estimator whose forward point is soft on one row: an integral over its Gumbel noise.
///
/// Only differences of perturbed logits matter: `K - 1` variables a latent, with the multivariate
/// logistic density. One variable (or one per latent, for separable costs): adaptive
/// Gauss-Kronrod in panels that end at kinks and jumps. Two (or two per latent of a few): the same, one variable
/// inside the other, for estimates that jump, bend or change within a fifth; else the trapezoidal rule, halved until it
/// stands. More, and noise beside the forward's: randomly shifted lattices with their own standard error.
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
      case .sample(let temperature) = plan.distribution
    else { return nil }
    guard plan.perturbed else {
      let only = try estimates(
        estimator, perturbed: [Double](repeating: 0, count: row.values.count), count: 1)
      return ExactMoments(RowMoments(weights: [1], vectors: only, width: row.values.count))
    }
    if let lattice = lattice(estimator) { return try lattice.moments() }
    let integrand = NoiseIntegrand(
      latents: row.latents, categories: row.categories,
      locations: row.values.map { $0 / temperature }, noiseWidth: estimator.traits.noiseWidth,
      breaks: NoiseBreaks(estimator, oracle.capabilities.kinks, row),
      rounding: NoiseIntegrand.rounding(oracle),
      estimates: { try estimates(estimator, perturbed: $0, count: $1) })
    let rule = RelaxedQuadrature.rule(estimator, oracle, allowance)
    guard rule != .adaptive, RelaxedQuadrature.isLatentByLatent(oracle) else {
      return try moments(integrand, rule)
    }
    var parts: [ExactMoments] = []
    for latent in 0..<row.latents {
      guard let part = try moments(integrand.latent(latent), rule) else { return nil }
      parts.append(part)
    }
    return ExactMoments(independent: parts, of: row.shape)
  }

  private func moments(_ integrand: NoiseIntegrand, _ rule: Rule) throws -> ExactMoments? {
    switch rule {
    case .adaptive: return try AdaptiveLogistic(integrand: integrand).moments()
    case .nested: return try NestedLogistic(integrand: integrand).moments()
    case .trapezoid, .lattice:
      return try LogisticTrapezoid(
        integrand: integrand, limit: allowance.points(LogisticTrapezoid.mostNodes)
      ).moments()
    }
  }

  private enum Rule { case adaptive, nested, trapezoid, lattice }

  /// Latents of three categories under a separable cost that are integrated one after the other.
  private static let mostLatents = 8

  /// Whether latents that the cost does not join are integrated each by itself, with two variables.
  private static func isLatentByLatent(_ oracle: any CostOracle) -> Bool {
    let shape = oracle.shape
    return shape.categories == 3 && !shape.isRagged && (2...mostLatents).contains(shape.latents)
      && oracle.capabilities.separable
  }

  /// Below this width the nested rule is the quicker one.
  private static let narrow = 0.2

  private static func rule(
    _ estimator: any GradientEstimator, _ oracle: any CostOracle, _ allowance: PointAllowance
  ) -> Rule {
    let shape = oracle.shape
    if estimator.plan.freshNoise { return .lattice }
    if shape.categories == 2 && (shape.latents == 1 || oracle.capabilities.separable) {
      return .adaptive
    }
    let latents = isLatentByLatent(oracle) ? shape.latents : 1
    let variables = shape.freeCategories / latents
    guard variables <= 2 else { return .lattice }
    // The first two rules alone have some 2^17 nodes over two variables.
    let isGrid = allowance.permits(latents << 17, of: LogisticTrapezoid.mostNodes)
    let isKinked = !estimator.traits.smoothInNoise || !oracle.capabilities.kinks.isEmpty
    let isNested =
      variables == 2 && !oracle.capabilities.bends
      && (isKinked || estimator.traits.noiseWidth < narrow)
      && allowance.permits(latents * NestedLogistic.points, of: LogisticTrapezoid.mostNodes)
    if isNested { return .nested }
    return isGrid && !isKinked ? .trapezoid : .lattice
  }

  /// Wider layers are sampled: covariances have `(DK)^2` entries, and lattices keep one a shift.
  private static func widthLimit(_ rule: Rule) -> Int { rule == .adaptive ? 4096 : 1024 }

  /// Whether such an estimator is integrated here.
  static func serves(
    _ estimator: any GradientEstimator, _ oracle: any CostOracle, _ allowance: PointAllowance
  ) -> Bool {
    let plan = estimator.plan
    guard case .sample = plan.distribution, oracle.capabilities.softPoints else { return false }
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
    guard plan.perturbed, case .sample(let temperature) = plan.distribution,
      RelaxedQuadrature.serves(estimator, oracle, allowance),
      RelaxedQuadrature.rule(estimator, oracle, allowance) == .lattice
    else { return nil }
    let integrand = RaceIntegrand(
      row, temperature: temperature, noiseWidth: estimator.traits.noiseWidth,
      hasFreshNoise: plan.freshNoise, isSmooth: estimator.traits.smoothInNoise,
      allowance: allowance, estimates: { try estimates(estimator, $0) })
    return ShiftedLattice(
      integrand: integrand, key: key, workers: workers,
      rounding: NoiseIntegrand.latticeRounding(oracle))
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
    return try estimator.checkedEstimates(row, draws)
  }
}

import Discrete

/// The way in which the moments of an estimator are got on a problem, before anything is measured.
public enum MomentRoute: String, Sendable, CaseIterable {
  /// Sums over the oracle table, with an integral over noise where there is some.
  case table
  /// An integral over the noise of a soft forward, or over noise beside a hard one.
  case quadrature
  /// Sums latent by latent under a separable cost.
  case separable
  case monteCarlo = "monte-carlo"

  /// The route that a session takes. Estimates that are not finite are sampled all the same.
  ///
  /// - Parameter table: whether joint states are tabulated: nil: not; else with gradients or not.
  public static func route(
    _ estimator: any GradientEstimator, on problem: any DiscreteProblem, moments: MomentsChoice,
    table: Bool?
  ) -> MomentRoute {
    guard moments != .monteCarlo else { return .monteCarlo }
    let plan = estimator.plan
    let allowance = PointAllowance(estimator, problem.oracle, moments)
    if plan.relaxed {
      return RelaxedQuadrature.serves(estimator, problem.oracle, allowance)
        ? .quadrature : .monteCarlo
    }
    if let table, !plan.gradients || table {
      let summed =
        (!plan.hardGradients || table) && hasExactMoments(estimator, problem)
        || FiniteExpectation.outcomes(estimator, of: problem, gradients: table) != nil
      if summed { return .table }
      let integrated =
        StateNoiseIntegrand.serves(estimator, problem.shape, allowance)
        && StateEstimates.serves(
          estimator.plan(for: problem.shape), on: problem.oracle, gradients: table)
      return integrated ? .quadrature : .monteCarlo
    }
    guard SeparableMoments.serves(problem.oracle), plan.gradients,
      estimator is any LocallyLinearEstimator, hasExactMoments(estimator, problem)
    else { return .monteCarlo }
    return .separable
  }

  /// Moments of the estimator's own: what it says, or else tried on a single latent.
  static func hasExactMoments(
    _ estimator: any GradientEstimator, _ problem: any DiscreteProblem
  ) -> Bool {
    if let known = estimator.hasExactMoments(on: problem.shape.with(rows: 1)) { return known }
    let size = problem.shape.categories
    let row = RowLogits(
      latents: 1, categories: size, values: Array(problem.logits.row(0).values.prefix(size)))
    let states = RowStates(
      row: row, law: estimator.plan.law, codes: (0..<size).map(Int32.init),
      values: [Double](repeating: 0, count: size),
      gradients: estimator.plan.gradients ? [Double](repeating: 0, count: size * size) : [],
      quadratureStep: 1)
    return (try? estimator.exactMoments(row, states)) != nil
  }
}

import Discrete

/// The way in which the moments of an estimator are got.
public enum MomentRoute: String, Sendable, CaseIterable {
  /// The estimator's own sums over the tabulated joint codes, with an integral over noise where there is some.
  case jointCodes = "states"
  /// A sum over all outcomes of its draws and of its own uniforms, each fed through `combine`.
  case outcomes
  /// A lattice over the noise beside a hard forward, in every joint code.
  case jointCodeNoise = "state-noise"
  /// An integral over the noise of a soft forward.
  case softNoise = "soft-noise"
  /// The estimator's own sums latent by latent, under a separable cost.
  case latents
  /// The rule of a surrogate on the quantised rows, with a lattice over its noise where it has some.
  case surrogate
  /// Draws.
  case draws

  /// Whether the numbers have errors of an integral.
  public var isIntegral: Bool { self == .jointCodeNoise || self == .softNoise }
}

/// How the moments of one estimator on one problem are got, and why they are drawn where they are.
///
/// Made here alone, from the problem, the estimator and the settings. `FidelitySession` executes it, `gradfid
/// plan` prints it, the store keeps it.
public struct MomentPlan: Sendable, Equatable {
  public let route: MomentRoute
  /// Why no exact moments are to be had, with the remedy; nil where they are, or were not asked for.
  public let reason: String?

  /// - Parameters:
  ///   - moments: which routes are open.
  ///   - table: whether joint codes are tabulated: nil: not; else with gradients or not.
  ///   - maxJointCodes: most joint codes that may be.
  ///
  /// Cost: for estimators that do not know whether they have a form, one trial on a single latent.
  public init(
    _ estimator: any GradientEstimator, on problem: any DiscreteProblem, moments: MomentsChoice,
    table: Bool?, maxJointCodes: Int = TargetSettings().maxJointCodes
  ) {
    if estimator.surrogate != nil {
      self.init(.surrogate)
      return
    }
    guard moments != .monteCarlo else {
      self.init(.draws)
      return
    }
    let plan = estimator.plan
    let allowance = PointAllowance(estimator, problem.oracle, moments)
    if plan.relaxed {
      if RelaxedQuadrature.serves(estimator, problem.oracle, allowance) {
        self.init(.softNoise)
      } else {
        self.init(.draws, Self.softRefusal(estimator, problem, moments))
      }
      return
    }
    if let table, !plan.gradients || table {
      self.init(onTable: estimator, of: problem, gradients: table, allowance)
      return
    }
    if SeparableMoments.serves(problem.oracle), plan.gradients,
      estimator.linear != nil, Self.hasForm(estimator, problem)
    {
      self.init(.latents)
      return
    }
    let bounds = EnumerationBounds(shape: problem.shape, maxJointCodes: maxJointCodes)
    self.init(
      .draws,
      bounds.refusal(.moments, gradients: plan.hardGradients)
        ?? "the cost has no gradients at hard points")
  }

  private init(_ route: MomentRoute, _ reason: String? = nil) {
    self.route = route
    self.reason = reason
  }

  private init(
    onTable estimator: any GradientEstimator, of problem: any DiscreteProblem, gradients: Bool,
    _ allowance: PointAllowance
  ) {
    let hasCosts = !estimator.plan.hardGradients || gradients
    if hasCosts, Self.hasForm(estimator, problem) {
      self.init(.jointCodes)
    } else if FiniteExpectation.outcomes(estimator, of: problem, gradients: gradients) != nil {
      self.init(.outcomes)
    } else if JointCodeNoiseIntegrand.serves(estimator, problem.shape, allowance),
      JointCodeEstimates.serves(
        estimator.plan(for: problem.shape), on: problem.oracle, gradients: gradients)
    {
      self.init(.jointCodeNoise)
    } else if !hasCosts {
      self.init(.draws, "the cost has no gradients at hard points")
    } else {
      let shape = problem.shape
      self.init(
        .draws,
        "it has no sum or integral on \(shape.latents) latents of \(shape.categoriesText); "
          + "use moments 'auto' or 'monte-carlo', fewer latents, categories or samples")
    }
  }

  /// Why the noise of a soft forward is not integrated.
  private static func softRefusal(
    _ estimator: any GradientEstimator, _ problem: any DiscreteProblem, _ moments: MomentsChoice
  ) -> String {
    let shape = problem.shape
    guard problem.oracle.capabilities.softPoints else {
      return "the cost is not defined inside the simplex"
    }
    if moments != .exact, shape.rows > 1,
      RelaxedQuadrature.serves(estimator, problem.oracle, .oneRow)
    {
      return
        "the integrals of \(shape.rows) rows take more work than 'auto' allows: use moments 'exact', or fewer rows"
    }
    return
      "its noise has too many variables on \(shape.latents) latents of \(shape.categoriesText); use moments 'auto' or 'monte-carlo', fewer latents or categories"
  }

  /// Moments of the estimator's own: what it says, or else tried on a single latent.
  static func hasForm(
    _ estimator: any GradientEstimator, _ problem: any DiscreteProblem
  ) -> Bool {
    guard let exact = estimator.exact else { return false }
    if let known = exact.hasExactMoments(on: problem.shape.with(rows: 1)) { return known }
    let shape = problem.shape
    // Of as many categories as any has.
    let most = (0..<shape.latents).first { shape.categories(of: $0) == shape.categories } ?? 0
    let row = problem.logits.row(0).latent(most)
    let size = row.categories
    let jointCodes = RowJointCodes(
      row: row, distribution: estimator.plan.distribution, codes: (0..<size).map(Int32.init),
      values: [Double](repeating: 0, count: size),
      gradients: estimator.plan.gradients ? [Double](repeating: 0, count: size * size) : [],
      quadratureStep: 1)
    do {
      return try exact.exactMoments(row, jointCodes) != nil
    } catch {
      // It has a form, and a cell that fails.
      return true
    }
  }
}

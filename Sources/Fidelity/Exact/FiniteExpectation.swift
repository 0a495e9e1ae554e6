import Discrete

/// Moments of an estimator whose randomness is finite: a sum over all outcomes of its draws and of
/// its own uniforms, each fed through `combine` as it stands.
struct FiniteExpectation {
  let source: JointCodeEstimates

  private var row: RowLogits { source.row }
  private var jointCodes: RowJointCodes { source.jointCodes }

  /// Most outcomes that are summed over, and most numbers held at once.
  private static let outcomeLimit = 1 << 18
  private static let numberLimit = 1 << 23
  private static let chunk = 2048

  /// Nil where the outcomes are not finite, or too many: the estimator is then sampled.
  ///
  /// Cost: one combine step per outcome.
  ///
  /// - Parameter most: outcomes after which to stop, for a trial of the time it takes.
  func moments(_ estimator: any GradientEstimator, most: Int = .max) throws -> ExactMoments? {
    try outcomes(estimator, most: most).map {
      ExactMoments(RowMoments(weights: $0.weights, vectors: $0.vectors, width: jointCodes.width))
    }
  }

  /// All outcomes of one estimate: their probabilities and the estimates `[count][DK]`. Nil as above,
  /// or where there are more than `limit`.
  func outcomes(
    _ estimator: any GradientEstimator, most: Int = .max, limit: Int = .max
  ) throws -> (weights: [Double], vectors: [Double])? {
    let plan = estimator.plan(for: source.oracle.shape)
    guard !plan.relaxed, let atoms = estimator.uniformAtoms(row), source.serves(plan) else {
      return nil
    }
    guard atoms.fit(plan.probes, latents: row.latents) else {
      throw DiscreteError.shape(
        "\(type(of: estimator)) lists outcomes of other uniforms than its plan has")
    }
    let samples = JointCodeEstimates.samples(plan)
    let radices = Self.radices(plan, atoms, jointCodes: jointCodes.count)
    guard let outcomes = Self.product(radices, width: jointCodes.width), outcomes <= limit else {
      return nil
    }
    var weights: [Double] = []
    var vectors: [Double] = []
    for start in stride(from: 0, to: min(outcomes, most), by: Self.chunk) {
      let chosen = (start..<min(start + Self.chunk, outcomes)).map { digits($0, radices) }
        .compactMap { digits -> Outcome? in
          let outcome = self.outcome(digits, samples: samples, atoms: atoms)
          return outcome.weight > 0 ? outcome : nil
        }
      guard !chosen.isEmpty else { continue }
      var draws = RowDraws(count: chosen.count)
      draws.uniforms = chosen.flatMap(\.uniforms)
      vectors += try source.estimates(
        estimator, draws,
        jointCodes: (0..<samples).map { sample in chosen.map { $0.jointCodes[sample] } })
      weights += chosen.map(\.weight)
    }
    return (weights, vectors)
  }

  /// Outcomes of an estimate of the first row of a problem whose joint codes are tabulated; nil
  /// where `moments` gives nil.
  ///
  /// - Parameter gradients: whether the table has gradients.
  static func outcomes(
    _ estimator: any GradientEstimator, of problem: any DiscreteProblem, gradients: Bool
  ) -> Int? {
    let plan = estimator.plan(for: problem.shape)
    guard !plan.relaxed, let jointCodes = problem.shape.jointCodes(limit: .max),
      let atoms = estimator.uniformAtoms(problem.logits.row(0)),
      JointCodeEstimates.serves(plan, on: problem.oracle, gradients: gradients)
    else { return nil }
    return product(radices(plan, atoms, jointCodes: jointCodes), width: problem.shape.width)
  }

  /// Choices of each sample, of the shared uniforms and of every latent's.
  private static func radices(_ plan: EvaluationPlan, _ atoms: UniformAtoms, jointCodes: Int)
    -> [Int]
  {
    Array(repeating: jointCodes, count: JointCodeEstimates.samples(plan)) + [atoms.shared.count]
      + atoms.latents.map(\.count)
  }

  private struct Outcome {
    var weight: Double
    /// Joint code of each sample.
    var jointCodes: [Int]
    var uniforms: [Double]
  }

  /// Nil above the limits.
  private static func product(_ radices: [Int], width: Int) -> Int? {
    let limit = min(outcomeLimit, numberLimit / max(1, width))
    var product = 1
    for radix in radices {
      let (next, overflow) = product.multipliedReportingOverflow(by: radix)
      if overflow || next > limit { return nil }
      product = next
    }
    return product
  }

  private func digits(_ index: Int, _ radices: [Int]) -> [Int] {
    var rest = index
    return radices.map { radix in
      defer { rest /= radix }
      return rest % radix
    }
  }

  private func outcome(_ digits: [Int], samples: Int, atoms: UniformAtoms) -> Outcome {
    let drawn = Array(digits[..<samples])
    let shared = atoms.shared[digits[samples]]
    var weight = drawn.reduce(shared.weight) { $0 * jointCodes.weights[$1] }
    var uniforms = shared.uniforms
    for (latent, list) in atoms.latents.enumerated() {
      let atom = list[digits[samples + 1 + latent]]
      weight *= atom.weight
      uniforms += atom.uniforms
    }
    return Outcome(weight: weight, jointCodes: drawn, uniforms: uniforms)
  }
}

/// Costs at the soft points of one row that do not vary from draw to draw.
struct FixedSoftCosts: Sendable {
  var values: [Double]
  var gradients: [Double]

  static func served(_ plan: ProbePlan, by oracle: any CostOracle) -> Bool {
    oracle.capabilities.softPoints && (!plan.softGradients || oracle.capabilities.gradients)
  }

  /// Of every row; nil where the plan has no fixed soft points or the oracle does not serve them.
  static func all(
    _ problem: any DiscreteProblem, _ estimator: any GradientEstimator
  ) throws -> [FixedSoftCosts]? {
    guard let plan = estimator.plan(for: problem.shape).probes, plan.softFixed, plan.soft > 0,
      served(plan, by: problem.oracle)
    else { return nil }
    var rows = (0..<problem.shape.rows).map { index in
      var draws = RowDraws(count: 1)
      draws.probes = Probes(
        soft: estimator.probing?.fixedSoftPoints(problem.logits.row(index)) ?? [])
      return draws
    }
    var soft = plan
    soft.codes = 0
    try ProbeEvaluation(oracle: problem.oracle, plan: soft).evaluate(&rows)
    return rows.map {
      FixedSoftCosts(values: $0.probes.softValues, gradients: $0.probes.softGradients)
    }
  }
}

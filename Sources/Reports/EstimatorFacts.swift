import Discrete
import Fidelity
import Tensors

/// What an estimator's defaults ask of an oracle, and whether its moments are exact: found by
/// building it, not by asking its author.
public struct EstimatorFacts: Sendable, Equatable {
  /// How the moments of one estimate are got on a layer of few joint states.
  public enum Moments: String, Sendable {
    /// A finite sum.
    case exact
    /// A quadrature over continuous noise.
    case quadrature
    /// Draws.
    case sampled
  }

  /// The layer that the facts were found on.
  public let layer: LayerShape
  /// Whether the calls grow with the layer.
  public let callsGrow: Bool
  /// Oracle values per estimate of one row.
  public let valueCalls: Int
  /// Oracle gradients per estimate of one row.
  public let gradientCalls: Int
  /// Needs `f` inside the simplex.
  public let softPoints: Bool
  /// Has a learned part.
  public let fitted: Bool
  public let moments: Moments

  /// Values, a gradient counted as three: the unit of `mse_cost`.
  public var calls: Int { valueCalls + 3 * gradientCalls }

  /// `2 values`, `1 gradient`, `1 value + 2 gradients`.
  public var callsInWords: String {
    func words(_ count: Int, _ noun: String) -> String? {
      count == 0 ? nil : "\(count) \(noun)\(count == 1 ? "" : "s")"
    }
    let parts = [words(valueCalls, "value"), words(gradientCalls, "gradient")].compactMap { $0 }
    return parts.isEmpty ? "none" : parts.joined(separator: " + ")
  }

  /// Facts of the defaults of an estimator; nil where it has a parameter without a default, or
  /// works on none of the small layers tried.
  ///
  /// Cost: one measurement on a toy of at most `3^2` joint states.
  public init?(_ descriptor: EstimatorDescriptor, problems: [ProblemDescriptor]) {
    guard let parameters = try? ResolvedParameters([:], specs: descriptor.parameters),
      let estimator = try? descriptor.make(parameters)
    else { return nil }
    guard let problem = EstimatorFacts.toy(descriptor, parameters, problems: problems),
      let moments = EstimatorFacts.moments(estimator, on: problem)
    else { return nil }
    self.moments = moments
    layer = problem.shape
    let plan = estimator.plan(for: layer)
    let wider = estimator.plan(
      for: LayerShape(rows: 1, latents: layer.latents + 1, categories: layer.categories))
    callsGrow =
      wider.valueCalls != plan.valueCalls || wider.gradientCalls != plan.gradientCalls
    valueCalls = plan.valueCalls
    gradientCalls = plan.gradientCalls
    softPoints = plan.relaxed || (plan.probes?.soft ?? 0) > 0
    fitted = estimator is any FittedEstimator
  }

  /// The first small layer that the estimator does not refuse.
  private static func toy(
    _ descriptor: EstimatorDescriptor, _ parameters: ResolvedParameters,
    problems: [ProblemDescriptor]
  ) -> (any DiscreteProblem)? {
    guard let kind = problems.first(where: { $0.name == "test-problem" }) else { return nil }
    for (latents, categories) in [(2, 3), (2, 2), (1, 4), (1, 2)] {
      let shape = LayerShape(rows: 1, latents: latents, categories: categories)
      guard descriptor.refusal(shape, parameters) == nil else { continue }
      let sizes: [String: ParameterValue] = [
        "latents": .integer(latents), "categories": .integer(categories),
      ]
      return try? kind.make(
        ResolvedParameters(sizes, specs: kind.parameters),
        ProblemEnvironment(baseDirectory: ".", dataDirectories: [], checkpointDirectory: "."))
    }
    return nil
  }

  private static func moments(
    _ estimator: any GradientEstimator, on problem: any DiscreteProblem
  ) -> Moments? {
    let session = FidelitySession(
      problem: problem, target: TargetSettings(),
      measure: MeasureSettings(
        scopes: [.logits], draws: 16, blocks: 8, perDrawSamples: 0, gap: false),
      key: RandomKey(seed: 1))
    let reports = try? session.run([FidelityRequest(estimator: estimator, law: .own)])
    switch reports?.first {
    case .success(let report)?:
      switch report.moments {
      case .exact: return .exact
      case .quadrature: return .quadrature
      case .monteCarlo: return .sampled
      }
    default: return nil
    }
  }
}

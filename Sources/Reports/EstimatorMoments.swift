import Discrete
import Fidelity
import Tensors

/// How the moments of an estimator's defaults are got on a layer of few joint codes: found by
/// measuring it.
public enum EstimatorMoments: String, Sendable {
  /// A finite sum.
  case exact
  /// A quadrature over continuous noise.
  case quadrature
  /// Draws.
  case sampled

  /// Nil where the estimator has no `EstimatorFacts`, or cannot be measured.
  ///
  /// Cost: one measurement on a toy. Latents that are independent share their way, so one latent is
  /// enough for an estimator that takes it: a quadrature over two may take seconds.
  public init?(_ descriptor: EstimatorDescriptor, problems: [ProblemDescriptor]) {
    guard let layer = EstimatorFacts(descriptor)?.layer else { return nil }
    self.init(descriptor, latents: 1, of: layer, problems: problems)
  }

  /// The same on more latents of a layer that the estimator does not refuse.
  public init?(
    _ descriptor: EstimatorDescriptor, latents: Int, of layer: LayerShape,
    problems: [ProblemDescriptor]
  ) {
    guard let parameters = try? ResolvedParameters([:], specs: descriptor.parameters),
      let estimator = try? descriptor.make(parameters), estimator.surrogate == nil,
      let kind = problems.first(where: { $0.name == "test-problem" })
    else { return nil }
    let narrow = LayerShape(rows: 1, latents: latents, categories: layer.categories)
    let shape = descriptor.refusal(narrow, parameters) == nil ? narrow : layer
    let sizes: [String: ParameterValue] = [
      "latents": .integer(shape.latents), "categories": .integer(shape.categories),
    ]
    let problem = try? kind.make(
      ResolvedParameters(sizes, specs: kind.parameters),
      ProblemEnvironment(baseDirectory: ".", dataDirectories: [], checkpointDirectory: "."))
    guard let problem else { return nil }
    // Integrals over many noise variables take seconds: that there is one is enough.
    if MomentPlan(estimator, on: problem, moments: .auto, table: true).route.isIntegral {
      self = .quadrature
      return
    }
    let session = FidelitySession(
      problem: problem, target: TargetSettings(),
      measure: MeasureSettings(
        scopes: [.logits], draws: 16, blocks: 8, perDrawSamples: 0, gap: false),
      key: RandomKey(seed: 1))
    let reports = try? session.run([FidelityRequest(estimator: estimator, distribution: .own)])
    guard case .success(let report)? = reports?.first else { return nil }
    switch report.moments {
    case .exact: self = .exact
    case .quadrature: self = .quadrature
    case .monteCarlo: self = .sampled
    }
  }
}

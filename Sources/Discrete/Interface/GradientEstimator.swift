import Tensors

/// The law of the hard forward points.
public enum ForwardLaw: Hashable, Sendable {
  /// `z ~ Cat(softmax(phi / temperature))`, latent by latent.
  case sample(temperature: Double)
  /// `z = onehot argmax phi`, the first category on ties: nothing is drawn.
  case mode

  /// Probabilities `[D][K]` of the law for one row.
  public func probabilities(_ row: RowLogits) -> [Double] {
    switch self {
    case .sample(let temperature): return row.probabilities(temperature: temperature)
    case .mode:
      var law = [Double](repeating: 0, count: row.values.count)
      for (latent, code) in CategoricalSampler.argmax(row.values, categories: row.categories)
        .enumerated()
      {
        law[latent * row.categories + Int(code)] = 1
      }
      return law
    }
  }
}

/// Which points one estimate needs evaluated, and how.
///
/// The engine groups estimators by `law`, draws the points once and feeds every combine step of
/// the group.
public struct EvaluationPlan: Hashable, Sendable {
  /// The law of the hard draws.
  public var law: ForwardLaw
  /// Independent hard draws per estimate.
  public var samples: Int
  /// `f` is needed at every hard draw.
  public var values: Bool
  /// `df/dz` is needed at the first hard draw.
  public var gradients: Bool
  /// The perturbed forward logits (`phi / T + Gumbel`, whose argmax is the first draw) are needed.
  public var perturbed: Bool
  /// Gumbel noise independent of the draw is needed.
  public var freshNoise: Bool
  /// `df/dz` is needed at `softPoints` instead of at hard draws.
  public var relaxed: Bool
  /// Points of the estimator's own choice; nil where the draws of the law are all it needs.
  public var probes: ProbePlan?

  public init(
    law: ForwardLaw = .sample(temperature: 1), samples: Int = 1, values: Bool = false,
    gradients: Bool = false, perturbed: Bool = false, freshNoise: Bool = false,
    relaxed: Bool = false, probes: ProbePlan? = nil
  ) {
    self.law = law
    self.samples = samples
    self.values = values
    self.gradients = gradients
    self.perturbed = perturbed
    self.freshNoise = freshNoise
    self.relaxed = relaxed
    self.probes = probes
  }

  /// Whether the draws of the law, with their noise, are all that an estimate is made from.
  public var usesDrawsAlone: Bool { !relaxed && probes == nil }

  /// Whether `df/dz` is needed at hard points.
  public var hardGradients: Bool { gradients || probes?.codeGradients == true }

  /// Why an oracle cannot serve the plan; nil where it can.
  public func refusal(_ capabilities: OracleCapabilities) -> String? {
    let soft = relaxed || (probes?.soft ?? 0) > 0
    let softSlopes = relaxed || (soft && probes?.softGradients == true)
    if soft && !capabilities.softPoints {
      return "asks for the cost inside the simplex, and this cost is known at one-hot points alone"
    }
    if (hardGradients || softSlopes) && !capabilities.gradients {
      return "asks for df/dz, and this cost has no gradients"
    }
    return nil
  }

  /// Oracle values per estimate of one row (a gradient call returns its value too).
  public var valueCalls: Int {
    let probed = probes.map { ($0.codeGradients ? 0 : $0.codes) + ($0.softGradients ? 0 : $0.soft) }
    return (values ? samples - (gradients ? 1 : 0) : 0) + (probed ?? 0)
  }
  /// Oracle gradients per estimate of one row.
  public var gradientCalls: Int {
    let probed = probes.map { ($0.codeGradients ? $0.codes : 0) + ($0.softGradients ? $0.soft : 0) }
    return (gradients ? 1 : 0) + (relaxed ? 1 : 0) + (probed ?? 0)
  }
}

/// Evaluated draws of one row: everything a combine step may look at.
public struct RowDraws: Sendable {
  /// Number of estimates.
  public var count: Int
  /// Category indices `[count][latents]` of each sample of the estimates.
  public var codes: [[Int32]]
  /// `f` at each sample's codes, `[count]`.
  public var values: [[Double]]
  /// `df/dz` at the first sample's codes, `[count][latents][categories]`.
  public var gradients: [Double]
  /// `phi/T + Gumbel` with the first sample's codes as argmax, up to a shift per latent,
  /// `[count][latents][categories]`.
  public var perturbed: [Double]
  /// Gumbel noise independent of the codes, `[count][latents][categories]`.
  public var freshNoise: [Double]
  /// `df/dz` at the estimator's own soft points, `[count][latents][categories]`.
  public var softGradients: [Double]
  /// The estimator's own uniform numbers, `[count][shared + D * latent]`; see `ProbePlan`.
  public var uniforms: [Double] = []
  /// The estimator's own points with their costs; see `ProbePlan`.
  public var probes = Probes()

  public init(
    count: Int, codes: [[Int32]] = [], values: [[Double]] = [], gradients: [Double] = [],
    perturbed: [Double] = [], freshNoise: [Double] = [], softGradients: [Double] = []
  ) {
    self.count = count
    self.codes = codes
    self.values = values
    self.gradients = gradients
    self.perturbed = perturbed
    self.freshNoise = freshNoise
    self.softGradients = softGradients
  }
}

/// A gradient estimator with fixed hyper-parameters: a plan (which points to evaluate) and a
/// combine step (from the evaluated points to gradient estimates). Neither calls an oracle.
public protocol GradientEstimator: Sendable {
  var plan: EvaluationPlan { get }

  /// The plan on layers of one shape. It differs from `plan` only in the numbers of points and
  /// uniforms of its probes, where these depend on the layer (all neighbours of a draw, say). The
  /// default is `plan`.
  func plan(for shape: LayerShape) -> EvaluationPlan

  /// Estimates of `d/dphi E f` of one row, `[count][latents][categories]`.
  ///
  /// Pure: the same input gives the same bits. `estimates` has `count * D * K` elements, all of
  /// which are overwritten.
  func combine(_ row: RowLogits, _ draws: RowDraws, into estimates: inout [Double])

  /// The soft points coupled to the hard draws, `[count][latents][categories]`: where a relaxed
  /// plan asks for gradients, and against which the gradient gap is measured. Nil: no such point.
  func softPoints(_ row: RowLogits, _ draws: RowDraws) -> [Double]?

  /// Whether `softPoints` differ from draw to draw.
  var softPointsVary: Bool { get }

  /// Whether a relaxed estimate is a smooth function of its noise; false where it jumps or has
  /// kinks, which quadrature must know.
  var smoothInNoise: Bool { get }

  /// Continuous functions of the noise of a relaxed estimate, some for every latent and of that latent
  /// alone, at whose zeros the estimate jumps or bends: `[count][D][functions]`. Integrals are split
  /// there. Empty, the default, where there are none, or none that are known.
  func edges(_ row: RowLogits, _ draws: RowDraws) -> [Double]

  /// The temperature that the forward point is made at: of the law of the hard draws, or of the soft
  /// points of a relaxed forward; nil where it has none (a mode). The default is that of `plan.law`,
  /// and nil for a relaxed plan.
  var forwardTemperature: Double? { get }

  /// The temperature of the surrogate whose Jacobian carries `df/dz` to the logits; nil where there is
  /// none, which is the default.
  var backwardTemperature: Double? { get }

  /// The difference of two perturbed logits within which an estimate goes from what it is where the
  /// one is the larger to what it is where the other is: for a softmax of them, its temperature. The
  /// default is 1; quadratures resolve what is narrower only where this says so.
  var noiseWidth: Double { get }

  /// The largest factor by which an estimate multiplies `df/dz`, beside the scores: `1/tau` of a surrogate
  /// softmax. Rounding is judged by it. The default is `1/noiseWidth`.
  var slopeGain: Double { get }

  /// Whether second moments are integrals over the estimator's noise that points of a lattice in
  /// place of random numbers approach: false where they are infinite, or where uniforms key random
  /// streams. The default is true.
  var hasIntegrableNoise: Bool { get }

  /// Which moments of one estimate exist on a layer of this shape. The default is all.
  func tail(on shape: LayerShape) -> EstimateTail

  /// Numbers of the tables that `probes` and `combine` make of one row, where they grow faster than `D K`:
  /// layers on which they take too much are refused. The default is 0.
  func tableNumbers(on shape: LayerShape) -> Double

  /// The points of a plan with `probes`, chosen from the draws and from `draws.uniforms`; without
  /// costs.
  ///
  /// Pure: the same input gives the same bits.
  func probes(_ row: RowLogits, _ draws: RowDraws) -> Probes

  /// The soft points of a plan with `softFixed`, `[soft][D][K]`; `probes` names the same.
  func fixedSoftPoints(_ row: RowLogits) -> [Double]

  /// The estimator's own uniform numbers as a finite list of outcomes over which its first and
  /// second moments are exact; nil where there is none. The default serves estimators without
  /// uniforms and Gumbel noise.
  func uniformAtoms(_ row: RowLogits) -> UniformAtoms?

  /// Mean and covariance of one estimate of one row, summed over all joint states.
  ///
  /// Nil where the estimator has no form of its own: the engine then sums over all outcomes of the
  /// draws and of `uniformAtoms` where they are few, and samples otherwise.
  func exactMoments(_ row: RowLogits, _ states: RowStates) throws -> ExactMoments?

  /// How the estimator works on latents of different numbers of categories. The default refuses them.
  var raggedLayers: RaggedLayers { get }

  /// Constants in the cost that no estimate, or no mean, depends on; they are taken away before
  /// anything is rounded. The default is none, which is always right.
  var ignoredConstants: CostConstants { get }

  /// Whether `exactMoments` has moments on a row of a layer of this shape, for a forecast; nil where
  /// that shows on a single latent of as many categories, which is the default.
  func hasExactMoments(on shape: LayerShape) -> Bool?
}

extension GradientEstimator {
  public func plan(for shape: LayerShape) -> EvaluationPlan { plan }
  public func softPoints(_ row: RowLogits, _ draws: RowDraws) -> [Double]? { nil }
  public var softPointsVary: Bool { true }
  public var smoothInNoise: Bool { true }
  public func edges(_ row: RowLogits, _ draws: RowDraws) -> [Double] { [] }
  public var forwardTemperature: Double? {
    guard case .sample(let temperature) = plan.law, !plan.relaxed else { return nil }
    return temperature
  }
  public var backwardTemperature: Double? { nil }
  public var noiseWidth: Double { 1 }
  public var slopeGain: Double { 1 / noiseWidth }
  public var hasIntegrableNoise: Bool { true }
  public func tail(on shape: LayerShape) -> EstimateTail { .light }
  public func tableNumbers(on shape: LayerShape) -> Double { 0 }
  public func probes(_ row: RowLogits, _ draws: RowDraws) -> Probes { Probes() }
  public func fixedSoftPoints(_ row: RowLogits) -> [Double] { [] }
  public func uniformAtoms(_ row: RowLogits) -> UniformAtoms? {
    let plan = plan(for: row.shape)
    guard !plan.perturbed, !plan.freshNoise, (plan.probes?.uniforms(latents: row.latents) ?? 0) == 0
    else { return nil }
    return .none(latents: row.latents)
  }
  public func exactMoments(_ row: RowLogits, _ states: RowStates) throws -> ExactMoments? { nil }
  public var raggedLayers: RaggedLayers { .undeclared }
  public var ignoredConstants: CostConstants { [] }
  public func hasExactMoments(on shape: LayerShape) -> Bool? { nil }
}

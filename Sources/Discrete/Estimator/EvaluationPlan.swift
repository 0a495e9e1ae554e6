import Tensors

/// The distribution of the hard forward points.
public enum ForwardDistribution: Hashable, Sendable {
  /// `z ~ Cat(softmax(phi / temperature))`, latent by latent.
  case sample(temperature: Double)
  /// `z = onehot argmax phi`, the first category on ties: nothing is drawn.
  case mode

  /// Probabilities `[D][K]` of the distribution for one row.
  public func probabilities(_ row: RowLogits) -> [Double] {
    switch self {
    case .sample(let temperature): return row.probabilities(temperature: temperature)
    case .mode:
      var distribution = [Double](repeating: 0, count: row.values.count)
      for (latent, code) in CategoricalSampler.argmax(row.values, categories: row.categories)
        .enumerated()
      {
        distribution[latent * row.categories + Int(code)] = 1
      }
      return distribution
    }
  }
}

/// Which points one estimate needs evaluated, and how.
///
/// The engine groups estimators by `distribution`, draws the points once and feeds every combine step of
/// the group.
public struct EvaluationPlan: Hashable, Sendable {
  /// The distribution of the hard draws.
  public var distribution: ForwardDistribution
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
  /// `dL/dy` is needed where a surrogate evaluates the decoder behind a quantiser.
  public var overQuantiser: Bool
  /// Points of the estimator's own choice; nil where the draws of the distribution are all it needs.
  public var probes: ProbePlan?

  public init(
    distribution: ForwardDistribution = .sample(temperature: 1), samples: Int = 1,
    values: Bool = false,
    gradients: Bool = false, perturbed: Bool = false, freshNoise: Bool = false,
    relaxed: Bool = false, overQuantiser: Bool = false, probes: ProbePlan? = nil
  ) {
    self.distribution = distribution
    self.samples = samples
    self.values = values
    self.gradients = gradients
    self.perturbed = perturbed
    self.freshNoise = freshNoise
    self.relaxed = relaxed
    self.overQuantiser = overQuantiser
    self.probes = probes
  }

  /// Whether the draws of the distribution, with their noise, are all that an estimate is made from.
  public var usesDrawsAlone: Bool { !relaxed && probes == nil }

  /// Whether `df/dz` is needed at hard points.
  public var hardGradients: Bool { gradients || probes?.codeGradients == true }

  /// Why an oracle cannot serve the plan; nil where it can.
  public func refusal(_ capabilities: OracleCapabilities) -> String? {
    let soft = relaxed || (probes?.soft ?? 0) > 0
    let softGradients = relaxed || (soft && probes?.softGradients == true)
    if soft && !capabilities.softPoints {
      return "asks for the cost inside the simplex, and this cost is known at one-hot points alone"
    }
    if (hardGradients || softGradients) && !capabilities.gradients {
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
    return (gradients ? 1 : 0) + (relaxed ? 1 : 0) + (overQuantiser ? 1 : 0) + (probed ?? 0)
  }
}

/// A gradient estimator with fixed hyper-parameters: a plan (which points to evaluate) and a
/// combine step (from the evaluated points to gradient estimates). Neither calls an oracle.
///
/// These two are all that an estimator must have. What is known of it as numbers stands in `traits`.
/// What it can do beyond that it says by conforming to refinements; the accessors at the end are then
/// its own, and nobody writes them but a wrapper, which passes on those of what it wraps.
public protocol GradientEstimator: Sendable {
  var plan: EvaluationPlan { get }

  /// Estimates of `d/dphi E f` of one row, `[count][latents][categories]`.
  ///
  /// Pure: the same input gives the same bits. `estimates` has `count * D * K` elements, all of
  /// which are overwritten.
  func combine(_ row: RowLogits, _ draws: RowDraws, into estimates: inout [Double])

  /// Temperatures, noise, tails and constants. The default is right for a smooth estimator without
  /// heavy tails whose temperature is that of its distribution.
  var traits: EstimatorTraits { get }

  /// Itself, where it has soft points coupled to its draws.
  var coupled: (any SoftPointEstimator)? { get }
  /// Itself, where it chooses points of its own.
  var probing: (any ProbingEstimator)? { get }
  /// Itself, where it has exact moments of its own.
  var exact: (any ExactEstimator)? { get }
  /// Itself, where one estimate is linear in the costs of its own points, latent by latent.
  var latentwise: (any LatentwiseEstimator)? { get }
  /// Itself, where one estimate is linear in `df/dz`, latent by latent.
  var linear: (any LocallyLinearEstimator)? { get }
  /// Itself, where a compiled kernel can form its estimates.
  var fused: (any FusedEstimator)? { get }
  /// Itself, where it has a part to be fitted before it is measured.
  var learned: (any FittedEstimator)? { get }
  /// Itself, where its estimates stand at the input of a quantiser and not at logits.
  var surrogate: (any Surrogate)? { get }
}

extension GradientEstimator {
  public var traits: EstimatorTraits { EstimatorTraits() }
  public var coupled: (any SoftPointEstimator)? { nil }
  public var probing: (any ProbingEstimator)? { nil }
  public var exact: (any ExactEstimator)? { nil }
  public var latentwise: (any LatentwiseEstimator)? { nil }
  public var linear: (any LocallyLinearEstimator)? { nil }
  public var fused: (any FusedEstimator)? { nil }
  public var learned: (any FittedEstimator)? { nil }
  public var surrogate: (any Surrogate)? { nil }
}

extension GradientEstimator where Self: SoftPointEstimator {
  public var coupled: (any SoftPointEstimator)? { self }
}
extension GradientEstimator where Self: ProbingEstimator {
  public var probing: (any ProbingEstimator)? { self }
}
extension GradientEstimator where Self: ExactEstimator {
  public var exact: (any ExactEstimator)? { self }
}
extension GradientEstimator where Self: LatentwiseEstimator {
  public var latentwise: (any LatentwiseEstimator)? { self }
}
extension GradientEstimator where Self: LocallyLinearEstimator {
  public var linear: (any LocallyLinearEstimator)? { self }
}
extension GradientEstimator where Self: FusedEstimator {
  public var fused: (any FusedEstimator)? { self }
}
extension GradientEstimator where Self: FittedEstimator {
  public var learned: (any FittedEstimator)? { self }
}
extension GradientEstimator where Self: Surrogate {
  public var surrogate: (any Surrogate)? { self }
}

extension GradientEstimator {
  /// The plan on layers of one shape, with the numbers of points and uniforms of its probes.
  public func plan(for shape: LayerShape) -> EvaluationPlan {
    probing?.plan(for: shape) ?? plan
  }

  /// The temperature that the forward point is made at: of the distribution of the hard draws, or of the soft
  /// points of a relaxed forward; nil where it has none (a mode).
  public var forwardTemperature: Double? {
    if let own = traits.forwardTemperature { return own }
    guard case .sample(let temperature) = plan.distribution, !plan.relaxed else { return nil }
    return temperature
  }

  /// The estimator's own uniform numbers as a finite list of outcomes over which its first and second
  /// moments are exact; nil where there is none.
  public func uniformAtoms(_ row: RowLogits) -> UniformAtoms? {
    if let probing { return probing.uniformAtoms(row) }
    return noAtoms(row)
  }

  /// The one outcome of no uniforms; nil where the plan has noise or uniforms.
  func noAtoms(_ row: RowLogits) -> UniformAtoms? {
    let plan = plan(for: row.shape)
    guard !plan.perturbed, !plan.freshNoise, (plan.probes?.uniforms(latents: row.latents) ?? 0) == 0
    else { return nil }
    return .none(latents: row.latents)
  }
}

/// The family an estimator belongs to; also the folder its file lives in.
public enum EstimatorFamily: String, Sendable, CaseIterable {
  case scoreFunction = "score-function"
  case straightThrough = "straight-through"
  case relaxation
}

/// Which layers an estimator works on.
public enum EstimatorDomain: String, Sendable, CaseIterable {
  case binary
  case categorical
  case both
}

/// What is known of an estimator's bias against the gradient of the sampled law.
public enum BiasClass: String, Sendable, CaseIterable {
  case unbiased
  case biased
  /// Unbiased for another objective than the class-S one.
  case ownTarget = "own-target"
}

/// Everything the catalogue, `list`, `describe` and the study-file checks know of an estimator.
public struct EstimatorDescriptor: Sendable {
  /// Kind in study files, in kebab case.
  public let name: String
  public let family: EstimatorFamily
  public let domain: EstimatorDomain
  public let bias: BiasClass
  public let summary: String
  /// One estimate, in the notation of the definitions page.
  public let formula: String
  /// Costs on which the estimator is exact in expectation.
  public let exactOn: String
  /// Oracle calls per estimate of one row, in words.
  public let cost: String
  public let source: String
  /// Known traps, one sentence each.
  public let traps: [String]
  public let parameters: [ParameterSpec]
  /// Builds the estimator; the parameters were resolved against `parameters`.
  public let make: @Sendable (ResolvedParameters) throws -> any GradientEstimator
  /// Warnings for a list of resolved settings that differ only in `axis`.
  public let inertParameters: @Sendable (ResolvedParameters) -> [(name: String, reason: String)]

  public init(
    name: String, family: EstimatorFamily, domain: EstimatorDomain = .both, bias: BiasClass,
    summary: String, formula: String, exactOn: String, cost: String, source: String,
    traps: [String] = [], parameters: [ParameterSpec] = [],
    inertParameters:
      @escaping @Sendable (ResolvedParameters) -> [(
        name: String, reason: String
      )] = { _ in [] },
    make: @escaping @Sendable (ResolvedParameters) throws -> any GradientEstimator
  ) {
    self.name = name
    self.family = family
    self.domain = domain
    self.bias = bias
    self.summary = summary
    self.formula = formula
    self.exactOn = exactOn
    self.cost = cost
    self.source = source
    self.traps = traps
    self.parameters = parameters
    self.inertParameters = inertParameters
    self.make = make
  }
}

/// The family an estimator belongs to; also the folder its file lives in.
public enum EstimatorFamily: String, Sendable, CaseIterable {
  case scoreFunction = "score-function"
  case coupled
  case straightThrough = "straight-through"
  case relaxation
  /// Over a quantiser, at its input.
  case surrogate
}

/// Which layers an estimator works on.
public enum EstimatorDomain: String, Sendable, CaseIterable {
  case binary
  case categorical
  case both
}

/// What is known of an estimator's bias against the gradient of the sampled distribution.
public enum BiasClass: String, Sendable, CaseIterable {
  case unbiased
  case biased
  /// Unbiased for another objective than the class-S one.
  case ownTarget = "own-target"
}

/// What holds for every single estimate, whatever the draw, the layer and the setting; tests hold
/// every estimator to it.
public struct EstimatorInvariants: Sendable, Equatable {
  /// The estimate of each latent sums to 0 over the categories.
  public var sumsToZero: Bool
  /// A constant added to the cost changes nothing.
  public var costShift: Bool
  /// A cost times `a` gives an estimate times `a`.
  public var costScale: Bool
  /// Renaming the categories renames the estimate's coordinates, in distribution; false where the order of
  /// the categories matters.
  public var permutation: Bool

  public init(
    sumsToZero: Bool = true, costShift: Bool = true, costScale: Bool = true,
    permutation: Bool = true
  ) {
    self.sumsToZero = sumsToZero
    self.costShift = costShift
    self.costScale = costScale
    self.permutation = permutation
  }
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
  /// Known traps, one sentence each; also where a formula has not been verified against its source.
  public let traps: [String]
  public let invariants: EstimatorInvariants
  public let parameters: [ParameterSpec]
  /// Number of the form of the numbers that this kind gives: part of the hash of its cells. Raise it
  /// where a change makes other numbers of the same setting, so that stored ones are measured again.
  public let numbersFormat: Int
  /// Builds the estimator; the parameters were resolved against `parameters`.
  public let make: @Sendable (ResolvedParameters) throws -> any GradientEstimator
  /// Why the estimator cannot work on a layer beyond its domain, with the remedy; nil where it can.
  public let layerRefusal: @Sendable (LayerShape, ResolvedParameters) -> String?
  /// Warnings for a list of resolved settings that differ only in `axis`.
  public let inertParameters: @Sendable (ResolvedParameters) -> [(name: String, reason: String)]

  public init(
    name: String, family: EstimatorFamily, domain: EstimatorDomain = .both, bias: BiasClass,
    summary: String, formula: String, exactOn: String, cost: String, source: String,
    traps: [String] = [], invariants: EstimatorInvariants = EstimatorInvariants(),
    parameters: [ParameterSpec] = [], numbersFormat: Int = 1,
    layerRefusal: @escaping @Sendable (LayerShape, ResolvedParameters) -> String? = { _, _ in nil },
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
    self.invariants = invariants
    self.parameters = parameters
    self.numbersFormat = numbersFormat
    self.layerRefusal = layerRefusal
    self.inertParameters = inertParameters
    self.make = make
  }

  /// Whether what it makes stands at the input of a quantiser and not at logits.
  public func isSurrogate(_ parameters: ResolvedParameters) -> Bool {
    (try? make(parameters))?.surrogate != nil
  }

  /// Why the estimator cannot work on a layer, with the remedy; nil where it can.
  public func refusal(_ shape: LayerShape, _ parameters: ResolvedParameters) -> String? {
    if domain == .binary && (shape.categories != 2 || shape.isRagged) {
      return
        "'\(name)' works on binary latents, and this problem has \(shape.categoriesText); give categories: 2, or take an estimator of the domain 'both'"
    }
    if domain == .categorical && (shape.levels.min() ?? shape.categories) < 3 {
      let found = shape.isRagged ? shape.categoriesText : "\(shape.categories)"
      return
        "'\(name)' works on 3 or more categories, and this problem has \(found); take an estimator of the domain 'both'"
    }
    return layerRefusal(shape, parameters)
  }
}

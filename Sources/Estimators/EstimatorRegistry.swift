import Discrete

/// The zoo: every estimator that study files, `list` and `describe` know.
///
/// To add one, write its file in the folder of its family and add its line here.
public enum EstimatorRegistry {
  public static let all: [EstimatorDescriptor] = [
    .reinforce,
    .reinforceLeaveOneOut,
    .enumeration,
    .reinforceConstantBaseline,
    .localEnumeration,
    .measureValued,
    .bitflip,
    .stochasticPerturbation,
    .muProp,
    .simpleMuProp,
    .doubleControlVariate,
    .doubleControlVariateTuned,
    .rodeo,
    .rodeoTuned,
    .sumAndSample,
    .unorderedSet,
    .reinforceMovingAverage,
    .learnedBaseline,
    .reinforceIndependent,
    .augmentReinforce,
    .stratifiedReinforce,
    .systematicReinforce,
    .importanceReinforce,
    .rebar,
    .rebarTuned,
    .relax,
    .reinforceWithoutReplacement,
    .directOptimisation,
    .vimco,
    .disARM,
    .arm,
    .arms,
    .ars,
    .arsm,
    .unbiasedGradientCombination,
    .categoricalARMS,
    .disARMImportance,
    .disARMSticks,
    .disARMTree,
    .identityStraightThrough,
    .straightThrough,
    .gumbelSoftmax,
    .gumbelSparsemax,
    .gumbelEntmax15,
    .gaussianSoftmax,
    .hardConcrete,
    .sparseMarginalisation,
    .uniformPath,
    .reDGE,
    .straightThroughGumbelSoftmax,
    .decoupledStraightThrough,
    .decoupledStraightThroughGumbelSoftmax,
    .reinMax,
    .darn,
    .halfEstimator,
    .betaFamily,
    .rungeKuttaAlpha,
    .minimumVariance,
    .smoothedPerturbation,
    .gappedStraightThrough,
    .gumbelRao,
    .reinMaxRao,
    .hardStraightThrough,
    .implicitMLE,
    .adaptiveImplicitMLE,
    .subsetStraightThrough,
  ]

  /// Estimators over a quantiser, whose estimates stand at its input: they are no part of `all`, for they work on no
  /// layer of logits.
  public static let surrogates: [EstimatorDescriptor] = [
    .straightThroughSurrogate,
    .clippedSurrogate,
    .fsqSurrogate,
    .tanhSurrogate,
    .hardTanhSurrogate,
    .dspikeSurrogate,
    .resteSurrogate,
    .synchronisedSurrogate,
    .rotationSurrogate,
    .diveqSurrogate,
    .nsvqSurrogate,
    .residualSurrogate,
    .residualSynchronisedSurrogate,
  ]

  /// The descriptor of a kind, or nil.
  public static func named(_ name: String) -> EstimatorDescriptor? {
    (all + surrogates).first { $0.name == name }
  }

  /// An estimator from its kind and parameters; defaults are filled in.
  /// - Throws: `DiscreteError.parameter` for an unknown kind or parameter, or a value out of range.
  public static func make(
    _ name: String, _ parameters: [String: ParameterValue] = [:]
  ) throws -> any GradientEstimator {
    guard let descriptor = named(name) else {
      throw DiscreteError.parameter("unknown estimator kind '\(name)'")
    }
    return try descriptor.make(ResolvedParameters(parameters, specs: descriptor.parameters))
  }
}

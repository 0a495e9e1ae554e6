import Discrete
import Tensors

/// One estimator held against one target law.
public struct FidelityRequest: Sendable {
  public var estimator: any GradientEstimator
  public var law: TargetLaw

  public init(estimator: any GradientEstimator, law: TargetLaw) {
    self.estimator = estimator
    self.law = law
  }
}

/// The answer to one request.
public struct FidelityReport: Sendable {
  public var numbers: [FidelityNumber]
  public var moments: MomentMethod
  public var target: TargetGradient.Method
  /// Wall-clock time, with an equal share of what the requests of a batch share.
  public var seconds: Double
}

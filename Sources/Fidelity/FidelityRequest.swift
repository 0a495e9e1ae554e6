import Discrete
import Tensors

/// One estimator held against one target distribution.
public struct FidelityRequest: Sendable {
  public var estimator: any GradientEstimator
  public var distribution: TargetDistribution
  /// What to call the estimator in messages: its kind, or the name of its type.
  public var name: String

  public init(
    estimator: any GradientEstimator, distribution: TargetDistribution, name: String? = nil
  ) {
    self.estimator = estimator
    self.distribution = distribution
    self.name = name ?? "\(type(of: estimator))"
  }

  /// The request with the estimator as it works on layers of a shape (`GradientEstimator.adapted`).
  ///
  /// - Throws: `DiscreteError.unsupported` where it does not.
  public func adapted(to shape: LayerShape) throws -> FidelityRequest {
    var request = self
    if let refusal = estimator.raggedRefusal(on: shape) {
      throw DiscreteError.unsupported("'\(name)' \(refusal)")
    }
    request.estimator = try estimator.adapted(to: shape)
    return request
  }

  /// Temperature of the distribution whose gradient is the target.
  var targetTemperature: Double {
    guard distribution == .own, case .sample(let temperature) = estimator.plan.distribution else {
      return 1
    }
    return temperature
  }
}

/// The answer to one request.
public struct FidelityReport: Sendable {
  public var numbers: [FidelityNumber]
  public var moments: MomentMethod
  public var target: TargetGradient.Method
  /// Wall-clock time, with an equal share of what the requests of a batch share.
  public var seconds: Double
  /// False where a sampled target reached its limit of draws before the error asked for.
  public var isTargetPrecise: Bool
  /// False where the stop rule's limit of draws came before its standard error.
  public var hasPrecision: Bool
  /// The way that the moments were got: a `MomentRoute`, or a `DrawRoute` where they were drawn.
  public var route = ""
  /// Why they were drawn although exact ones were open; nil else.
  public var routeReason: String?
  /// Mean and variance of every single parameter; nil where they were not asked for.
  public var parameters: ParameterMoments?
}

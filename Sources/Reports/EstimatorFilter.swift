import Discrete

/// Which estimators a listing shows: all conditions must hold.
public struct EstimatorFilter: Sendable {
  public var family: EstimatorFamily?
  /// Estimators that work on such layers; `both`: those that work on all.
  public var domain: EstimatorDomain?
  public var unbiasedOnly = false
  /// Whether the oracle is asked for `df/dz`.
  public var needsGradient: Bool?
  /// Most oracle calls of the defaults, a gradient counted as three.
  public var maxCost: Int?

  public init() {}

  /// Whether nothing is asked.
  public var isEmpty: Bool {
    family == nil && domain == nil && !unbiasedOnly && needsGradient == nil && maxCost == nil
  }

  /// - Parameter facts: nil where there are none: such an estimator passes no condition on calls.
  public func admits(_ descriptor: EstimatorDescriptor, _ facts: EstimatorFacts?) -> Bool {
    if let family, descriptor.family != family { return false }
    if let domain, descriptor.domain != domain, descriptor.domain != .both { return false }
    if unbiasedOnly && descriptor.bias != .unbiased { return false }
    if let needsGradient {
      guard let facts, (facts.gradientCalls > 0) == needsGradient else { return false }
    }
    if let maxCost {
      guard let facts, facts.calls <= maxCost else { return false }
    }
    return true
  }
}

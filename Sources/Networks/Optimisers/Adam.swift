import Foundation

/// Adam (Kingma and Ba 2015, arXiv:1412.6980) with bias correction; weight decay is added to the
/// gradient.
///
/// With `g' = g + decay w`: `m = b1 m + (1 - b1) g'`, `v = b2 v + (1 - b2) g'^2`,
/// `w -= rate m' / (sqrt(v') + epsilon)`, `m' = m / (1 - b1^t)`, `v' = v / (1 - b2^t)`.
public struct Adam: OptimiserRule, Equatable {
  public let settings: AdamSettings

  public init(_ settings: AdamSettings = AdamSettings()) { self.settings = settings }

  public static let descriptor = OptimiserDescriptor(
    name: "adam", summary: "Adam with bias correction",
    formula: "w -= rate m' / (sqrt(v') + epsilon), g + weight-decay w in place of g",
    source: "Kingma and Ba 2015, arXiv:1412.6980", settings: AdamSettings.specs(weightDecay: 0)
  ) { Adam(AdamSettings($0)) }

  public var memory: [String] { ["first", "second"] }

  public func update<Scalar: NetworkScalar>(
    _ weights: inout [Scalar], _ gradient: [Scalar], _ moments: inout Moments<Scalar>, step: Int,
    rate: Double
  ) {
    AdamStep(settings, step: step, rate: rate, coupledDecay: settings.weightDecay)
      .take(&weights, gradient, &moments)
  }
}

extension AdamStep {
  /// Adam's own step.
  init(_ settings: AdamSettings, step: Int, rate: Double, coupledDecay: Double) {
    let correction1 = 1 - pow(settings.beta1, Double(step))
    let correction2 = 1 - pow(settings.beta2, Double(step))
    self.init(
      settings: settings, size: rate / correction1, root: 1 / correction2.squareRoot(),
      adaptive: true, coupledDecay: coupledDecay)
  }
}

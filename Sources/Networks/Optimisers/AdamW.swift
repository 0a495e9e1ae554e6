/// Adam with decoupled weight decay (Loshchilov and Hutter 2019, arXiv:1711.05101).
///
/// `w *= 1 - rate decay`, then a step of Adam without decay.
public struct AdamW: OptimiserRule, Equatable {
  public let settings: AdamSettings

  public init(_ settings: AdamSettings = AdamSettings(weightDecay: 0.01)) {
    self.settings = settings
  }

  public static let descriptor = OptimiserDescriptor(
    name: "adamw", summary: "Adam with decoupled weight decay",
    formula: "w *= 1 - rate weight-decay; w -= rate m' / (sqrt(v') + epsilon)",
    source: "Loshchilov and Hutter 2019, arXiv:1711.05101",
    settings: AdamSettings.specs(weightDecay: 0.01)
  ) { AdamW(AdamSettings($0)) }

  public var memory: [String] { ["first", "second"] }

  public func update<Scalar: NetworkScalar>(
    _ weights: inout [Scalar], _ gradient: [Scalar], _ moments: inout Moments<Scalar>, step: Int,
    rate: Double
  ) {
    multiply(&weights, by: Scalar(1 - rate * settings.weightDecay))
    AdamStep(settings, step: step, rate: rate, coupledDecay: 0)
      .take(&weights, gradient, &moments)
  }
}

import Foundation

/// Rectified Adam (Liu et al. 2020, arXiv:1908.03265): Adam whose adaptive step is switched on, and
/// scaled, by how well the running mean of the squared gradient is known; weight decay is added to
/// the gradient.
///
/// `w -= rate r m' sqrt(1 - b2^t) / (sqrt(v) + epsilon)` with the rectification `r` and the
/// bias-corrected mean `m'`, or `w -= rate m'` while there is no rectification.
public struct RectifiedAdam: OptimiserRule, Equatable {
  public let settings: AdamSettings

  public init(_ settings: AdamSettings = AdamSettings()) { self.settings = settings }

  public static let descriptor = OptimiserDescriptor(
    name: "radam", summary: "Rectified Adam",
    formula: "w -= rate r m' sqrt(1 - beta2^t) / (sqrt(v) + epsilon), or rate m' early on",
    source: "Liu et al. 2020, arXiv:1908.03265", settings: AdamSettings.specs(weightDecay: 0)
  ) { RectifiedAdam(AdamSettings($0)) }

  public var memory: [String] { ["first", "second"] }

  public func update<Scalar: NetworkScalar>(
    _ weights: inout [Scalar], _ gradient: [Scalar], _ moments: inout Moments<Scalar>, step: Int,
    rate: Double
  ) {
    let mean = rate / (1 - pow(settings.beta1, Double(step)))
    let rectification = rectification(step)
    let root = (1 - pow(settings.beta2, Double(step))).squareRoot()
    AdamStep(
      settings: settings, size: rectification.map { mean * $0 * root } ?? mean, root: 1,
      adaptive: rectification != nil, coupledDecay: settings.weightDecay
    ).take(&weights, gradient, &moments)
  }

  /// `sqrt((rho - 4)(rho - 2) rho_inf / ((rho_inf - 4)(rho_inf - 2) rho))` with
  /// `rho = rho_inf - 2 t b^t / (1 - b^t)`, `rho_inf = 2 / (1 - b) - 1`, `b = beta2`; nil where
  /// `rho <= 5`.
  private func rectification(_ step: Int) -> Double? {
    let power = pow(settings.beta2, Double(step))
    let longest = 2 / (1 - settings.beta2) - 1
    let length = longest - 2 * Double(step) * power / (1 - power)
    guard length > 5 else { return nil }
    return
      ((length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length))
      .squareRoot()
  }
}

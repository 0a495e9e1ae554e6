extension IntervalMethod {
  /// Squared norms of noisy vectors, and roots and ratios of them: `NormSpread`.
  public static let score = IntervalMethod(
    "score-t",
    "the values that a debiased squared norm does not speak against, its variance a "
      + "function of the value")
}

/// How the debiased square of a noisy vector's norm varies: `theta^ = ||x||^2 - tr(Sigma)` for
/// `E x = delta`, `Cov x = Sigma`.
///
///     Var(theta^) = 2 tr(Sigma^2) + 4 delta^T Sigma delta
///
/// The first term stays where `delta` vanishes, where the estimate of the second is noise: so the
/// interval is formed with the variance as a function of the true `theta` (a score interval), not
/// with the variance found at `theta^`.
struct NormSpread {
  /// `2 tr(Sigma^2)`: the variance at `theta = 0`.
  var null: Double
  /// `delta^T Sigma delta / ||delta||^2`, four times: variance per `theta`.
  var rate: Double
  /// `d Var / d theta` along the noise: `4 delta^T Sigma^2 delta / delta^T Sigma delta`, not below
  /// `rate`.
  var slope: Double

  /// - Parameters:
  ///   - null: `2 tr(Sigma^2)`.
  ///   - first: `x^T Sigma x`.
  ///   - second: `x^T Sigma^2 x`.
  ///   - square: `||x||^2`.
  init(null: Double, first: Double, second: Double, square: Double) {
    self.null = null
    rate = square > 0 ? 4 * first / square : 0
    slope = max(rate, first > 0 ? 4 * second / first : 0)
  }

  /// The variance at an estimate of `theta`.
  func variance(at estimate: Double) -> Double { null + rate * max(estimate, 0) }

  /// The values of `theta` that the estimate does not speak against:
  /// `(theta^ - theta)^2 <= t^2 V(theta)`, `V` linear from `variance` at the estimate down to
  /// `null`.
  static func interval(
    _ estimate: Double, null: Double, variance: Double, slope: Double, critical t: Double
  ) -> (low: Double, high: Double) {
    let shift = 0.5 * t * t * slope
    let root = t * max(variance + 0.25 * t * t * slope * slope, 0).squareRoot()
    let below = shift - root
    let low = variance + slope * below < null ? -t * null.squareRoot() : below
    return (estimate + low, estimate + shift + root)
  }
}

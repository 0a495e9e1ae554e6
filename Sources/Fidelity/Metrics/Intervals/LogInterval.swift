import Foundation

extension IntervalMethod {
  /// Variances: Student's interval on the logarithm.
  public static let logarithm = IntervalMethod(
    "log-t", "Student's quantile on the logarithm, for variances")
}

/// Intervals of positive numbers whose error is relative.
enum LogInterval {
  /// `x exp(-+ t r)` for the standard error `r` of `log x`.
  static func ends(
    _ value: Double, relative: Double, critical: Double
  ) -> (low: Double, high: Double) {
    let factor = exp(critical * relative)
    return (value / factor, value * factor)
  }
}

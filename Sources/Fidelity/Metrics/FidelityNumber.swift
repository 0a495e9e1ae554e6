import Foundation

/// How a set of moments was got.
public enum MomentMethod: String, Sendable {
  /// A finite sum: no error beyond rounding.
  case exact
  /// Numerical integration with a stated error.
  case quadrature
  case monteCarlo = "monte-carlo"
}

/// One measured number with its error.
public struct FidelityNumber: Sendable, Equatable {
  public var scope: String
  public var metric: Metric
  public var value: Double
  /// Standard error; for quadratures the change on coarsening; 0 for finite sums.
  public var standardError: Double
  public var low: Double
  public var high: Double
  /// Level of the interval `[low, high]`.
  public var level: Double
  /// `exact`, `quadrature-step`, `score-t`, `fieller-t`, `log-t`, `student-t`, `jackknife-t`.
  public var interval: String
  public var moments: MomentMethod
  /// Draws behind the number; nil where nothing was drawn.
  public var draws: Int?
  /// False where the interval of a bias covers zero; nil for other metrics.
  public var resolved: Bool?
}

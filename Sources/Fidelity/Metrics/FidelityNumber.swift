import Foundation

/// How a set of moments was got.
public enum MomentMethod: String, Sendable {
  /// A finite sum: no error beyond rounding.
  case exact
  /// Numerical integration with a stated error.
  case quadrature
  case monteCarlo = "monte-carlo"
}

/// What a reader of a number has to know beside its error.
public enum NumberWarning: String, Sendable, CaseIterable {
  /// The draws have a heavy tail: an interval of a variance or a ratio to it may be too narrow.
  case tail
  /// Events of too small a probability to be seen among the draws may matter.
  case rare
  /// Rounding of the cost's own values exceeds a thousandth of the number.
  case rounding
}

/// One measured number with its error.
public struct FidelityNumber: Sendable, Equatable {
  public var scope: String
  public var metric: Metric
  /// NaN where there is no such number: see `isMissing`.
  public var value: Double
  /// Standard error; for quadratures the change on coarsening and a bound of rounding; for lattices 3.5
  /// standard errors over their shifts and that bound; for finite sums the bound alone, a power of two.
  public var standardError: Double
  public var low: Double
  public var high: Double
  /// Level of the interval `[low, high]`; nil for finite sums and deterministic quadratures, whose ends
  /// are bounds. Lattices have one: their ends are the wider of such bounds and Student's at that level.
  public var level: Double?
  /// Name of one of `IntervalMethod.all`.
  public var interval: String
  public var moments: MomentMethod
  /// Draws behind the number; nil where nothing was drawn.
  public var draws: Int?
  /// False where the interval of a bias covers zero; nil for other metrics.
  public var resolved: Bool?
  public var warnings: Set<NumberWarning> = []
  /// Whether there is no such number: it is relative to something that is 0 within its rounding.
  public var isMissing = false
}

extension FidelityNumber {
  /// The same number to the last bit; what is missing in both is the same.
  public static func == (a: FidelityNumber, b: FidelityNumber) -> Bool {
    func same(_ x: Double, _ y: Double) -> Bool { x == y || (x.isNaN && y.isNaN) }
    return a.scope == b.scope && a.metric == b.metric && same(a.value, b.value)
      && same(a.standardError, b.standardError) && same(a.low, b.low) && same(a.high, b.high)
      && a.level == b.level && a.interval == b.interval && a.moments == b.moments
      && a.draws == b.draws && a.resolved == b.resolved && a.warnings == b.warnings
      && a.isMissing == b.isMissing
  }
}

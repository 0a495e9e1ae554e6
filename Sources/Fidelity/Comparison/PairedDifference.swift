/// The difference of one metric between two estimators, `first - second`, with its error.
public struct PairedDifference: Sendable, Equatable {
  public var scope: String
  public var metric: Metric
  public var first: Double
  public var second: Double
  public var difference: Double
  /// Jackknife standard error of the difference over common blocks; for quadratures the change on
  /// coarsening; 0 for finite sums.
  public var standardError: Double
  public var low: Double
  public var high: Double
  /// Level of `[low, high]`.
  public var level: Double
  /// Name of one of `IntervalMethod.all`: `exact`, `quadratureStep` or `jackknife`.
  public var interval: String
  /// Two-sided p-value of "no difference" (t test over blocks); nil where nothing was drawn.
  public var pValue: Double?
  /// Degrees of freedom behind the interval; nil where nothing was drawn.
  public var degrees: Double?

  public init(
    scope: String, metric: Metric, first: Double, second: Double, difference: Double,
    standardError: Double, low: Double, high: Double, level: Double, interval: String,
    pValue: Double?, degrees: Double?
  ) {
    self.scope = scope
    self.metric = metric
    self.first = first
    self.second = second
    self.difference = difference
    self.standardError = standardError
    self.low = low
    self.high = high
    self.level = level
    self.interval = interval
    self.pValue = pValue
    self.degrees = degrees
  }

  /// Multiplies the numbers by a power of two.
  mutating func scale(by exponent: Int) {
    first = first.scaled(byPowerOfTwo: exponent)
    second = second.scaled(byPowerOfTwo: exponent)
    difference = difference.scaled(byPowerOfTwo: exponent)
    standardError = standardError.scaled(byPowerOfTwo: exponent)
    low = low.scaled(byPowerOfTwo: exponent)
    high = high.scaled(byPowerOfTwo: exponent)
  }

  /// Whether the difference is told from zero: by its interval where nothing was drawn, else by
  /// the p-value, which the caller may have corrected for multiplicity.
  public func isResolved(pValue: Double?) -> Bool {
    guard let pValue else { return low > 0 || high < 0 }
    return pValue < 1 - level
  }

  /// Whether the difference lies within `margin` of zero: the interval of level `1 - 2 alpha` does
  /// (two one-sided tests, Schuirmann 1987), `alpha = 1 - level`.
  public func isEquivalent(margin: Double) -> Bool {
    guard let degrees else { return low > -margin && high < margin }
    let half = StudentT.critical(level: 2 * level - 1, degrees: degrees) * standardError
    return difference - half > -margin && difference + half < margin
  }
}

/// Correction of several p-values for being looked at together.
public enum Multiplicity {
  /// Holm's step-down p-values (Holm 1979): the family-wise error rate holds under any dependence.
  ///
  /// In the order of the input; NaN stays NaN and is not counted.
  public static func holm(_ pValues: [Double]) -> [Double] {
    let order = pValues.indices.filter { !pValues[$0].isNaN }.sorted { pValues[$0] < pValues[$1] }
    var adjusted = pValues
    var largest = 0.0
    for (rank, index) in order.enumerated() {
      largest = max(largest, min(1, Double(order.count - rank) * pValues[index]))
      adjusted[index] = largest
    }
    return adjusted
  }
}

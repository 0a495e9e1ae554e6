import Fidelity

/// One number with its error: the value of one metric on one scope of one cell.
public struct Measurement: Sendable, Equatable {
  /// Where it was measured: "logits", the name of a parameter group, or "all".
  public var scope: String
  /// The name of the metric; `Metric` lists those the program writes.
  public var metric: String
  /// The unit, "1" for a pure number.
  public var unit: String
  /// The value. `nil` means not measured; nan and the infinities are kept apart from it.
  public var value: Double?
  /// The standard error. A nan is stored as not known.
  public var se: Double?
  /// The lower end of the confidence interval. A nan is stored as not known.
  public var ciLow: Double?
  /// The upper end of the confidence interval. A nan is stored as not known.
  public var ciHigh: Double?
  /// The level of the interval, e.g. 0.95; `nil` where it has none (exact numbers, quadratures).
  public var ciLevel: Double?
  /// How the interval was made; empty when there is none.
  public var ciMethod: String
  /// How the moments were got: "exact", "quadrature" or "monte-carlo".
  public var moments: String
  /// The number of draws.
  public var n: Int?
  /// Whether the sampling error was subtracted from the estimate.
  public var debiased: Bool
  /// `false` when the interval covers zero ("not resolved"); `nil` where this has no meaning.
  public var resolved: Bool?
  /// What a reader has to know beside the error.
  public var warnings: Set<NumberWarning>

  /// A measurement.
  public init(
    scope: String, metric: String, unit: String, value: Double?, se: Double? = nil,
    ciLow: Double? = nil, ciHigh: Double? = nil, ciLevel: Double? = nil, ciMethod: String = "",
    moments: String, n: Int? = nil, debiased: Bool, resolved: Bool? = nil,
    warnings: Set<NumberWarning> = []
  ) {
    self.scope = scope
    self.metric = metric
    self.unit = unit
    self.value = value
    self.se = se
    self.ciLow = ciLow
    self.ciHigh = ciHigh
    self.ciLevel = ciLevel
    self.ciMethod = ciMethod
    self.moments = moments
    self.n = n
    self.debiased = debiased
    self.resolved = resolved
    self.warnings = warnings
  }
}

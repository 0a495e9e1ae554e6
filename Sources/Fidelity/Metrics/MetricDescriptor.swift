/// Everything about one metric. Nothing else of the program knows a metric by its name, but for what
/// measures numbers that are no functions of the moments, and the frozen public views.
package final class MetricDescriptor: Sendable {
  /// Name in the public views.
  let name: String
  let unit: MetricUnit
  /// In one line, in the notation of the definitions page.
  let definition: String
  let debiased: Bool
  let largerIsBetter: Bool
  /// Whether it is held against zero.
  package let isBias: Bool
  /// Whether it is a norm, a square or a variance without anything subtracted from it.
  package let cannotBeNegative: Bool
  /// Whether the error of the number follows from fourth moments of the draws: variances, and sums and
  /// ratios with one.
  package let dependsOnVariance: Bool
  /// What unseen events may do to it.
  package let unseen: UnseenEffect
  /// Fewer draws than these give intervals that hold too seldom: 0 where none do, `.max` where all do.
  let fewestDraws: Int
  /// Whether the coverage study counts how often its interval holds.
  package let isCovered: Bool
  /// As a function of the moments and the target; nil for numbers that are measured in another way.
  let form: MetricForm?
  /// The metric that this one is the product of with the oracle calls of an estimate.
  let timesCost: Metric?

  package var isRoot: Bool { form?.isRoot ?? false }
  package var isRatio: Bool { form?.isRatio ?? false }

  init(
    _ name: String, unit: MetricUnit, _ definition: String, debiased: Bool = true,
    largerIsBetter: Bool = false, isBias: Bool = false, cannotBeNegative: Bool = false,
    dependsOnVariance: Bool = false, unseen: UnseenEffect = .none, fewestDraws: Int = 0,
    isCovered: Bool = true, form: MetricForm? = nil, timesCost: Metric? = nil
  ) {
    self.name = name
    self.unit = unit
    self.definition = definition
    self.debiased = debiased
    self.largerIsBetter = largerIsBetter
    self.isBias = isBias
    self.cannotBeNegative = cannotBeNegative
    self.dependsOnVariance = dependsOnVariance
    self.unseen = unseen
    self.fewestDraws = fewestDraws
    self.isCovered = isCovered
    self.form = form
    self.timesCost = timesCost
  }
}

/// A metric as a function of the moments and the target.
struct MetricForm: Sendable {
  /// The metric before its presentation: norms stay squared, so that noise is subtracted where it
  /// enters and intervals are formed where estimates are near normal.
  let raw: @Sendable (ScopeStatistics) -> Double
  /// Whether it is shown as the root of its raw form.
  var isRoot = false
  /// Whether it is a ratio of sums whose noise enters the denominator: its first-order bias is taken
  /// out by the jackknife.
  var isRatio = false
  /// Whether it tells of the target alone, which draws of the estimator say nothing about.
  var isOfTarget = false
  /// The number with the interval of its own kind, from the raw value.
  let interval: @Sendable (SampledScope, Metric, _ raw: Double) -> FidelityNumber
  /// How far rounding may have moved it.
  var rounding: @Sendable (RoundingParts) -> RoundingEffect = { _ in .error(0) }
  /// What rounding is held against: the number, or what a number that may vanish is small beside.
  var size: @Sendable (FidelityNumber, ScopeStatistics) -> Double = { number, _ in
    abs(number.value)
  }
}

/// The unit of a metric: powers of the gradient's own unit, or none.
enum MetricUnit: String {
  case none = "1"
  case gradient
  case gradientSquared = "gradient^2"
  case gradientSquaredTimesCalls = "gradient^2 x calls"
  case cost
  case calls

  /// Powers of the gradient's unit.
  var power: Int {
    switch self {
    case .gradient: 1
    case .gradientSquared, .gradientSquaredTimesCalls: 2
    case .none, .cost, .calls: 0
    }
  }
}

/// What events that are too rare to be seen may do to a number, where they add a vector of a known norm
/// to the mean.
package enum UnseenEffect: Sendable {
  case none
  /// The square of the distance of the mean from the target moves.
  case squaredBias
  /// That distance by the target's norm moves; `.relativeNorm`: one that is not held against zero.
  case relativeBias
  case relativeNorm
  /// A norm of the mean moves.
  case norm
  /// The mean turns: the sine and the cosine of its angle with the target.
  case sine
  case cosine

  /// Whether the number follows from the angle between the mean and the target alone.
  package var isOfDirection: Bool { self == .sine || self == .cosine }
}

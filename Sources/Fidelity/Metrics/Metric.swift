/// One number of the fidelity report. Names are column values of the public views.
///
/// A metric is a value: all that is known of it stands in one `MetricDescriptor`, in a file of
/// `Metrics/Kinds`. A new one is a member there and a line of `allCases`.
public struct Metric: RawRepresentable, Hashable, Sendable, CaseIterable {
  /// All metrics; numbers of a cell are stored in this order.
  public static let allCases: [Metric] = [
    .biasSquared, .relativeBias,
    .variance, .varianceMean,
    .mse, .rmse1, .rmse10, .rmse100, .rmse1000,
    .snr, .cosineOfMean, .cosineOfDraw, .scale, .scaleFreeBias,
    .targetNorm, .targetErrorSquared, .targetErrorRatio, .estimateNorm,
    .reinMaxBias, .reinMaxBiasRelativeToMean, .reinMaxDeviation, .reinMaxCosine,
    .gapLatent, .gapLatentRelative, .gapLogits, .gapLogitsRelative, .gapLayer, .gapLayerRelative,
    .gapBypassLatent, .gapBypassLatentRelative, .gapBypassLayer, .gapBypassLayerRelative,
    .gapBypassRow, .gapBypassRowRelative,
    .valueCalls, .gradientCalls, .mseTimesCost,
  ]

  /// Metrics that are functions of the moments and the target.
  public static let ofMoments = allCases.filter { $0.descriptor.form != nil }

  /// Metrics that have a paired difference: functions of the moments, and work-normalised forms.
  public static let paired = ofMoments + timesCost

  /// Products of another metric with the oracle calls of an estimate.
  static let timesCost = allCases.filter { $0.descriptor.timesCost != nil }

  private static let byName = Dictionary(
    allCases.map { ($0.rawValue, $0) }, uniquingKeysWith: { first, _ in first })

  package let descriptor: MetricDescriptor

  init(_ descriptor: MetricDescriptor) { self.descriptor = descriptor }

  /// The metric of a name; nil where there is none.
  public init?(rawValue: String) {
    guard let metric = Self.byName[rawValue] else { return nil }
    self = metric
  }

  /// The name.
  public var rawValue: String { descriptor.name }

  /// Definition, in the notation of the definitions page.
  public var definition: String { descriptor.definition }

  /// Unit: powers of the gradient's own unit, or none ("1").
  public var unit: String { descriptor.unit.rawValue }

  /// Whether Monte Carlo noise is subtracted.
  public var debiased: Bool { descriptor.debiased }

  /// Whether a larger value is better; for all others a smaller one is.
  public var largerIsBetter: Bool { descriptor.largerIsBetter }

  /// Whether "not resolved" applies: a bias whose interval covers zero.
  public var isBias: Bool { descriptor.isBias }

  /// Whether the interval is known to hold less often than its level says: found by the coverage
  /// study.
  public func isApproximate(draws: Int) -> Bool { draws < descriptor.fewestDraws }

  public static func == (a: Metric, b: Metric) -> Bool { a.descriptor === b.descriptor }

  public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(descriptor)) }
}

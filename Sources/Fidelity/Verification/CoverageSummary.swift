/// The verdict on one metric at one number of draws, over all problems and estimators of a coverage
/// study.
public struct CoverageSummary: Sendable, Equatable {
  public var metric: String
  public var interval: String
  public var draws: Int
  /// Settings whose numbers vary.
  public var settings: Int
  public var median: Double
  public var least: Double
  /// Share of settings that are covered at 93 % or more, three binomial standard deviations
  /// allowed.
  public var sound: Double
  /// Share of settings that are covered at more than 97 %, as much allowed: sets that are wider than
  /// they need to be.
  public var wide: Double
  /// Mean over the settings.
  public var mean: Double
  /// Whether studies flag this metric at this number of draws.
  public var flagged: Bool

  /// Coverages that count as 93 to 97 % in a study of `repeats` repeats.
  static func band(repeats: Int) -> ClosedRange<Double> {
    func allowed(_ share: Double) -> Double {
      3 * (share * (1 - share) / Double(max(repeats, 1))).squareRoot()
    }
    return 0.93 - allowed(0.93)...0.97 + allowed(0.97)
  }

  /// Whether the metric holds: its mean coverage is 93 % or more and at least nine in ten settings
  /// are sound; or it is flagged.
  public var passes: Bool { flagged || (mean >= 0.93 && sound >= 0.9) }

  /// Summaries by metric and number of draws, in the order of the rows.
  public static func all(_ rows: [CoverageStudy.Row]) -> [CoverageSummary] {
    var order: [String] = []
    var groups: [String: [CoverageStudy.Row]] = [:]
    for row in rows {
      let key = "\(row.metric) \(row.draws)"
      if groups[key] == nil { order.append(key) }
      groups[key, default: []].append(row)
    }
    return order.compactMap { groups[$0] }.compactMap { rows in
      let varying = rows.filter { !$0.constant }
      let found = varying.map(\.coverage).sorted()
      guard let least = found.first, let first = varying.first else { return nil }
      let count = Double(found.count)
      let band = band(repeats: first.repeats)
      return CoverageSummary(
        metric: first.metric, interval: first.interval, draws: first.draws, settings: found.count,
        median: 0.5 * (found[(found.count - 1) / 2] + found[found.count / 2]), least: least,
        sound: Double(found.filter { $0 >= band.lowerBound }.count) / count,
        wide: Double(found.filter { $0 > band.upperBound }.count) / count,
        mean: found.reduce(0, +) / count,
        flagged: Metric(rawValue: first.metric).map { $0.isApproximate(draws: first.draws) }
          ?? false)
    }
  }
}

extension Metric {
  /// Whether the interval is known to hold less often than its level says. Found by the coverage
  /// study: for heavy-tailed estimators the variance of few draws is not known well enough; the
  /// mean of a relative gap need not exist where the soft point's gradient can vanish; and
  /// `reinmax_bias_mean` divides by a mean that may be noise.
  public func isApproximate(draws: Int) -> Bool {
    switch self {
    case .variance, .varianceMean, .mse, .rmse1: draws < 256
    case .gapLatentRelative, .gapLogitsRelative, .reinMaxBiasRelativeToMean: true
    default: false
    }
  }
}

import Foundation

/// The verdict on one metric at one number of draws, over all problems and estimators of a coverage
/// study.
///
/// Settings in which half of the numbers or more have the warning `tail` or `rare` are counted apart;
/// in the others the numbers without one count.
public struct CoverageSummary: Sendable, Equatable {
  public var metric: String
  public var interval: String
  public var draws: Int
  /// Settings whose numbers vary, without those apart.
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
  /// Settings whose numbers are mostly warned of, and the least coverage among them.
  public var apart: Int
  public var leastApart: Double?
  /// Mean coverage over the settings at every level that was measured.
  public var levels: [LevelCoverage]
  /// Share of settings whose p-values are uniform: Kolmogorov-Smirnov, 1 in 100.
  public var uniform: Double?
  /// Whether studies flag this metric at this number of draws.
  public var flagged: Bool

  /// Mean coverage at one level.
  public struct LevelCoverage: Sendable, Equatable {
    public var level: Double
    public var mean: Double
    /// What intervals a tenth too narrow would cover, three binomial standard deviations below.
    public var least: Double

    public var holds: Bool { mean >= least }
  }

  /// Coverages that count as 93 to 97 % in a study of `repeats` repeats.
  static func band(repeats: Int) -> ClosedRange<Double> {
    func allowed(_ share: Double) -> Double {
      3 * (share * (1 - share) / Double(max(repeats, 1))).squareRoot()
    }
    return 0.93 - allowed(0.93)...0.97 + allowed(0.97)
  }

  /// Whether the metric holds: its mean coverage is 93 % or more, at least nine in ten settings are
  /// sound, and at no level is it covered less often than by intervals a tenth too narrow; or it is
  /// flagged.
  public var passes: Bool {
    flagged || settings == 0 || (mean >= 0.93 && sound >= 0.9 && levels.allSatisfy(\.holds))
  }

  /// Summaries by metric and number of draws, in the order of the rows.
  ///
  /// - Parameter level: the level of the numbers that are judged by themselves.
  public static func all(_ rows: [CoverageStudy.Row], level: Double = 0.95) -> [CoverageSummary] {
    var order: [String] = []
    var groups: [String: [CoverageStudy.Row]] = [:]
    for row in rows where !row.constant {
      let key = "\(row.metric) \(row.draws)"
      if groups[key] == nil { order.append(key) }
      groups[key, default: []].append(row)
    }
    return order.compactMap { groups[$0] }.compactMap { summary($0, level: level) }
  }

  private static func summary(_ rows: [CoverageStudy.Row], level: Double) -> CoverageSummary? {
    let main = rows.filter { $0.level == level }
    guard let first = main.first else { return nil }
    let judged = main.filter { $0.warned < 0.5 }
    let apart = main.filter { $0.warned >= 0.5 }
    let found = judged.map(covered).sorted()
    let count = Double(max(found.count, 1))
    func share(_ isMember: (CoverageStudy.Row, ClosedRange<Double>) -> Bool) -> Double {
      let members = judged.count {
        isMember($0, band(repeats: Int(Double($0.repeats) * (1 - $0.warned))))
      }
      return Double(members) / count
    }
    let tests = judged.compactMap(\.uniformity)
    return CoverageSummary(
      metric: first.metric, interval: first.interval, draws: first.draws, settings: found.count,
      median: found.isEmpty
        ? .nan : 0.5 * (found[(found.count - 1) / 2] + found[found.count / 2]),
      least: found.first ?? .nan, sound: share { covered($0) >= $1.lowerBound },
      wide: share { covered($0) > $1.upperBound }, mean: found.reduce(0, +) / count,
      apart: apart.count, leastApart: apart.map(\.coverage).min(),
      levels: levels(rows, settings: Set(judged.map(setting))),
      uniform: tests.isEmpty
        ? nil : Double(tests.count { $0 >= 0.01 }) / Double(tests.count),
      flagged: Metric(rawValue: first.metric).map { $0.isApproximate(draws: first.draws) }
        ?? false)
  }

  private static func covered(_ row: CoverageStudy.Row) -> Double { row.unwarned ?? row.coverage }
  private static func setting(_ row: CoverageStudy.Row) -> [String] {
    [row.problem, row.estimator]
  }

  private static func levels(
    _ rows: [CoverageStudy.Row], settings: Set<[String]>
  ) -> [LevelCoverage] {
    let judged = rows.filter { settings.contains(setting($0)) }
    return Set(judged.map(\.level)).sorted().map { level in
      let members = judged.filter { $0.level == level }
      let count = Double(max(members.reduce(0) { $0 + $1.repeats }, 1))
      // A normal distribution's quantile, and what nine tenths of it hold.
      let quantile = StudentT.critical(level: level, degrees: 1e4)
      let narrow = 1 - 2 * (1 - StudentT.cumulative(0.9 * quantile, degrees: 1e4))
      return LevelCoverage(
        level: level,
        mean: members.reduce(0) { $0 + covered($1) } / Double(max(members.count, 1)),
        least: narrow - 3 * (narrow * (1 - narrow) / count).squareRoot())
    }
  }
}

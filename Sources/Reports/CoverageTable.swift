import Fidelity
import ResultStore

/// The table of `gradfid verify --coverage`.
public enum CoverageTable {
  /// One line per metric and number of draws.
  public static func table(_ summaries: [CoverageSummary]) -> QueryResult {
    func share(_ value: Double?) -> QueryValue {
      value.map { .real(($0 * 1000).rounded() / 1000) } ?? .null
    }
    let levels = CoverageStudy.levels
    return QueryResult(
      columns: [
        "metric", "ci_method", "n", "settings", "mean", "median", "least", "sound", "wide",
        "verdict", "apart", "least_apart",
      ] + levels.map { "at_\(Int(($0 * 100).rounded()))" } + ["uniform"],
      rows: summaries.map { row in
        [
          .text(row.metric), .text(row.interval), .integer(Int64(row.draws)),
          .integer(Int64(row.settings)), share(row.mean), share(row.median), share(row.least),
          share(row.sound), share(row.wide),
          .text(row.flagged ? "flagged" : row.passes ? "holds" : "fails"),
          .integer(Int64(row.apart)), share(row.leastApart),
        ]
          + levels.map { level in share(row.levels.first { $0.level == level }?.mean) }
          + [share(row.uniform)]
      })
  }
}

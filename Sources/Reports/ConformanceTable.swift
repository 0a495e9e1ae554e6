import ResultStore
import Studies

/// The table of `gradfid verify --problems`.
public enum ConformanceTable {
  /// One line per promise and problem, with the first thing that is wrong.
  public static func table(_ report: ConformanceReport) -> QueryResult {
    QueryResult(
      columns: ["problem", "promise", "verdict", "what"],
      rows: report.rows.map { row in
        [
          .text(row.problem), .text(row.promise),
          .text(row.violations.isEmpty ? "holds" : "broken"),
          row.violations.first.map { .text($0) } ?? .null,
        ]
      })
  }
}

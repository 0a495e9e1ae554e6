import Fidelity
import ResultStore
import Studies

/// The table of `gradfid compare`.
public enum ComparisonTable {
  /// One row per pair, scope and metric.
  ///
  /// - Parameter margin: differences within it count as equivalent; nil: not asked.
  public static func table(_ rows: [StudyComparison.Row], margin: Double?) -> QueryResult {
    QueryResult(
      columns: [
        "problem", "state", "law", "first", "second", "scope", "metric", "first_value",
        "second_value", "difference", "se", "ci_low", "ci_high", "ci_method", "p", "p_holm",
        "verdict",
      ],
      rows: rows.map { row in
        let difference = row.difference
        return [
          .text(row.problem), .text(row.weights), .text(row.distribution), .text(row.first),
          .text(row.second), .text(difference.scope), .text(difference.metric.rawValue),
          .real(difference.first), .real(difference.second), .real(difference.difference),
          .real(difference.standardError), .real(difference.low), .real(difference.high),
          .text(difference.interval), difference.pValue.map(QueryValue.real) ?? .null,
          row.correctedP.map(QueryValue.real) ?? .null, .text(verdict(row, margin: margin)),
        ]
      })
  }

  private static func verdict(_ row: StudyComparison.Row, margin: Double?) -> String {
    var words: [String] = []
    if row.isResolved {
      words.append(row.difference.difference < 0 ? "first lower" : "second lower")
    } else {
      words.append("not resolved")
    }
    if let margin, row.difference.isEquivalent(margin: margin) { words.append("equivalent") }
    return words.joined(separator: ", ")
  }
}

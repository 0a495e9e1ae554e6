import Discrete
import ResultStore
import Tensors

/// The tables of `gradfid budget`.
public struct BudgetTables: Sendable {
  /// One row per estimator: its error as a mean of 1, 10, ... estimates, and where its bias takes
  /// over.
  public let errors: QueryResult
  /// One row per budget: the estimator with the smallest error.
  public let best: QueryResult

  /// Numbers of estimates that the first table shows.
  private static let shown = [1, 10, 100, 1000, 10_000]

  /// Reads both tables from a store.
  ///
  /// - Parameters:
  ///   - scope: where the errors are measured; nil for the logits, or for all coordinates in a
  ///     study without logits.
  ///   - budgets: oracle calls, in any order.
  /// - Throws: `StoreError`, `.unknownStudy` for a name that is not there; `StudyTableError` for a scope
  ///   that the study does not have.
  public init(
    study: String, scope: String?, budgets: [Int] = BudgetQuery.standard, storePath: String
  ) throws {
    // Refuses an unknown name.
    _ = try ResultStore(readingPath: storePath).cellStates(study: study)
    let query = try ReadOnlyQuery(path: storePath)
    let scope = try StudyScope.chosen(
      scope, usual: ["logits", "all"], of: study, in: query,
      "SELECT DISTINCT scope FROM v_rmse WHERE study = :study AND m = 1 ORDER BY scope")
    let shown = Self.shown.map(String.init).joined(separator: ", ")
    let columns = Self.shown.map { "max(CASE WHEN e.m = \($0) THEN e.rmse END) AS rmse_\($0)" }
    errors = try query.runOwn(
      """
      SELECT e.model AS problem, e.state AS state, e.target_law AS law, e.label AS estimator,
        e.moments AS moments, \(columns.joined(separator: ", ")),
        e.bias_dominates_from AS bias_dominates_from, e.bias_dominates_low AS low,
        e.bias_dominates_high AS high
      FROM v_rmse e JOIN v_cells c ON c.study = e.study AND c.cell = e.cell
      WHERE e.study = :study AND e.scope = :scope AND e.m IN (\(shown))
      GROUP BY e.cell ORDER BY c.position
      """, parameters: ["study": study, "scope": scope])
    let winners = try query.runOwn(
      BudgetQuery.sql(budgets: budgets, bestOnly: true),
      parameters: ["study": study, "scope": scope])
    let names = [
      ("model", "problem"), ("state", "state"), ("target_law", "law"),
      ("target_norm", "target_norm"), ("budget", "budget"), ("label", "estimator"), ("m", "m"),
      ("rmse", "rmse"), ("rmse_low", "low"), ("rmse_high", "high"), ("resolved", "lead"),
    ]
    let places = names.map { name in winners.columns.firstIndex(of: name.0) ?? 0 }
    best = QueryResult(
      columns: names.map(\.1),
      rows: winners.rows.map { row in
        places.enumerated().map { index, place in
          names[index].1 == "lead" ? Self.verdict(row[place]) : row[place]
        }
      })
  }

  /// Why the second table is empty; nil where it is not.
  public var reason: String? {
    guard best.rows.isEmpty else { return nil }
    return "no budget is large enough, or no cell says what an estimate costs; "
      + "give larger --budgets, or measure files with --calls"
  }

  private static func verdict(_ resolved: QueryValue) -> QueryValue {
    switch resolved {
    case .integer(1): .text("resolved")
    case .null: .text("no other")
    default: .text("not resolved")
    }
  }
}

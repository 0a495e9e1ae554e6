import Fidelity
import ResultStore

/// The table of `gradfid verify`.
public enum VerificationTable {
  /// The worst deviation of each estimator, in units of its tolerance.
  public static func table(_ check: GoldenVerification) -> QueryResult {
    QueryResult(
      columns: [
        "estimator", "rows", "worst deviation / tolerance", "problem", "parameters", "method",
        "where", "verdict",
      ],
      rows: check.worstByEstimator.map { row in
        [
          .text(row.estimator),
          .integer(Int64(check.rows.filter { $0.estimator == row.estimator }.count)),
          .real(row.worst), .text(row.problem), .text(row.parameters), .text(row.method),
          .text(row.place), .text(row.passed ? "within" : "beyond"),
        ]
      })
  }
}

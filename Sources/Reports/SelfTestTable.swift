import Fidelity
import ResultStore

/// The table of `gradfid verify --self-test`.
public enum SelfTestTable {
  /// One line per wrong thing.
  public static func table(_ test: SelfTest) -> QueryResult {
    QueryResult(
      columns: ["wrong", "check", "limit", "found", "right twin", "verdict"],
      rows: test.rows.map { row in
        [
          .text(row.defect), .text(row.check), .real(row.wrong.limit), .real(row.wrong.value),
          .real(row.right.value),
          .text(row.isFalseAlarm ? "false alarm" : row.isCaught ? "caught" : "missed"),
        ]
      })
  }
}

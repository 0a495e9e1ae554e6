import Fidelity
import Foundation
import ResultStore

/// The tables of `gradfid verify --published`.
public enum PublishedTable {
  /// One line per estimator setting, with the number that is nearest to its limit.
  public static func table(_ check: PublishedVerification) -> QueryResult {
    QueryResult(
      columns: [
        "set", "problem", "estimator", "parameters", "numbers", "tightest", "from", "certified",
        "computed", "lre", "needed", "verdict",
      ],
      rows: check.rows.map { row in
        let number = row.tightest
        return [
          .text(row.set), .text(row.problem), .text(row.estimator), .text(row.parameters),
          .integer(Int64(row.numbers.count)), .text(number.metric), .text(number.block),
          .real(number.certified), number.computed.isNaN ? .null : .real(number.computed),
          tenths(number.digits.found), tenths(number.digits.certified),
          .text(row.holds ? "holds" : "fails"),
        ]
      })
  }

  /// One line per set, as the documentation shows it: digits in tenths, rounded down, so that they are the
  /// same on every processor.
  public static func summary(_ check: PublishedVerification) -> QueryResult {
    var order: [String] = []
    for row in check.rows where !order.contains(row.set) { order.append(row.set) }
    return QueryResult(
      columns: ["set", "settings", "numbers", "certified digits", "digits found", "verdict"],
      rows: order.map { set in
        let rows = check.rows.filter { $0.set == set }
        let digits = rows.flatMap(\.numbers).map(\.digits)
        func range(_ values: [Double]) -> QueryValue {
          .text(String(format: "%.0f to %.0f", floored(values.min()), floored(values.max())))
        }
        return [
          .text(set), .integer(Int64(rows.count)), .integer(Int64(digits.count)),
          range(digits.map(\.certified)), range(digits.map { max($0.found, $0.certified) }),
          .text(rows.allSatisfy(\.holds) ? "holds" : "fails"),
        ]
      })
  }

  private static func floored(_ value: Double?) -> Double { (value ?? 0).rounded(.down) }

  private static func tenths(_ digits: Double) -> QueryValue {
    .real((digits * 10).rounded(.down) / 10)
  }
}

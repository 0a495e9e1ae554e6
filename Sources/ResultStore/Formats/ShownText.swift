import Discrete
import Foundation

/// How a value looks in a table for reading.
enum ShownText {
  /// Doubles to six significant digits; NULL empty; hidden characters escaped, so that stored text
  /// cannot move the cursor of a terminal.
  static func of(_ value: QueryValue) -> String {
    switch value {
    case .null: return ""
    case .integer(let integer): return String(integer)
    case .real(let real): return real.isFinite ? String(format: "%.6g", real) : real.description
    case .text(let text): return visible(text)
    case .blob(let bytes): return Hexadecimal.text(bytes)
    }
  }

  static func visible(_ text: String) -> String { VisibleText.of(text) }

  /// Whether a column holds only numbers and nulls, and at least one number.
  static func isNumeric(column: Int, of result: QueryResult) -> Bool {
    var found = false
    for row in result.rows where row[column] != .null {
      guard row[column].isNumber else { return false }
      found = true
    }
    return found
  }
}

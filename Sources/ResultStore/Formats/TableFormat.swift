import Discrete

extension OutputFormat {
  /// Aligned columns for a terminal; doubles to six significant digits.
  public static let table = OutputFormat(
    "table", "aligned columns for a terminal; doubles to six significant digits",
    whole: { TableFormat.text($0) })
}

/// Aligned columns for a terminal: numbers to the right, text to the left.
public enum TableFormat {
  /// A header, a rule and one line per row, without spaces at line ends.
  public static func text(_ result: QueryResult) -> String {
    guard !result.columns.isEmpty else { return "" }
    let header = result.columns.map(ShownText.visible)
    let rows = result.rows.map { $0.map(ShownText.of) }
    var widths = header.map(VisibleText.width)
    for row in rows {
      for (column, cell) in row.enumerated() {
        widths[column] = max(widths[column], VisibleText.width(cell))
      }
    }
    let numeric = header.indices.map { ShownText.isNumeric(column: $0, of: result) }
    func line(_ cells: [String]) -> String {
      var text = ""
      for (column, cell) in cells.enumerated() {
        let padding = String(repeating: " ", count: widths[column] - VisibleText.width(cell))
        text += (column > 0 ? "  " : "") + (numeric[column] ? padding + cell : cell + padding)
      }
      while text.last == " " { text.removeLast() }
      return text + "\n"
    }
    let rule = widths.map { String(repeating: "-", count: $0) }
    return line(header) + line(rule) + rows.map(line).joined()
  }
}

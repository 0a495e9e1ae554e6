extension OutputFormat {
  /// A Markdown table; doubles to six significant digits.
  public static let markdown = OutputFormat(
    "markdown", "a Markdown table; doubles to six significant digits",
    whole: { MarkdownFormat.text($0) })
}

/// A Markdown table: numbers to the right, text to the left.
public enum MarkdownFormat {
  /// A header, the alignment row and one line per row.
  public static func text(_ result: QueryResult) -> String {
    guard !result.columns.isEmpty else { return "" }
    let alignment = result.columns.indices.map {
      ShownText.isNumeric(column: $0, of: result) ? "---:" : "---"
    }
    return line(result.columns.map { escaped(ShownText.visible($0)) })
      + "|\(alignment.joined(separator: "|"))|\n"
      + result.rows.map { line($0.map { escaped(ShownText.of($0)) }) }.joined()
  }

  private static func line(_ cells: [String]) -> String {
    "| " + cells.joined(separator: " | ") + " |\n"
  }

  private static func escaped(_ text: String) -> String {
    text.split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|")
  }
}

/// How the rows of a query are written.
public enum OutputFormat: String, CaseIterable, Sendable {
  /// Aligned columns for a terminal; doubles to six significant digits.
  case table
  /// RFC 4180 with LF; doubles in shortest exact form.
  case csv
  /// One array of objects; doubles in shortest exact form.
  case json
  /// One object per line; doubles in shortest exact form.
  case jsonl
  /// A Markdown table; doubles to six significant digits.
  case markdown

  /// The rows in this format, with a line end after the last line.
  public func text(_ result: QueryResult) -> String {
    switch self {
    case .table: return TableFormat.text(result)
    case .csv: return CSVFormat.text(result)
    case .json: return JSONFormat.text(result)
    case .jsonl: return JSONLinesFormat.text(result)
    case .markdown: return MarkdownFormat.text(result)
    }
  }
}

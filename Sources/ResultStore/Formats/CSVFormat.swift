extension OutputFormat {
  /// RFC 4180 with LF; doubles in shortest exact form.
  public static let csv = OutputFormat(
    "csv", "RFC 4180 with LF; doubles in shortest exact form",
    rows: RowEncoding(
      head: { CSVFormat.line($0.map(QueryValue.text)) }, separator: ",", rowEnd: "\n",
      field: { CSVFormat.field($1) }))
}

/// Comma-separated values after RFC 4180, with LF line ends.
///
/// NULL is empty, doubles are in shortest exact form with `nan`, `inf` and `-inf` spelled, bytes
/// are hexadecimal.
public enum CSVFormat {
  /// A header line and one line per row.
  public static func text(_ result: QueryResult) -> String {
    OutputFormat.csv.text(result)
  }

  /// One line with its line end.
  public static func line(_ row: [QueryValue]) -> String {
    row.map(field).joined(separator: ",") + "\n"
  }

  static func field(_ value: QueryValue) -> String {
    switch value {
    case .null: return ""
    case .integer(let integer): return String(integer)
    case .real(let real): return real.description
    case .text(let text): return quoted(text)
    case .blob(let bytes): return Hexadecimal.text(bytes)
    }
  }

  /// The text in quotes if it holds a comma, a quote or a line end.
  static func quoted(_ text: String) -> String {
    let needsQuotes = text.utf8.contains { byte in
      byte == UInt8(ascii: ",") || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\n")
        || byte == UInt8(ascii: "\r")
    }
    guard needsQuotes else { return text }
    let doubled = text.split(separator: "\"", omittingEmptySubsequences: false)
      .joined(separator: "\"\"")
    return "\"\(doubled)\""
  }
}

/// Writes the rows of a query as they come.
///
/// `OutputFormat.streamed` take as much memory as a piece of text; the others need all rows, so they
/// take no more than `mostShown`.
public struct RowOutput {
  /// Rows of a table at most.
  public static let mostShown = 10_000
  /// Bytes of a piece.
  private static let piece = 1 << 16

  private let format: OutputFormat
  private var columns: [String] = []
  private var rows: [[QueryValue]] = []
  private var text = ""
  private var count = 0
  /// Whether a table had more rows than it takes: the last one was left out.
  public private(set) var isFull = false

  public init(_ format: OutputFormat) { self.format = format }

  /// Takes the names of the columns, before the first row.
  public mutating func begin(_ columns: [String]) {
    self.columns = columns
    text = format.encoding?.head(columns) ?? ""
  }

  /// Takes a row, and gives a piece of text where one is complete.
  public mutating func add(_ row: [QueryValue]) -> String? {
    if let encoding = format.encoding {
      text += encoding.row(columns, row, at: count)
    } else if rows.count < Self.mostShown {
      rows.append(row)
    } else {
      isFull = true
    }
    count += 1
    guard text.utf8.count >= Self.piece else { return nil }
    defer { text = "" }
    return text
  }

  /// The rest of the text.
  public mutating func end() -> String {
    if let encoding = format.encoding {
      text += encoding.end(count)
    } else {
      text = format.text(QueryResult(columns: columns, rows: rows))
    }
    defer { text = "" }
    return text
  }
}

/// How rows are written: a new one is a file with its own member and a line of `allCases`.
///
/// A format that writes rows one by one (`RowEncoding`) also serves `gradfid export`.
public struct OutputFormat: RawRepresentable, Hashable, Sendable, CaseIterable {
  /// All formats, in the order of help texts.
  public static let allCases: [OutputFormat] = [.table, .csv, .json, .jsonl, .markdown]

  /// Those that write rows one by one: without limit, and for other programs to read.
  public static let streamed = allCases.filter { $0.encoding != nil }

  /// Those that need all rows for the widths of their columns: for people to read.
  public static let shown = allCases.filter { $0.encoding == nil }

  /// Name, as `--format` takes it and files end.
  public let rawValue: String
  /// What it is, in one line.
  public let summary: String
  /// How rows are written one by one; nil where all are needed at once.
  let encoding: RowEncoding?
  private let whole: @Sendable (QueryResult) -> String

  /// A format that needs all rows at once.
  init(_ name: String, _ summary: String, whole: @escaping @Sendable (QueryResult) -> String) {
    rawValue = name
    self.summary = summary
    encoding = nil
    self.whole = whole
  }

  /// A format that writes rows one by one.
  init(_ name: String, _ summary: String, rows: RowEncoding) {
    rawValue = name
    self.summary = summary
    encoding = rows
    whole = rows.text
  }

  public init?(rawValue: String) {
    guard let format = Self.allCases.first(where: { $0.rawValue == rawValue }) else { return nil }
    self = format
  }

  /// The rows in this format, with a line end after the last line.
  public func text(_ result: QueryResult) -> String { whole(result) }

  /// Names of formats as a sentence has them: "table, csv or json".
  public static func names(_ formats: [OutputFormat] = allCases, _ word: String = "or") -> String {
    let names = formats.map(\.rawValue)
    guard let last = names.last, names.count > 1 else { return names.first ?? "" }
    return names.dropLast().joined(separator: ", ") + " \(word) " + last
  }

  public static func == (a: OutputFormat, b: OutputFormat) -> Bool { a.rawValue == b.rawValue }
  public func hash(into hasher: inout Hasher) { hasher.combine(rawValue) }
}

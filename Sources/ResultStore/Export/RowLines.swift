import GRDB

/// Rows on their way into a file of an export, field after field.
struct RowLines {
  private let file: AtomicFile
  private let encoding: RowEncoding
  private let columns: [String]
  private var bytes: [UInt8] = []
  private var column = 0
  /// Rows that were ended.
  private(set) var count = 0

  /// The first fields of a row, for rows that begin alike.
  struct Start {
    fileprivate let bytes: [UInt8]
    fileprivate let column: Int
  }

  /// Writes what stands before all rows.
  init(_ format: RowEncoding, columns: [String], to file: AtomicFile) throws {
    self.file = file
    self.columns = columns
    encoding = format
    try file.append(encoding.head(columns).utf8)
  }

  /// The next field of the row.
  mutating func add(_ value: QueryValue) {
    bytes.append(contentsOf: (column == 0 ? encoding.rowStart : encoding.separator).utf8)
    bytes.append(contentsOf: encoding.field(columns[column], value).utf8)
    column += 1
  }

  /// The fields of this row so far, which is given up.
  mutating func takeStart() -> Start {
    let start = Start(bytes: bytes, column: column)
    clear()
    return start
  }

  /// Begins a row with fields that were written before.
  mutating func begin(_ start: Start) {
    clear()
    bytes.append(contentsOf: start.bytes)
    column = start.column
  }

  mutating func endRow() throws {
    bytes.append(contentsOf: encoding.rowEnd.utf8)
    let before = count == 0 ? encoding.opening : encoding.between
    if !before.isEmpty { try file.append(before.utf8) }
    try file.append(bytes)
    count += 1
    clear()
  }

  /// Writes the rows of a query, field by field, and what stands after them; returns their number.
  mutating func end(with rows: RowCursor) throws -> Int {
    while let row = try rows.next() {
      for value in row.databaseValues { add(QueryValue(value)) }
      try endRow()
    }
    return try end()
  }

  /// Writes what stands after all rows, and returns their number.
  func end() throws -> Int {
    try file.append(encoding.end(count).utf8)
    return count
  }

  private mutating func clear() {
    bytes.removeAll(keepingCapacity: true)
    column = 0
  }
}

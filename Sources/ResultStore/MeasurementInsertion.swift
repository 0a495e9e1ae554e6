import GRDB
import GRDBSQLite

/// Inserts the measurements of one cell.
///
/// Rows are bound through SQLite's own interface, and of a row only what differs from the one
/// before: bindings outlive a step, and most columns repeat. That halves the time of a row against
/// a new list of arguments.
struct MeasurementInsertion {
  private let statement: Statement
  private var last: Measurement?
  private var handle: OpaquePointer { statement.sqliteStatement }

  /// Tells SQLite to copy a text before the call returns.
  private static let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

  private static let sql = """
    INSERT INTO measurement(cell_id, scope, metric, unit, value, value_kind, se, ci_low,
      ci_high, ci_level, ci_method, moments, n, debiased, resolved)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    """

  /// An insertion of measurements of the cell numbered `cell`. It is to be used up before the next
  /// one is made on the same connection: they share a statement.
  init(cell: Int64, _ db: Database) throws {
    statement = try db.cachedStatement(sql: Self.sql)
    try check(sqlite3_bind_int64(handle, 1, cell))
  }

  /// Inserts one row; `false` if the cell has a value of this scope and metric already.
  mutating func insert(_ row: Measurement) throws -> Bool {
    let kind = ValueKind(of: row.value)
    if row.scope != last?.scope { try bind(row.scope, at: 2) }
    try bind(row.metric, at: 3)
    if row.unit != last?.unit { try bind(row.unit, at: 4) }
    try bind(kind == .finite ? row.value : nil, at: 5)
    if last.map({ ValueKind(of: $0.value) != kind }) ?? true { try bind(kind.rawValue, at: 6) }
    // SQLite stores a nan as NULL, which is what the errors want: not known.
    try bind(row.se, at: 7)
    try bind(row.ciLow, at: 8)
    try bind(row.ciHigh, at: 9)
    try bind(row.ciLevel, at: 10)
    if row.ciMethod != last?.ciMethod { try bind(row.ciMethod, at: 11) }
    if row.moments != last?.moments { try bind(row.moments, at: 12) }
    try bind(row.n, at: 13)
    try bind(row.debiased ? 1 : 0, at: 14)
    try bind(row.resolved.map { $0 ? 1 : 0 }, at: 15)
    last = row
    let isInserted = sqlite3_step(handle) == SQLITE_DONE
    let failure =
      isInserted ? nil : error(sqlite3_extended_errcode(sqlite3_db_handle(handle)))
    sqlite3_reset(handle)
    if let failure, failure.extendedResultCode != .SQLITE_CONSTRAINT_PRIMARYKEY { throw failure }
    return isInserted
  }

  private func bind(_ text: String, at index: Int32) throws {
    try check(text.withCString { sqlite3_bind_text(handle, index, $0, -1, Self.copied) })
  }

  private func bind(_ value: Double?, at index: Int32) throws {
    try check(
      value.map { sqlite3_bind_double(handle, index, $0) } ?? sqlite3_bind_null(handle, index))
  }

  private func bind(_ value: Int?, at index: Int32) throws {
    try check(
      value.map { sqlite3_bind_int64(handle, index, Int64($0)) } ?? sqlite3_bind_null(handle, index)
    )
  }

  private func check(_ code: Int32) throws {
    guard code == SQLITE_OK else { throw error(code) }
  }

  private func error(_ code: Int32) -> DatabaseError {
    DatabaseError(
      resultCode: ResultCode(rawValue: code),
      message: String(cString: sqlite3_errmsg(sqlite3_db_handle(handle))), sql: Self.sql)
  }
}

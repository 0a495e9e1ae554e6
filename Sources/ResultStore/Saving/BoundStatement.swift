import GRDB
import GRDBSQLite

/// A statement that is run many times over, with values bound through SQLite's own interface.
///
/// What is bound stays bound from one run to the next, so that only what changed need be bound
/// again. Two statements of the same text on one connection are one: use up the first before
/// the next is made.
struct BoundStatement {
  private let statement: Statement
  private let sql: String
  private var handle: OpaquePointer { statement.sqliteStatement }

  /// Tells SQLite to copy a text before the call returns.
  private static let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

  init(_ sql: String, _ db: Database) throws {
    self.sql = sql
    statement = try db.cachedStatement(sql: sql)
  }

  func bind(_ text: String, at index: Int32) throws {
    try check(text.withCString { sqlite3_bind_text(handle, index, $0, -1, Self.copied) })
  }

  func bind(_ text: String?, at index: Int32) throws {
    guard let text else { return try check(sqlite3_bind_null(handle, index)) }
    try bind(text, at: index)
  }

  /// `nil` is bound as NULL; SQLite does the same with a nan.
  func bind(_ value: Double?, at index: Int32) throws {
    try check(
      value.map { sqlite3_bind_double(handle, index, $0) } ?? sqlite3_bind_null(handle, index))
  }

  func bind(_ value: Int64?, at index: Int32) throws {
    try check(
      value.map { sqlite3_bind_int64(handle, index, $0) } ?? sqlite3_bind_null(handle, index))
  }

  /// Runs a statement that has no rows to give.
  func run() throws {
    let isDone = sqlite3_step(handle) == SQLITE_DONE
    let failure = isDone ? nil : lastError()
    sqlite3_reset(handle)
    if let failure { throw failure }
  }

  /// Runs an insertion for the number of the row that it made; `nil` if it made none.
  func insertedRow() throws -> Int64? {
    sqlite3_set_last_insert_rowid(sqlite3_db_handle(handle), 0)
    try run()
    let row = sqlite3_last_insert_rowid(sqlite3_db_handle(handle))
    return row == 0 ? nil : row
  }

  /// Runs a statement for the first number of its first row; `nil` if there is none.
  func number() throws -> Int64? {
    defer { sqlite3_reset(handle) }
    switch sqlite3_step(handle) {
    case SQLITE_ROW: return sqlite3_column_int64(handle, 0)
    case SQLITE_DONE: return nil
    default: throw lastError()
    }
  }

  private func check(_ code: Int32) throws {
    guard code == SQLITE_OK else { throw error(code) }
  }

  private func lastError() -> DatabaseError {
    error(sqlite3_extended_errcode(sqlite3_db_handle(handle)))
  }

  private func error(_ code: Int32) -> DatabaseError {
    DatabaseError(
      resultCode: ResultCode(rawValue: code),
      message: String(cString: sqlite3_errmsg(sqlite3_db_handle(handle))), sql: sql)
  }
}

import Discrete
import GRDB
import Tensors

/// Runs SELECT statements on a store. Nothing can be written through it: the connection is
/// read-only, `query_only` is on, and only SELECT, WITH, VALUES and EXPLAIN are accepted.
public final class ReadOnlyQuery: Sendable {
  private let path: String
  private let connection: ReadingConnection

  /// Opens the store at `path` for reading; nothing stays beside it.
  ///
  /// Throws `StoreError.missing`, `notADatabase`, `otherApplication`, `newerSchema`,
  /// `olderSchema`, `waitingLog`, `locked` or `corrupt`.
  public init(path: String) throws {
    connection = try ResultStore.openForReading(path)
    self.path = path
  }

  /// Runs one statement and returns all its rows.
  ///
  /// - Parameters:
  ///   - sql: one statement.
  ///   - parameters: values for `:name`. A text that is a whole number, or a decimal number with
  ///     a point or a signed exponent ("0.5", "1e-3"), is bound as a number, everything else as
  ///     text.
  /// - Throws: `StoreError.sql` with SQLite's message, and the nearest valid name for an unknown
  ///   column or table.
  public func run(_ sql: String, parameters: [String: String] = [:]) throws -> QueryResult {
    var columns: [String] = []
    var rows: [[QueryValue]] = []
    try forEachRow(
      sql, parameters: parameters, columns: { columns = $0 },
      row: {
        rows.append($0)
        return true
      })
    return QueryResult(columns: columns, rows: rows)
  }

  /// As `run`, for a statement of the program's own: where it is refused, the views of the store are
  /// not what they were made as.
  ///
  /// - Throws: `StoreError.corrupt` in place of `.sql`.
  package func runOwn(
    _ sql: String, parameters: [String: String] = [:]
  ) throws -> QueryResult {
    do {
      return try run(sql, parameters: parameters)
    } catch StoreError.sql(let message, _, _) {
      throw StoreError.corrupt(path: path, reason: message)
    }
  }

  /// Runs one statement and hands over its rows one by one, so that memory does not grow with
  /// their number. `columns` is called once, before the first row.
  ///
  /// - Parameters:
  ///   - timeout: the most seconds that the statement may take; nil for no limit.
  ///   - shouldStop: asked again and again while SQLite works: whether to give up.
  ///   - row: returns whether more rows are wanted.
  /// - Throws: as `run`; `StoreError.timedOut`, `.interrupted`, and what the closures throw.
  public func forEachRow(
    _ sql: String, parameters: [String: String] = [:], timeout: Double? = nil,
    shouldStop: @escaping () -> Bool = { false },
    columns: ([String]) throws -> Void, row: ([QueryValue]) throws -> Bool
  ) throws {
    try check(sql, parameters)
    let watch = StatementWatch(timeout: timeout, shouldStop: shouldStop)
    do {
      try connection.queue.read { db in
        try watch.watching(db) {
          let statement = try db.makeStatement(sql: sql)
          guard statement.isReadonly else { throw Self.refusal(sql) }
          try columns(QueryResult.unique(statement.columnNames))
          let cursor = try Row.fetchCursor(
            statement, arguments: StatementArguments(parameters.mapValues(Self.binding)))
          while let next = try cursor.next() {
            guard try row(next.databaseValues.map(QueryValue.init)) else { break }
          }
        }
      }
      try connection.check()
    } catch let error as DatabaseError {
      if watch.isStopped { throw StoreError.interrupted }
      if watch.isLate { throw StoreError.timedOut(seconds: timeout ?? 0) }
      // Pages of two states may look like damage.
      try connection.check()
      throw translate(error, sql)
    }
  }

  private func check(_ sql: String, _ parameters: [String: String]) throws {
    let text = StatementText(sql)
    guard !text.keyword.isEmpty else {
      throw StoreError.sql(message: "there is no statement", sqlText: sql)
    }
    guard Self.reading.contains(text.keyword) else {
      throw Self.refusal(
        sql, hint: NearestName.question(for: text.keyword, among: Self.reading))
    }
    let given = Set(parameters.keys)
    if let extra = given.subtracting(text.parameters).min() {
      throw StoreError.sql(
        message: "the statement has no parameter :\(extra)", sqlText: sql,
        hint: NearestName.question(for: extra, among: text.parameters.sorted())
          ?? "write it as :\(extra) in the statement")
    }
    if let missing = text.parameters.subtracting(given).min() {
      throw StoreError.sql(
        message: "no value for the parameter :\(missing)", sqlText: sql,
        hint: "give it with `-p \(missing)=VALUE`")
    }
  }

  /// First words of the statements that are accepted.
  private static let reading = ["SELECT", "WITH", "VALUES", "EXPLAIN"]

  private static func refusal(_ sql: String, hint: String? = nil) -> StoreError {
    .sql(
      message: "only reading statements are accepted (\(reading.joined(separator: ", ")))",
      sqlText: sql, hint: hint ?? "copy the file to change it with another program")
  }

  /// A number if the text is written as one, else the text. Hexadecimal hashes such as
  /// "12e456789012" stay text: an exponent needs a sign.
  static func binding(_ text: String) -> DatabaseValue {
    if let integer = Int64(text), String(integer) == text { return integer.databaseValue }
    let written = text.utf8.allSatisfy { "0123456789.eE+-".utf8.contains($0) }
    let marked = text.contains(".") || text.contains("e-") || text.contains("e+")
    if written, marked, let real = Double(text), real.isFinite { return real.databaseValue }
    return text.databaseValue
  }

  private func translate(_ error: DatabaseError, _ sql: String) -> StoreError {
    let message = error.message ?? "SQLite error \(error.resultCode.rawValue)"
    switch error.resultCode {
    case .SQLITE_ERROR:
      return .sql(message: message, sqlText: sql, hint: Self.hint(for: message, sql))
    case .SQLITE_MISUSE where message.hasPrefix("Multiple statements"):
      return .sql(
        message: "more than one statement", sqlText: sql, hint: "give one statement at a time")
    case .SQLITE_READONLY, .SQLITE_AUTH:
      return Self.refusal(sql)
    case .SQLITE_NOTADB, .SQLITE_BUSY, .SQLITE_LOCKED, .SQLITE_CORRUPT, .SQLITE_CANTOPEN,
      .SQLITE_PERM, .SQLITE_FULL, .SQLITE_IOERR, .SQLITE_NOLFS, .SQLITE_NOMEM:
      return StoreError(error, path: path)
    default:
      return .sql(message: message, sqlText: sql)
    }
  }

  /// The nearest valid name when SQLite misses a table or a column.
  private static func hint(for message: String, _ sql: String) -> String? {
    func name(after prefix: String) -> String? {
      guard message.hasPrefix(prefix) else { return nil }
      // Newer releases of SQLite keep the quotes.
      let name = message.dropFirst(prefix.count).prefix { !$0.isWhitespace }.filter { $0 != "\"" }
      return name.split(separator: ".").last.map(String.init)
    }
    if let table = name(after: "no such table: ") {
      return NearestName.question(for: table, among: PublicView.all.map(\.name))
    }
    guard let column = name(after: "no such column: ") else { return nil }
    if sql.contains("\"\(column)\"") {
      return "double quotes name a column; a text stands in single quotes: '\(column)'"
    }
    // Columns of the views that the statement names; of all where it names none.
    let named = PublicView.all.filter { sql.lowercased().contains($0.name) }
    let columns = (named.isEmpty ? PublicView.all : named).flatMap { $0.columns.map(\.name) }
    if let near = NearestName.question(for: column, among: columns) { return near }
    let owner = PublicView.all.first { $0.columns.contains { $0.name == column } }
    return owner.map { "'\(column)' is a column of \($0.name)" }
  }
}

extension QueryValue {
  init(_ value: DatabaseValue) {
    switch value.storage {
    case .null: self = .null
    case .int64(let integer): self = .integer(integer)
    case .double(let real): self = .real(real)
    case .string(let text): self = .text(text)
    case .blob(let data): self = .blob([UInt8](data))
    }
  }
}

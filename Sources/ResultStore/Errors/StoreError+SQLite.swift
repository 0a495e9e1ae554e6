import GRDB

extension StoreError {
  /// Runs `body` and turns every SQLite error into a `StoreError` that names `path`.
  static func translating<T>(_ path: String, _ body: () throws -> T) throws -> T {
    do {
      return try body()
    } catch let error as DatabaseError {
      throw StoreError(error, path: path)
    } catch let damage as DamagedValue {
      throw StoreError.corrupt(path: path, reason: damage.reason)
    } catch is RowDecodingError {
      throw StoreError.corrupt(path: path, reason: "a value is of another type than its column")
    }
  }

  /// The store error for an SQLite error met at `path`, in a statement of the program's own: one that
  /// is refused finds the tables or views other than they were made.
  init(_ error: DatabaseError, path: String) {
    let message = error.message ?? "SQLite error \(error.resultCode.rawValue)"
    switch error.resultCode {
    case .SQLITE_NOTADB:
      self = .notADatabase(path: path)
    case .SQLITE_BUSY, .SQLITE_LOCKED:
      self = .locked(path: path)
    case .SQLITE_CORRUPT:
      self = .corrupt(path: path, reason: message)
    case .SQLITE_READONLY where StoreFile.isForeign(path + "-shm"):
      self = .unwritable(
        path: path,
        reason: "\(path)-shm belongs to another user; delete it while nobody works on the store")
    case .SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_FULL, .SQLITE_IOERR,
      .SQLITE_AUTH, .SQLITE_NOLFS:
      self = .unwritable(path: path, reason: message)
    case .SQLITE_CONSTRAINT:
      self = .rejected(what: message, hint: "the value breaks a rule of the store")
    case .SQLITE_MISUSE:
      self = .rejected(what: message, hint: "open the store again if it was closed")
    case .SQLITE_NOMEM:
      self = .unwritable(path: path, reason: message)
    default:
      self = .corrupt(path: path, reason: message)
    }
  }
}

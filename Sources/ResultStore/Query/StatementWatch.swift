import Dispatch
import GRDB
import GRDBSQLite

/// Ends a statement that takes too long, or that is no longer wanted.
///
/// SQLite asks it every so many steps of a statement; a statement is seen to take long only while
/// SQLite works on it.
final class StatementWatch {
  /// Steps between two questions: some tens of microseconds.
  private static let steps: Int32 = 10_000
  /// Longest text or blob that a statement may make: one step of SQLite can make a whole one.
  private static let longestValue: Int32 = 1 << 26

  private let deadline: DispatchTime?
  private let shouldStop: () -> Bool
  private(set) var isLate = false
  private(set) var isStopped = false

  /// - Parameter timeout: in seconds; nil for none.
  init(timeout: Double?, shouldStop: @escaping () -> Bool) {
    deadline = timeout.map { .now() + $0 }
    self.shouldStop = shouldStop
  }

  /// Runs `body` under watch; a statement that is ended throws `SQLITE_INTERRUPT`.
  func watching<T>(_ db: Database, _ body: () throws -> T) rethrows -> T {
    let before = sqlite3_limit(db.sqliteConnection, SQLITE_LIMIT_LENGTH, Self.longestValue)
    defer { sqlite3_limit(db.sqliteConnection, SQLITE_LIMIT_LENGTH, before) }
    sqlite3_progress_handler(
      db.sqliteConnection, Self.steps,
      { pointer in
        guard let pointer else { return 0 }
        return Unmanaged<StatementWatch>.fromOpaque(pointer).takeUnretainedValue().ends() ? 1 : 0
      }, Unmanaged.passUnretained(self).toOpaque())
    defer { sqlite3_progress_handler(db.sqliteConnection, 0, nil, nil) }
    return try withExtendedLifetime(self) { try body() }
  }

  /// Whether the statement is to end now.
  private func ends() -> Bool {
    isStopped = isStopped || shouldStop()
    isLate = isLate || deadline.map { DispatchTime.now() >= $0 } ?? false
    return isStopped || isLate
  }
}

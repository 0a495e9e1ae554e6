import Foundation
import GRDB

/// Every number the program measured, in one SQLite file.
///
/// One process writes, any number read beside it (write-ahead log). A finished cell is committed
/// in one transaction with all its numbers, so killing the process at any moment loses no
/// finished cell and leaves no half of one.
public final class ResultStore: Sendable {
  /// The path of the store.
  public let path: String
  let reader: any DatabaseReader
  private let reading: ReadingConnection?
  let writer: (any DatabaseWriter)?

  /// Opens the store at `path` for writing, creating or upgrading it where needed.
  ///
  /// Throws `StoreError`: `notADatabase`, `otherApplication`, `newerSchema`, `unwritable`,
  /// `locked` or `corrupt`. A file that is no result store is left as it was.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - busyTimeout: how long to wait for another process to release its lock, in seconds.
  public init(path: String, busyTimeout: Double = 10) throws {
    let directory = URL(fileURLWithPath: path).deletingLastPathComponent().path
    var isDirectory: ObjCBool = false
    guard FileManager.default.fileExists(atPath: directory, isDirectory: &isDirectory),
      isDirectory.boolValue
    else {
      throw StoreError.unwritable(path: path, reason: "there is no directory \(directory)")
    }
    if FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory),
      isDirectory.boolValue
    {
      throw StoreError.unwritable(path: path, reason: "it is a directory")
    }
    _ = try StoreFile.kind(at: path)
    self.path = path
    let pool = try StoreError.translating(path) {
      var configuration = Configuration()
      configuration.busyMode = .timeout(busyTimeout)
      // What is inserted refers to rows that the same transaction has found or made.
      configuration.foreignKeysEnabled = false
      // The log is brought into the file after 16 MB of it instead of 4 MB: many small
      // transactions write the same pages again and again, and every time waits for the disk. What is
      // left of it at the end waits for the closing of the store.
      configuration.prepareDatabase { db in
        try db.execute(sql: "PRAGMA wal_autocheckpoint = 4000")
        // SQLite keeps 2 MB of pages of its own accord; the cells of a large study and their indexes
        // take more, and are then read from the log again and again.
        try db.execute(sql: "PRAGMA cache_size = -32768")
        // The types of the records keep what the checks of the tables ask for, and SQLite spends
        // half the time of an insertion on them. STRICT, NOT NULL and keys hold all the same.
        try db.execute(sql: "PRAGMA ignore_check_constraints = 1")
      }
      return try Self.open(path, configuration, timeout: busyTimeout)
    }
    reader = pool
    reading = nil
    writer = pool
  }

  /// Opens the store at `path` for reading only; nothing stays beside it.
  ///
  /// Throws `StoreError.missing` when there is no file, `notADatabase`, `otherApplication`,
  /// `newerSchema`, `olderSchema`, `waitingLog`, `locked` or `corrupt`.
  public init(readingPath path: String) throws {
    let reading = try Self.openForReading(path)
    reader = reading.queue
    self.reading = reading
    writer = nil
    self.path = path
  }

  /// Closes the store and brings its log into the file. The store cannot be used afterwards.
  ///
  /// Not needed for safety: a store that is never closed loses nothing. Throws
  /// `StoreError.locked` while a statement still runs.
  public func close() throws {
    try StoreError.translating(path) {
      // The last connection to close brings the log into the file, and a reader cannot.
      if let pool = reader as? DatabasePool { pool.invalidateReadOnlyConnections() }
      try reader.close()
    }
  }

  /// A read-only connection to a store whose views are those of the current schema.
  static func openForReading(_ path: String) throws -> ReadingConnection {
    switch try StoreFile.kind(at: path) {
    case .absent:
      throw FileManager.default.fileExists(atPath: path)
        ? StoreError.notADatabase(path: path) : StoreError.missing(path: path)
    case .store(let version) where version < StoreSchema.oldestReadable:
      throw StoreError.olderSchema(path: path, found: version, known: StoreSchema.version)
    case .store:
      return try StoreError.translating(path) { try ReadingConnection(path) }
    }
  }

  /// Opens the store with its schema up to date.
  ///
  /// Where several processes make a store at once, the change to a log takes locks that SQLite does not
  /// wait for: it is tried again until the timeout.
  private static func open(
    _ path: String, _ configuration: Configuration, timeout: TimeInterval
  ) throws -> DatabasePool {
    let deadline = Date() + timeout
    while true {
      do {
        let pool = try DatabasePool(
          path: StoreFile.literal(path), configuration: configuration)
        try migrate(pool)
        return pool
      } catch let error as DatabaseError
        where error.resultCode == .SQLITE_BUSY && Date() < deadline
      {
        Thread.sleep(forTimeInterval: 0.01)
      }
    }
  }

  /// Brings the schema up to date. Of two processes that create a store at the same moment, one
  /// finds what the other has made; it goes on from there.
  private static func migrate(_ pool: DatabasePool) throws {
    let migrator = StoreSchema.migrator
    func applied() throws -> Int { try pool.read { try migrator.appliedIdentifiers($0).count } }
    while true {
      let before = try applied()
      do {
        return try migrator.migrate(pool)
      } catch {
        guard try applied() > before else { throw error }
      }
    }
  }

  /// Runs `body` in one immediate transaction.
  func write<T: Sendable>(_ body: (Database) throws -> T) throws -> T {
    guard let writer else {
      throw StoreError.unwritable(path: path, reason: "the store was opened for reading")
    }
    return try StoreError.translating(path) { try writer.write(body) }
  }

  /// Runs `body` on one consistent state of the store.
  func read<T: Sendable>(_ body: (Database) throws -> T) throws -> T {
    do {
      let found = try StoreError.translating(path) { try reader.read(body) }
      try reading?.check()
      return found
    } catch StoreError.corrupt(let path, let reason) {
      // Pages of two states may look like damage.
      try reading?.check()
      throw StoreError.corrupt(path: path, reason: reason)
    }
  }
}

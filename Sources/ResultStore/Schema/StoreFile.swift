import Foundation
import GRDB

/// Finds out what a file is before anything is written to it.
enum StoreFile {
  enum Kind {
    /// No file, or an empty one.
    case absent
    /// A result store with this schema version.
    case store(version: Int)
  }

  /// How long a connection waits for a lock, in seconds.
  static let busyTimeout = 10.0

  /// A configuration for reading: no write is possible through it.
  static func readingConfiguration() -> Configuration {
    var configuration = Configuration()
    configuration.readonly = true
    configuration.busyMode = .timeout(busyTimeout)
    configuration.prepareDatabase { db in
      try StoreSchema.addMissingColumns(db)
      try db.execute(sql: "PRAGMA query_only = 1")
    }
    return configuration
  }

  /// Opens a file for reading.
  ///
  /// SQLite wants to create a shared-memory file beside a WAL database even for reading. In a
  /// directory that cannot be written this fails; if no log waits to be read, the file alone is
  /// the whole database and may be opened as immutable.
  static func openForReading(_ path: String) throws -> DatabaseQueue {
    do {
      let queue = try DatabaseQueue(path: path, configuration: readingConfiguration())
      _ = try queue.read { db in try Int.fetchOne(db, sql: "PRAGMA schema_version") }
      return queue
    } catch let error as DatabaseError
      where error.resultCode == .SQLITE_CANTOPEN || error.resultCode == .SQLITE_READONLY
    {
      guard !FileManager.default.fileExists(atPath: path + "-wal"),
        let escaped = path.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed)
      else { throw error }
      return try DatabaseQueue(
        path: "file:\(escaped)?immutable=1", configuration: readingConfiguration())
    }
  }

  /// What is at `path`.
  ///
  /// Throws `notADatabase`, `otherApplication`, `newerSchema`, `locked`, `corrupt` or
  /// `unwritable`.
  static func kind(at path: String) throws -> Kind {
    let attributes: [FileAttributeKey: Any]
    var isDirectory: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
      return .absent
    }
    guard !isDirectory.boolValue else { throw StoreError.notADatabase(path: path) }
    do {
      attributes = try FileManager.default.attributesOfItem(atPath: path)
    } catch {
      throw StoreError.unwritable(path: path, reason: "its attributes cannot be read")
    }
    if let size = attributes[.size] as? Int, size == 0 { return .absent }
    return try StoreError.translating(path) {
      let (application, version, objects) = try openForReading(path).read { db in
        (
          try Int.fetchOne(db, sql: "PRAGMA application_id") ?? 0,
          try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0,
          try Int.fetchOne(
            db, sql: "SELECT count(*) FROM sqlite_master WHERE tbl_name <> 'grdb_migrations'") ?? 0
        )
      }
      // The list of migrations and its index may stand alone: another process is creating a store.
      if application == 0 && version == 0 && objects == 0 { return .absent }
      guard application == StoreSchema.applicationID else {
        throw StoreError.otherApplication(path: path)
      }
      guard version <= StoreSchema.version else {
        throw StoreError.newerSchema(path: path, found: version, known: StoreSchema.version)
      }
      return .store(version: version)
    }
  }
}

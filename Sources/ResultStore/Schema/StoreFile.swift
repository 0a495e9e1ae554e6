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

  /// What is at `path`.
  ///
  /// Throws `notADatabase`, `otherApplication`, `newerSchema`, `locked`, `corrupt`, `waitingLog` or
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
      let (application, version, objects) = try connection(path).read { db in
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

  /// A connection to a file of which it is not known yet that it is a store. The file alone tells so
  /// for every store whose log was brought in once; a file of another program is not touched.
  private static func connection(_ path: String) throws -> DatabaseQueue {
    let alone = try? ReadingConnection.immutable(path)
    let application = try? alone?.read { try Int.fetchOne($0, sql: "PRAGMA application_id") }
    // A store that is just being made is in its log alone.
    guard application == StoreSchema.applicationID || !ReadingConnection.isOwn(path) else {
      return try ReadingConnection.plain(path)
    }
    return try ReadingConnection(path).queue
  }

  /// The path as SQLite opens it: a name such as "file:x" or ":memory:" is a file's name all the same.
  static func literal(_ path: String) -> String {
    path.hasPrefix("/") ? path : "./" + path
  }

  /// Whether a file is there that this user may not write.
  static func isForeign(_ path: String) -> Bool {
    access(path, F_OK) == 0 && access(path, W_OK) != 0
  }
}

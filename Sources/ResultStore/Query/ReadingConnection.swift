import Foundation
import GRDB

/// A connection that reads a store, and leaves no file of the reader's own beside it.
///
/// SQLite reads a store through its log `-wal` and the log's index `-shm`, and makes both where they
/// are missing. Made by a reader who is not the store's owner they are the reader's, and the owner can
/// write to the store no more. So
///
/// - the owner (and root, for whom SQLite gives the files to the owner) opens the file as a writer
///   does, without the right to change anything: the last one out removes both files;
/// - anybody else reads the file alone where no log waits: without locks, so it is looked afterwards
///   whether it was written to meanwhile (`check()`);
/// - where a log waits, with the index that is there; without an index it cannot be read.
struct ReadingConnection: Sendable {
  let queue: DatabaseQueue
  private let path: String
  /// The file as it was when it was opened without locks.
  private let unlocked: FileState?

  /// How long a connection waits for a lock, in seconds.
  private static let busyTimeout = 10.0

  /// - Throws: `DatabaseError`; `StoreError.waitingLog`.
  init(_ path: String) throws {
    self.path = path
    if Self.isOwn(path), let queue = try Self.own(path) {
      self.queue = queue
      unlocked = nil
      try lookThrough()
      return
    }
    let before = FileState(path)
    guard Self.size(path + "-wal") > 0 || Self.size(path + "-journal") > 0 else {
      queue = try Self.immutable(path)
      unlocked = before
      try lookThrough()
      return
    }
    guard access(path + "-shm", R_OK) == 0 else { throw StoreError.waitingLog(path: path) }
    queue = try Self.open(path, "mode=ro&readonly_shm=1", readonly: true)
    unlocked = nil
    try lookThrough()
  }

  /// The largest file whose pages are looked through before they are read: some tens of milliseconds.
  private static let mostChecked = 16 << 20

  /// Has SQLite look for broken pages, and for values that their columns cannot have: pages of another
  /// place may be read without an error. A larger store is told to be damaged where it is read.
  ///
  /// - Throws: `DamagedValue`; `StoreError.changed`.
  private func lookThrough() throws {
    guard Self.size(path) <= Self.mostChecked else { return }
    let found = try queue.read { try String.fetchOne($0, sql: "PRAGMA quick_check(1)") } ?? ""
    guard found != "ok" else { return }
    try check()
    let lines = found.split(separator: "\n").filter { !$0.hasPrefix("***") }
    throw DamagedValue(ShownText.visible(lines.first.map(String.init) ?? "its pages"))
  }

  /// Makes sure that what was read since the opening is one state of the store.
  ///
  /// - Throws: `StoreError.changed`.
  func check() throws {
    guard let unlocked, unlocked != FileState(path) else { return }
    throw StoreError.changed(path: path)
  }

  /// Reads the file alone, without locks and without its log.
  static func immutable(_ path: String) throws -> DatabaseQueue {
    try open(path, "immutable=1", readonly: true)
  }

  /// As SQLite reads any file of which nothing is known.
  static func plain(_ path: String) throws -> DatabaseQueue {
    do {
      return try open(path, "mode=ro", readonly: true)
    } catch let error as DatabaseError where isRefusal(error) {
      guard size(path + "-wal") == 0 else { throw error }
      return try immutable(path)
    }
  }

  /// A connection with the owner's rights; nil where they do not reach (a full disk, say).
  private static func own(_ path: String) throws -> DatabaseQueue? {
    do {
      return try open(path, "mode=rw", readonly: false)
    } catch let error as DatabaseError where isRefusal(error) {
      return nil
    }
  }

  private static func isRefusal(_ error: DatabaseError) -> Bool {
    [.SQLITE_CANTOPEN, .SQLITE_READONLY, .SQLITE_IOERR, .SQLITE_FULL, .SQLITE_PERM]
      .contains(error.resultCode)
  }

  private static func open(
    _ path: String, _ options: String, readonly: Bool
  ) throws -> DatabaseQueue {
    guard
      let escaped = StoreFile.literal(path)
        .addingPercentEncoding(withAllowedCharacters: .urlPathAllowed)
    else { throw StoreError.unwritable(path: path, reason: "its name cannot be read") }
    var configuration = Configuration()
    configuration.readonly = readonly
    configuration.busyMode = .timeout(busyTimeout)
    configuration.prepareDatabase { db in
      try StoreSchema.addMissingColumns(db)
      try db.execute(sql: "PRAGMA query_only = 1")
    }
    let queue = try DatabaseQueue(path: "file:\(escaped)?\(options)", configuration: configuration)
    _ = try queue.read { db in try Int.fetchOne(db, sql: "PRAGMA schema_version") }
    return queue
  }

  /// Whether the log's files are this user's to make.
  static func isOwn(_ path: String) -> Bool {
    var facts = stat()
    guard stat(path, &facts) == 0 else { return false }
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    return (geteuid() == 0 || facts.st_uid == geteuid())
      && access(path, W_OK) == 0 && access(folder, W_OK) == 0
      && !StoreFile.isForeign(path + "-shm") && !StoreFile.isForeign(path + "-wal")
  }

  private static func size(_ path: String) -> Int {
    var facts = stat()
    return stat(path, &facts) == 0 ? Int(facts.st_size) : 0
  }
}

/// What changes where a file is written to or replaced.
private struct FileState: Equatable {
  private let device: UInt64
  private let inode: UInt64
  private let size: Int64
  private let seconds: Int
  private let nanoseconds: Int

  /// All zero for a file that is gone.
  init(_ path: String) {
    var facts = stat()
    _ = stat(path, &facts)
    device = UInt64(facts.st_dev)
    inode = UInt64(facts.st_ino)
    size = Int64(facts.st_size)
    seconds = facts.st_mtim.tv_sec
    nanoseconds = facts.st_mtim.tv_nsec
  }
}

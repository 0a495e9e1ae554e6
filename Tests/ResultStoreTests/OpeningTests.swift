import Foundation
import GRDB
import ResultStore
import Testing

@Suite struct OpeningTests {
  private func error(_ body: () throws -> Void) -> StoreError? {
    do {
      try body()
      return nil
    } catch {
      return error as? StoreError
    }
  }

  private func write(_ text: String, to path: String) throws {
    try text.write(toFile: path, atomically: false, encoding: .utf8)
  }

  @Test func missingFile() throws {
    let path = try TemporaryDirectory().file("none.sqlite")
    let found = error { _ = try ResultStore(readingPath: path) }
    #expect(found == .missing(path: path))
    #expect(found?.exitCode == 5)
    #expect(error { _ = try ReadOnlyQuery(path: path) } == .missing(path: path))
    #expect(
      found?.description
        == "\(path): no such store; `gradfid run STUDY --store \(path)` creates one")
  }

  @Test func missingDirectory() throws {
    let directory = try TemporaryDirectory()
    let path = directory.file("none/s.sqlite")
    let found = error { _ = try ResultStore(path: path) }
    #expect(found?.exitCode == 5)
    #expect(found?.description.contains("there is no directory") == true)
  }

  @Test func aDirectoryIsNoStore() throws {
    let directory = try TemporaryDirectory()
    #expect(error { _ = try ResultStore(path: directory.path) }?.exitCode == 5)
    #expect(error { _ = try ResultStore(readingPath: directory.path) }?.exitCode == 5)
  }

  #if os(Linux)
    @Test func unwritablePlace() {
      let found = error { _ = try ResultStore(path: "/proc/gradfid.sqlite") }
      #expect(found?.description.contains("cannot be opened or written") == true)
      #expect(found?.exitCode == 5)
    }
  #endif

  @Test func textFileIsLeftAlone() throws {
    let directory = try TemporaryDirectory()
    let path = directory.file("s.sqlite")
    let text = String(repeating: "not a database\n", count: 100)
    try write(text, to: path)
    #expect(error { _ = try ResultStore(path: path) } == .notADatabase(path: path))
    #expect(error { _ = try ResultStore(readingPath: path) } == .notADatabase(path: path))
    #expect(try directory.text("s.sqlite") == text)
  }

  @Test func databaseOfAnotherApplicationIsLeftAlone() throws {
    let directory = try TemporaryDirectory()
    let path = directory.file("other.sqlite")
    do {
      let queue = try DatabaseQueue(path: path)
      try queue.write { db in try db.execute(sql: "CREATE TABLE song(title TEXT)") }
      try queue.close()
    }
    let before = try directory.bytes("other.sqlite")
    #expect(error { _ = try ResultStore(path: path) } == .otherApplication(path: path))
    #expect(error { _ = try ResultStore(readingPath: path) } == .otherApplication(path: path))
    #expect(try directory.bytes("other.sqlite") == before)
  }

  @Test func newerSchema() throws {
    let directory = try TemporaryDirectory()
    let path = directory.file("s.sqlite")
    _ = try ResultStore(path: path)
    let queue = try DatabaseQueue(path: path)
    try queue.write { db in try db.execute(sql: "PRAGMA user_version = 99") }
    try queue.close()
    let expected = StoreError.newerSchema(path: path, found: 99, known: StoreSchema.version)
    #expect(error { _ = try ResultStore(path: path) } == expected)
    #expect(error { _ = try ResultStore(readingPath: path) } == expected)
    #expect(expected.exitCode == 5)
  }

  @Test func damagedFile() throws {
    let directory = try TemporaryDirectory()
    let path = directory.file("s.sqlite")
    _ = try ResultStore(path: path)
    var bytes = try directory.bytes("s.sqlite")
    for index in 100..<bytes.count { bytes[index] = 0xff }
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    for found in [
      error { _ = try ResultStore(path: path) }, error { _ = try ResultStore(readingPath: path) },
    ] {
      guard case .corrupt = found else {
        Issue.record("expected corrupt, found \(String(describing: found))")
        continue
      }
    }
  }

  @Test func lockedStore() throws {
    let directory = try TemporaryDirectory()
    let path = directory.file("s.sqlite")
    let store = try ResultStore(path: path, busyTimeout: 0.02)
    let other = try DatabaseQueue(path: path)
    try other.inDatabase { db in
      try db.execute(sql: "BEGIN IMMEDIATE")
      #expect(error { try SampleStudy.fill(store) } == .locked(path: path))
      try db.execute(sql: "ROLLBACK")
    }
    try SampleStudy.fill(store)
  }

  @Test func emptyFileBecomesAStore() throws {
    let directory = try TemporaryDirectory()
    let path = directory.file("s.sqlite")
    try write("", to: path)
    #expect(error { _ = try ResultStore(readingPath: path) } == .notADatabase(path: path))
    try SampleStudy.fill(try ResultStore(path: path))
  }

  @Test func readingStoreRefusesToWrite() throws {
    let directory = try TemporaryDirectory()
    let path = directory.file("s.sqlite")
    _ = try ResultStore(path: path)
    let store = try ResultStore(readingPath: path)
    guard case .unwritable = error({ try SampleStudy.fill(store) }) else {
      Issue.record("a reading store must refuse to write")
      return
    }
    #expect(try store.studies().isEmpty)
  }

  @Test func aClosedStoreIsOneFile() throws {
    let directory = try TemporaryDirectory()
    let store = try ResultStore(path: directory.file("s.sqlite"))
    try SampleStudy.fill(store)
    try store.close()
    let names = try FileManager.default.contentsOfDirectory(atPath: directory.path)
    #expect(names == ["s.sqlite"])
    #expect(throws: StoreError.self) { _ = try store.studies() }
    #expect(try ResultStore(readingPath: store.path).studies().count == 1)
  }

  /// Each migration is a transaction, so that one process may meet another's store half made.
  @Test func severalMayCreateOneStoreAtOnce() async throws {
    let directory = try TemporaryDirectory()
    for round in 0..<8 {
      let path = directory.file("\(round).sqlite")
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<4 { group.addTask { _ = try ResultStore(path: path) } }
        try await group.waitForAll()
      }
      try SampleStudy.fill(try ResultStore(path: path))
    }
  }
}

import Foundation
import GRDB
import ResultStore
import Testing

/// A store as release 0.1.0 with schema version 1 left it, with two cells.
@Suite struct UpgradeTests {
  private func versionOne(_ directory: TemporaryDirectory) throws -> String {
    let path = directory.file("s.sqlite")
    let folder = try #require(Bundle.module.resourcePath) + "/Fixtures"
    let sql = try String(contentsOfFile: folder + "/store-version-1.sql", encoding: .utf8)
    let queue = try DatabaseQueue(path: path)
    try queue.writeWithoutTransaction { db in try db.execute(sql: sql) }
    try queue.close()
    return path
  }

  /// All rows of all public views in an order of their own.
  private func contents(_ path: String) throws -> [String: [String]] {
    let query = try ReadOnlyQuery(path: path)
    return try Dictionary(
      uniqueKeysWithValues: PublicView.all.map { view in
        (view.name, try query.run("SELECT * FROM \(view.name)").rows.map { "\($0)" }.sorted())
      })
  }

  /// The results of all cells.
  private func records(_ path: String) throws -> [CellResult] {
    let store = try ResultStore(readingPath: path)
    return try store.cells(hashPrefix: "").compactMap { try store.result(cellHash: $0.hash) }
  }

  /// The lines of the export.
  private func lines(_ path: String, _ directory: TemporaryDirectory) throws -> [String] {
    _ = try StudyExport(store: ResultStore(readingPath: path)).write(
      study: "version-one", to: directory.path)
    return try directory.text("version-one.csv").split(separator: "\n").map(String.init)
  }

  private func schema(_ path: String) throws -> QueryResult {
    try ReadOnlyQuery(path: path).run(
      "SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name")
  }

  @Test func theFixtureIsOfVersionOne() throws {
    let directory = try TemporaryDirectory()
    let path = try versionOne(directory)
    #expect(try SchemaTests.digest(path) == 12_463_446_740_873_694_573)
    #expect(
      try DatabaseQueue(path: path).read { try Int.fetchOne($0, sql: "PRAGMA user_version") } == 1)
  }

  @Test func versionOneIsReadAsItIs() throws {
    let directory = try TemporaryDirectory()
    let path = try versionOne(directory)
    let before = try directory.bytes("s.sqlite")
    let store = try ResultStore(readingPath: path)
    #expect(try store.studies().map(\.done) == [2])
    let found = try contents(path)
    #expect(found["v_measurements"]?.count == 158)
    #expect(try directory.bytes("s.sqlite") == before)
  }

  @Test func versionOneIsUpgradedWithAllItsNumbers() throws {
    let directory = try TemporaryDirectory()
    let path = try versionOne(directory)
    let before = try contents(path)
    let recordsBefore = try records(path)
    let linesBefore = try lines(path, directory)
    let store = try ResultStore(path: path)
    try store.close()
    #expect(try contents(path) == before)
    #expect(try records(path) == recordsBefore)
    #expect(recordsBefore.map(\.measurements.count).reduce(0, +) == 158)
    #expect(try lines(path, directory) == linesBefore)
    #expect(linesBefore.count == 159)
    let found = try DatabaseQueue(path: path).read {
      try String.fetchAll($0, sql: "PRAGMA integrity_check")
    }
    #expect(found == ["ok"])
    #expect(before["v_rmse"]?.isEmpty == false)
    #expect(before["v_budget"]?.isEmpty == false)
    let fresh = directory.file("fresh.sqlite")
    try ResultStore(path: fresh).close()
    #expect(try schema(path) == schema(fresh))
    let version = try DatabaseQueue(path: path).read {
      try Int.fetchOne($0, sql: "PRAGMA user_version")
    }
    #expect(version == StoreSchema.version)
  }

  @Test func anUpgradedStoreGoesOn() throws {
    let directory = try TemporaryDirectory()
    let store = try ResultStore(path: try versionOne(directory))
    try SampleStudy.fill(store)
    #expect(try store.studies().map(\.study.name) == ["tau-grid", "version-one"])
    try SampleStudy.fill(try ResultStore(path: store.path))
  }
}

import Foundation
import GRDB
import ResultStore
import Testing

/// Stores as earlier programs left them: release 0.1.0 with schema version 1 and two cells, the last program of
/// schema version 3 with three cells, one of them failed, and rows of a coverage study, and the last ones of
/// versions 4 and 5 with two cells each.
@Suite struct UpgradeTests {
  /// What a fixture holds.
  struct Old: Sendable {
    var version: Int
    var study: String
    var digest: UInt64
    var done: Int
    var measurements: Int
    /// Rows of `v_measurements`: a cell without numbers has one.
    var rows: Int
  }

  static let all = [
    Old(
      version: 1, study: "version-one", digest: 12_463_446_740_873_694_573, done: 2,
      measurements: 158, rows: 158),
    Old(
      version: 3, study: "version-three", digest: 15_978_275_061_873_144_877, done: 2,
      measurements: 50, rows: 51),
    Old(
      version: 4, study: "version-four", digest: 11_563_432_105_717_149_977, done: 2,
      measurements: 48, rows: 48),
    Old(
      version: 5, study: "version-five", digest: 2_040_337_408_362_116_528, done: 2,
      measurements: 54, rows: 54),
  ]

  private func store(_ old: Old, _ directory: TemporaryDirectory) throws -> String {
    let path = directory.file("s.sqlite")
    let folder = try #require(Bundle.module.resourcePath) + "/Fixtures"
    let sql = try String(
      contentsOfFile: folder + "/store-version-\(old.version).sql", encoding: .utf8)
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
  private func lines(
    _ path: String, _ directory: TemporaryDirectory, _ study: String
  ) throws -> [String] {
    _ = try StudyExport(store: ResultStore(readingPath: path)).write(
      study: study, to: directory.path)
    return try directory.text(study + ".csv").split(separator: "\n").map(String.init)
  }

  private func schema(_ path: String) throws -> QueryResult {
    try ReadOnlyQuery(path: path).run(
      "SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name")
  }

  @Test(arguments: all) func theFixtureIsOfItsVersion(_ old: Old) throws {
    let directory = try TemporaryDirectory()
    let path = try store(old, directory)
    #expect(try SchemaTests.digest(path) == old.digest)
    #expect(
      try DatabaseQueue(path: path).read { try Int.fetchOne($0, sql: "PRAGMA user_version") }
        == old.version)
  }

  @Test(arguments: all) func anOldStoreIsReadAsItIs(_ old: Old) throws {
    let directory = try TemporaryDirectory()
    let path = try store(old, directory)
    let before = try directory.bytes("s.sqlite")
    let store = try ResultStore(readingPath: path)
    #expect(try store.studies().map(\.done) == [old.done])
    let found = try contents(path)
    #expect(found["v_measurements"]?.count == old.rows)
    #expect(try directory.bytes("s.sqlite") == before)
  }

  /// The views of an old store have the columns of today, and its numbers have no warnings.
  @Test(arguments: all) func anOldStoreHasTheColumnsOfToday(_ old: Old) throws {
    let directory = try TemporaryDirectory()
    let query = try ReadOnlyQuery(path: try store(old, directory))
    for view in PublicView.all {
      let columns = try query.run("SELECT * FROM \(view.name)").columns
      #expect(columns == view.columns.map(\.name), "\(view.name)")
    }
    let warned = try query.run(
      "SELECT count(*) FROM v_measurements WHERE tail OR warning <> '' OR warning IS NULL")
    #expect(warned.rows == [[.integer(0)]])
    let other = try TemporaryDirectory()
    let records = try self.records(store(old, other))
    withExtendedLifetime(other) {}
    #expect(records.flatMap(\.measurements).allSatisfy { $0.warnings.isEmpty })
  }

  @Test(arguments: all) func anOldStoreIsUpgradedWithAllItsNumbers(_ old: Old) throws {
    let directory = try TemporaryDirectory()
    let path = try store(old, directory)
    let before = try contents(path)
    let recordsBefore = try records(path)
    let linesBefore = try lines(path, directory, old.study)
    let store = try ResultStore(path: path)
    try store.close()
    #expect(try contents(path) == before)
    #expect(try records(path) == recordsBefore)
    #expect(recordsBefore.map(\.measurements.count).reduce(0, +) == old.measurements)
    #expect(try lines(path, directory, old.study) == linesBefore)
    #expect(linesBefore.count == 1 + old.rows)
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

  @Test(arguments: all) func anUpgradedStoreGoesOn(_ old: Old) throws {
    let directory = try TemporaryDirectory()
    let store = try ResultStore(path: try store(old, directory))
    try SampleStudy.fill(store)
    #expect(try store.studies().map(\.study.name) == ["tau-grid", old.study])
    try SampleStudy.fill(try ResultStore(path: store.path))
  }
}

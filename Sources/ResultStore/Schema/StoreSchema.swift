import GRDB

/// The version of the store's schema and the way from an older one to it.
public enum StoreSchema {
  /// The schema version this program writes and reads; kept in `PRAGMA user_version`.
  public static let version = 6

  /// The oldest schema version that can be read without an upgrade: since then the public views have
  /// the same rows, and the columns they lack are added by the connection that reads them.
  static let oldestReadable = 1

  /// Marks a file as a result store: "GFid" in `PRAGMA application_id`.
  static let applicationID = 0x4746_6964

  /// The migrations, in order. A released migration is never edited.
  static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("1-tables-and-views", foreignKeyChecks: .immediate) { db in
      try db.execute(sql: "PRAGMA application_id = \(applicationID)")
      try db.execute(sql: TablesV1.sql)
      try db.execute(sql: ViewsV1.sql)
      try db.execute(sql: "PRAGMA user_version = 1")
    }
    migrator.registerMigration("2-plans", foreignKeyChecks: .immediate) { db in
      try db.execute(sql: ViewsV2.sql)
      try db.execute(sql: StatisticsV2.sql)
      try db.execute(sql: "PRAGMA user_version = 2")
    }
    migrator.registerMigration("3-forms", foreignKeyChecks: .immediate) { db in
      try db.execute(sql: ViewsV3.drop)
      try db.execute(sql: TablesV3.sql)
      try db.execute(sql: ViewsV3.sql)
      try db.execute(sql: TablesV3.statistics)
      try db.execute(sql: "PRAGMA user_version = 3")
    }
    migrator.registerMigration("4-warnings", foreignKeyChecks: .immediate) { db in
      try db.execute(sql: ViewsV4.drop)
      try db.execute(sql: TablesV4.sql)
      try db.execute(sql: ViewsV4.sql)
      try db.execute(sql: TablesV4.statistics)
      try db.execute(sql: "PRAGMA user_version = 4")
    }
    migrator.registerMigration("5-routes", foreignKeyChecks: .immediate) { db in
      try db.execute(sql: RoutesV5.sql)
      try db.execute(sql: "PRAGMA user_version = 5")
    }
    migrator.registerMigration("6-series-and-parameters", foreignKeyChecks: .immediate) { db in
      try db.execute(sql: SeriesV6.sql)
      try db.execute(sql: ParametersV6.sql)
      try db.execute(sql: ParametersV6.statistics)
      try db.execute(sql: "PRAGMA user_version = 6")
    }
    return migrator
  }

  /// Gives a connection to a store of an older version the views and columns that it lacks, in views of
  /// its own that hide those of the file. Nothing is written to the file; other files are left alone.
  static func addMissingColumns(_ db: Database) throws {
    guard try Int.fetchOne(db, sql: "PRAGMA application_id") == applicationID,
      let found = try Int.fetchOne(db, sql: "PRAGMA user_version"), (1..<version).contains(found)
    else { return }
    if found < 4 { try db.execute(sql: ViewsV4.forOlder) }
    if found < 5 { try db.execute(sql: RoutesV5.forOlder) }
    if found < 6 {
      try db.execute(sql: SeriesV6.forOlder)
      try db.execute(sql: ParametersV6.forOlder)
    }
  }

  /// Where the columns of measurements are found, whatever the version of the store: what `FROM`
  /// names, as `m`.
  static func measurements(_ db: Database) throws -> String {
    let found = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? version
    switch found {
    case ..<3: return "(SELECT *, '' AS warnings FROM measurement) m"
    case 3: return "measurement m JOIN (SELECT *, '' AS warnings FROM form) f ON f.id = m.form"
    default: return "measurement m JOIN form f ON f.id = m.form"
    }
  }
}

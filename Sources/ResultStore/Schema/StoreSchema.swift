import GRDB

/// The version of the store's schema and the way from an older one to it.
public enum StoreSchema {
  /// The schema version this program writes and reads; kept in `PRAGMA user_version`.
  public static let version = 3

  /// The oldest schema version that can be read without an upgrade: since then the public views have
  /// the same columns and rows.
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
    return migrator
  }

  /// Where the columns of measurements are found, whatever the version of the store: what `FROM`
  /// names, as `m`.
  static func measurements(_ db: Database) throws -> String {
    let found = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? version
    return found < 3 ? "measurement m" : "measurement m JOIN form f ON f.id = m.form"
  }
}

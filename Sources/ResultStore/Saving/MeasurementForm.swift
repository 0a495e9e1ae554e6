import GRDB

/// What many measurements have in common: a row of the table `form`.
struct MeasurementForm: Hashable {
  var kind: ValueKind
  var unit: String
  /// A nan is stored as not known.
  var ciLevel: Double?
  var ciMethod: String
  var moments: String
  var debiased: Bool
  var warnings: String

  init(_ row: Measurement) {
    kind = ValueKind(of: row.value)
    unit = row.unit
    ciLevel = row.ciLevel.flatMap { $0.isNaN ? nil : $0 }
    ciMethod = row.ciMethod
    moments = row.moments
    debiased = row.debiased
    warnings = row.warnings.text
  }

  /// Whether two measurements are of one form, without making it.
  static func isShared(_ one: Measurement, _ other: Measurement) -> Bool {
    ValueKind(of: one.value) == ValueKind(of: other.value) && one.unit == other.unit
      && one.ciLevel == other.ciLevel && one.ciMethod == other.ciMethod
      && one.moments == other.moments && one.debiased == other.debiased
      && one.warnings == other.warnings
  }

  private init(stored row: StoredRow) throws {
    kind = try row.word("value_kind")
    unit = try row.text("unit")
    ciLevel = try row.optionalReal("ci_level")
    ciMethod = try row.text("ci_method")
    moments = try row.text("moments")
    debiased = try row.flag("debiased")
    warnings = try row.text("warnings")
  }

  /// The numbers of all forms in a store; there are some tens of them.
  static func all(_ db: Database) throws -> [MeasurementForm: Int64] {
    let rows = try db.cachedStatement(sql: "SELECT * FROM form")
    return try Dictionary(
      Row.fetchAll(rows).map { row -> (MeasurementForm, Int64) in
        let row = StoredRow(row, of: "a form of measurements")
        return (try MeasurementForm(stored: row), try row.integer("id"))
      },
      uniquingKeysWith: { first, _ in first })
  }

  /// Brings a new form into the store and returns its number.
  func insert(_ db: Database) throws -> Int64 {
    try db.execute(
      sql: """
        INSERT INTO form(value_kind, unit, ci_level, ci_method, moments, debiased, warnings)
        VALUES (?, ?, ?, ?, ?, ?, ?)
        """,
      arguments: [kind.rawValue, unit, ciLevel, ciMethod, moments, debiased, warnings])
    return db.lastInsertedRowID
  }
}

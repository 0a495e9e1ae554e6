import GRDB

/// Inserts measurements, cell after cell.
///
/// Of a row only what differs from the one before is bound: most columns repeat. That halves the
/// time of a row against a new list of arguments.
struct MeasurementInsertion {
  private let statement: BoundStatement
  private var last: Measurement?

  init(_ db: Database) throws {
    statement = try BoundStatement(
      """
      INSERT INTO measurement(cell_id, scope, metric, unit, value, value_kind, se, ci_low,
        ci_high, ci_level, ci_method, moments, n, debiased, resolved)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      """, db)
  }

  /// The cell whose rows follow.
  func begin(cell: Int64) throws { try statement.bind(cell, at: 1) }

  /// Inserts one row; `false` if the cell has a value of this scope and metric already.
  mutating func insert(_ row: Measurement) throws -> Bool {
    let kind = ValueKind(of: row.value)
    if row.scope != last?.scope { try statement.bind(row.scope, at: 2) }
    try statement.bind(row.metric, at: 3)
    if row.unit != last?.unit { try statement.bind(row.unit, at: 4) }
    try statement.bind(kind == .finite ? row.value : nil, at: 5)
    if last.map({ ValueKind(of: $0.value) != kind }) ?? true {
      try statement.bind(kind.rawValue, at: 6)
    }
    // SQLite stores a nan as NULL, which is what the errors want: not known.
    try statement.bind(row.se, at: 7)
    try statement.bind(row.ciLow, at: 8)
    try statement.bind(row.ciHigh, at: 9)
    try statement.bind(row.ciLevel, at: 10)
    if row.ciMethod != last?.ciMethod { try statement.bind(row.ciMethod, at: 11) }
    if row.moments != last?.moments { try statement.bind(row.moments, at: 12) }
    try statement.bind(row.n.map(Int64.init), at: 13)
    try statement.bind(Int64(row.debiased ? 1 : 0), at: 14)
    try statement.bind(row.resolved.map { Int64($0 ? 1 : 0) }, at: 15)
    last = row
    do {
      try statement.run()
    } catch let error as DatabaseError
      where error.extendedResultCode == .SQLITE_CONSTRAINT_PRIMARYKEY
    {
      return false
    }
    return true
  }
}

import Fidelity
import GRDB

/// The rows of the file of one study.
///
/// The part of a row that tells the cell is made once per cell, and the measurements of a cell
/// are read in the order of their primary key, so nothing is sorted and nothing is kept.
struct MeasurementLines {
  let study: Int64
  let name: String

  /// Writes what stands before the rows, all of them and what stands after; returns their number.
  func write(to file: AtomicFile, as encoding: RowEncoding, _ db: Database) throws -> Int {
    var lines = try RowLines(encoding, columns: StudyExport.header, to: file)
    let cells = try db.makeStatement(
      sql: """
        SELECT c.id AS id, substr(c.hash, 1, 12), c.problem, c.model_state, c.step, substr(c.training, 1, 12), c.estimator,
          c.estimator_label, c.target, c.target_law, c.tau_forward, c.tau_backward, c.seed,
          r.moments, coalesce(r.state, 'pending') AS state
        FROM study_cell sc JOIN cell c ON c.id = sc.cell_id
        LEFT JOIN result r ON r.cell_id = c.id
        WHERE sc.study_id = ? ORDER BY sc.position
        """)
    let measurements = try db.makeStatement(
      sql: """
        SELECT scope, metric, unit, value, value_kind, se, ci_low, ci_high, ci_level, ci_method,
          moments, n, debiased, resolved, warnings
        FROM \(StoreSchema.measurements(db)) WHERE m.cell_id = ? ORDER BY m.scope, m.metric
        """)
    let cursor = try Row.fetchCursor(cells, arguments: [study])
    while let cell = try cursor.next() { try write(cell, measurements, to: &lines) }
    return try lines.end()
  }

  private func write(_ cell: Row, _ measurements: Statement, to lines: inout RowLines) throws {
    let stored = StoredRow(cell, of: "a cell")
    let id: Int64 = try stored.integer("id")
    lines.add(.text(name))
    for column in 1...12 { lines.add(QueryValue(cell[column] as DatabaseValue)) }
    let start = lines.takeStart()
    let state = (try stored.word("state") as CellState).rawValue
    var isMeasured = false
    let rows = try Row.fetchCursor(measurements, arguments: [id])
    while let row = try rows.next() {
      lines.begin(start)
      let kind: ValueKind = try StoredRow(row, of: "a measurement").word("value_kind")
      for column in 0..<14 {
        if column == 3, let spelled = kind.spelledValue {
          lines.add(.real(spelled))
        } else {
          lines.add(QueryValue(row[column] as DatabaseValue))
        }
      }
      try Self.end(&lines, state, warnings: row[14])
      isMeasured = true
    }
    guard !isMeasured else { return }
    lines.begin(start)
    let missing = QueryValue.text(ValueKind.missing.rawValue)
    let moments = QueryValue(cell[13] as DatabaseValue)
    let empty: [QueryValue] = [.null, .null, .null, .null, missing]
    let rest: [QueryValue] = [.null, .null, .null, .null, .null, moments, .null, .null, .null]
    for value in empty + rest { lines.add(value) }
    try Self.end(&lines, state, warnings: nil)
  }

  /// The columns after the numbers, from `cell_state` on.
  private static func end(_ lines: inout RowLines, _ state: String, warnings: String?) throws {
    lines.add(.text(state))
    let tail = warnings.map { Set<NumberWarning>(text: $0).contains(.tail) ? Int64(1) : 0 }
    lines.add(tail.map { .integer($0) } ?? .null)
    lines.add(.text(warnings ?? ""))
    try lines.endRow()
  }
}

extension ValueKind {
  /// The double that is spelled for this kind, where the stored value is NULL.
  var spelledValue: Double? {
    switch self {
    case .finite, .missing: return nil
    case .nan, .positiveInfinity, .negativeInfinity: return value(stored: nil)
    }
  }
}

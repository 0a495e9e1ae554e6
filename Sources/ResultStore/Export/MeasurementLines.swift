import Fidelity
import GRDB

/// The lines of the CSV file of one study.
///
/// The part of a line that tells the cell is made once per cell, and the measurements of a cell
/// are read in the order of their primary key, so nothing is sorted and nothing is kept.
struct MeasurementLines {
  let study: Int64
  let name: String

  /// Writes the header and all lines; returns the number of lines without the header.
  func write(to file: AtomicFile, _ db: Database) throws -> Int {
    try file.append(CSVFormat.line(StudyExport.header.map(QueryValue.text)).utf8)
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
    var count = 0
    let cursor = try Row.fetchCursor(cells, arguments: [study])
    while let cell = try cursor.next() {
      let written = try write(cell, measurements, to: file)
      count += written
    }
    return count
  }

  private func write(_ cell: Row, _ measurements: Statement, to file: AtomicFile) throws -> Int {
    let stored = StoredRow(cell, of: "a cell")
    let id: Int64 = try stored.integer("id")
    var identity: [UInt8] = []
    Self.append(.text(name), to: &identity)
    for column in 1...12 { Self.append(QueryValue(cell[column] as DatabaseValue), to: &identity) }
    let state = (try stored.word("state") as CellState).rawValue
    var line: [UInt8] = []
    var count = 0
    let rows = try Row.fetchCursor(measurements, arguments: [id])
    while let row = try rows.next() {
      line.removeAll(keepingCapacity: true)
      line.append(contentsOf: identity)
      let kind: ValueKind = try StoredRow(row, of: "a measurement").word("value_kind")
      for column in 0..<14 {
        if column == 3, let spelled = kind.spelledValue {
          Self.append(.real(spelled), to: &line)
        } else {
          Self.append(QueryValue(row[column] as DatabaseValue), to: &line)
        }
      }
      try Self.end(&line, state, warnings: row[14], file)
      count += 1
    }
    if count == 0 {
      line = identity
      let missing = QueryValue.text(ValueKind.missing.rawValue)
      let moments = QueryValue(cell[13] as DatabaseValue)
      let empty: [QueryValue] = [.null, .null, .null, .null, missing]
      let rest: [QueryValue] = [.null, .null, .null, .null, .null, moments, .null, .null, .null]
      for value in empty + rest { Self.append(value, to: &line) }
      try Self.end(&line, state, warnings: nil, file)
      count = 1
    }
    return count
  }

  private static func append(_ value: QueryValue, to line: inout [UInt8]) {
    line.append(contentsOf: CSVFormat.field(value).utf8)
    line.append(UInt8(ascii: ","))
  }

  /// The columns after the numbers, from `cell_state` on.
  private static func end(
    _ line: inout [UInt8], _ state: String, warnings: String?, _ file: AtomicFile
  ) throws {
    append(.text(state), to: &line)
    let tail = warnings.map { Set<NumberWarning>(text: $0).contains(.tail) ? Int64(1) : 0 }
    append(tail.map { .integer($0) } ?? .null, to: &line)
    line.append(contentsOf: CSVFormat.field(.text(warnings ?? "")).utf8)
    line.append(UInt8(ascii: "\n"))
    try file.append(line)
  }
}

extension ValueKind {
  /// The double a CSV file spells for this kind, where the stored value is NULL.
  var spelledValue: Double? {
    switch self {
    case .finite, .missing: return nil
    case .nan, .positiveInfinity, .negativeInfinity: return value(stored: nil)
    }
  }
}

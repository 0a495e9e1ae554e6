import GRDB

/// Inserts the measurements of cells, cell after cell, within one transaction.
///
/// Several rows go into the store by one statement. The cells of a study list the same metrics in
/// the same order, so what a place of the statement was bound to for the cell before is bound
/// already for the next one: of a row mostly its numbers are left.
struct MeasurementInsertion {
  /// Rows of one statement at most. More save no more time.
  private static let mostRows = 32

  /// A statement for a number of rows, and rows with the texts that its places are bound to.
  private struct Rows {
    let statement: BoundStatement
    var places: [Measurement] = []
  }

  private let db: Database
  private var forms: [MeasurementForm: Int64]
  /// By number of rows.
  private var statements: [Rows?] = Array(repeating: nil, count: mostRows + 1)

  init(_ db: Database) throws {
    self.db = db
    forms = try MeasurementForm.all(db)
  }

  /// Inserts the rows of a cell; `false` if it has a value of one scope and metric already.
  mutating func insert(_ rows: [Measurement], cell: Int64) throws -> Bool {
    var first = 0
    while first < rows.count {
      let last = min(first + Self.mostRows, rows.count)
      guard try insert(rows, first..<last, cell) else { return false }
      first = last
    }
    return true
  }

  private mutating func insert(
    _ rows: [Measurement], _ range: Range<Int>, _ cell: Int64
  ) throws -> Bool {
    // Taken out for as long as it changes, so that its places are not copied.
    var target = try statements[range.count] ?? Rows(statement: statement(rows: range.count))
    statements[range.count] = nil
    defer { statements[range.count] = target }
    let statement = target.statement
    try statement.bind(cell, at: 1)
    for index in range {
      let place = index - range.lowerBound
      let first = Int32(2 + place * 9)
      try bindShared(rows, index, place, first, &target)
      let value = rows[index].value
      try statement.bind((value?.isFinite ?? false) ? value : nil, at: first + 2)
      // SQLite stores a nan as NULL, which is what the errors want: not known.
      try statement.bind(rows[index].se, at: first + 3)
      try statement.bind(rows[index].ciLow, at: first + 4)
      try statement.bind(rows[index].ciHigh, at: first + 5)
    }
    do {
      try statement.run()
    } catch let error as DatabaseError
      where error.extendedResultCode == .SQLITE_CONSTRAINT_PRIMARYKEY
    {
      return false
    }
    return true
  }

  /// Binds what rows of one place mostly share, where it has changed.
  private mutating func bindShared(
    _ rows: [Measurement], _ index: Int, _ place: Int, _ first: Int32, _ target: inout Rows
  ) throws {
    let isNew = place == target.places.count
    if isNew { target.places.append(rows[index]) }
    let isOther = (
      scope: isNew || rows[index].scope != target.places[place].scope,
      metric: isNew || rows[index].metric != target.places[place].metric,
      n: isNew || rows[index].n != target.places[place].n,
      resolved: isNew || rows[index].resolved != target.places[place].resolved,
      form: isNew || !MeasurementForm.isShared(rows[index], target.places[place])
    )
    guard isOther.scope || isOther.metric || isOther.n || isOther.resolved || isOther.form else {
      return
    }
    let row = rows[index]
    if isOther.scope { try target.statement.bind(row.scope, at: first) }
    if isOther.metric { try target.statement.bind(row.metric, at: first + 1) }
    if isOther.n { try target.statement.bind(row.n.map(Int64.init), at: first + 6) }
    if isOther.resolved {
      try target.statement.bind(row.resolved.map { Int64($0 ? 1 : 0) }, at: first + 7)
    }
    if isOther.form {
      try target.statement.bind(number(of: MeasurementForm(row)), at: first + 8)
    }
    target.places[place] = row
  }

  private mutating func number(of form: MeasurementForm) throws -> Int64 {
    if let known = forms[form] { return known }
    let number = try form.insert(db)
    forms[form] = number
    return number
  }

  private func statement(rows: Int) throws -> BoundStatement {
    let values = (0..<rows).map { row in
      "(?1, " + (2..<11).map { "?\($0 + row * 9)" }.joined(separator: ", ") + ")"
    }
    return try BoundStatement(
      """
      INSERT INTO measurement(cell_id, scope, metric, value, se, ci_low, ci_high, n, resolved, form)
      VALUES \(values.joined(separator: ", "))
      """, db)
  }
}

import GRDB

/// Inserts finished cells within one transaction. After an error it is not to be used again.
struct CellInsertion {
  private let findCell: BoundStatement
  private let deleteEarlier: [BoundStatement]
  private let insertResult: BoundStatement
  private let insertScope: BoundStatement
  private let setRoutes: BoundStatement
  private var measurements: MeasurementInsertion
  private let parameters: ParameterInsertion
  /// The state that `insertResult` is bound to.
  private var lastState: ResultState?
  private var lastMoments: String?
  private var lastScope: String?

  /// - Throws: `StoreError.rejected` for a run that is not in the store.
  init(run: RunHandle, _ db: Database) throws {
    let findRun = try BoundStatement("SELECT id FROM run WHERE id = ?", db)
    try findRun.bind(run.id, at: 1)
    guard try findRun.number() != nil else { throw ResultStore.unknownRun(run) }
    findCell = try BoundStatement("SELECT id FROM cell WHERE hash = ?", db)
    // What refers to the result goes first: the connection does not look after references.
    deleteEarlier = try [
      "measurement", "cell_scope", "parameter_quantile", "parameter_file", "result",
    ].map {
      try BoundStatement("DELETE FROM \($0) WHERE cell_id = ?", db)
    }
    insertResult = try BoundStatement(
      """
      INSERT INTO result(cell_id, run_id, state, message, moments, seconds, finished_at)
      VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT(cell_id) DO NOTHING
      """, db)
    insertScope = try BoundStatement("INSERT INTO cell_scope(cell_id, scope) VALUES (?, ?)", db)
    setRoutes = try BoundStatement(
      """
      UPDATE cell SET target = ?2, route = ?3, route_reason = ?4
      WHERE id = ?1 AND (target, route, route_reason) IS NOT (?2, ?3, ?4)
      """, db)
    measurements = try MeasurementInsertion(db)
    parameters = try ParameterInsertion(db)
    try insertResult.bind(run.id, at: 2)
    let time = try db.cachedStatement(sql: "SELECT \(ResultStore.now)")
    try insertResult.bind(try String.fetchOne(time), at: 7)
  }

  /// - Throws: `StoreError.rejected` for a cell that is not in the store, and for two measurements
  ///   of one scope and metric.
  mutating func insert(_ result: CellResult) throws {
    try findCell.bind(result.cellHash, at: 1)
    guard let cell = try findCell.number() else {
      throw StoreError.rejected(
        what: "cell \(result.cellHash) is not in this store",
        hint: "pass every cell of the study to beginRun")
    }
    try insertResult.bind(cell, at: 1)
    if result.state != lastState { try insertResult.bind(result.state.rawValue, at: 3) }
    try insertResult.bind(result.message, at: 4)
    if result.moments != lastMoments { try insertResult.bind(result.moments, at: 5) }
    (lastState, lastMoments) = (result.state, result.moments)
    try insertResult.bind(result.seconds.isFinite ? result.seconds : 0, at: 6)
    if try insertResult.insertedRow() == nil {
      for statement in deleteEarlier {
        try statement.bind(cell, at: 1)
        try statement.run()
      }
      try insertResult.run()
    }
    if let target = result.target {
      try setRoutes.bind(cell, at: 1)
      try setRoutes.bind(target, at: 2)
      try setRoutes.bind(result.route, at: 3)
      try setRoutes.bind(result.routeReason, at: 4)
      try setRoutes.run()
    }
    try insert(result.measurements, cell: cell, hash: result.cellHash)
    if let record = result.parameters { try parameters.insert(record, cell: cell) }
  }

  private mutating func insert(_ rows: [Measurement], cell: Int64, hash: String) throws {
    try insertScope.bind(cell, at: 1)
    for scope in scopes(of: rows) {
      if scope != lastScope { try insertScope.bind(scope, at: 2) }
      lastScope = scope
      try insertScope.run()
    }
    guard try measurements.insert(rows, cell: cell) else {
      let twice = firstRepeated(rows)
      throw StoreError.rejected(
        what: "cell \(hash) has two values of '\(twice?.metric ?? "")' on '\(twice?.scope ?? "")'",
        hint: "a cell has one value for each scope and metric")
    }
  }

  private func scopes(of rows: [Measurement]) -> [String] {
    var found: [String] = []
    var seen: Set<String> = []
    for row in rows where row.scope != found.last {
      guard !found.isEmpty else {
        found.append(row.scope)
        continue
      }
      if seen.isEmpty { seen.insert(found[0]) }
      if seen.insert(row.scope).inserted { found.append(row.scope) }
    }
    return found
  }

  private func firstRepeated(_ rows: [Measurement]) -> Measurement? {
    var seen: Set<[String]> = []
    return rows.first { !seen.insert([$0.scope, $0.metric]).inserted }
  }
}

import GRDB

extension ResultStore {
  /// Stores a finished cell with all its numbers in one transaction.
  ///
  /// Saving the same cell again replaces its earlier result, so a repeated save changes nothing.
  /// Throws `StoreError.rejected` for a cell or run that `beginRun` has not registered and for
  /// two measurements of one scope and metric; nothing of the cell is stored then.
  public func save(_ result: CellResult, run: RunHandle) throws {
    try write { db in try Self.insert(result, run: run, db) }
  }

  /// Stores several finished cells in one transaction: all of them or none.
  public func save(_ results: [CellResult], run: RunHandle) throws {
    guard !results.isEmpty else { return }
    try write { db in
      for result in results { try Self.insert(result, run: run, db) }
    }
  }

  private static func insert(_ result: CellResult, run: RunHandle, _ db: Database) throws {
    let findCell = try db.cachedStatement(sql: "SELECT id FROM cell WHERE hash = ?")
    guard let cell = try Int64.fetchOne(findCell, arguments: [result.cellHash]) else {
      throw StoreError.rejected(
        what: "cell \(result.cellHash) is not in this store",
        hint: "pass every cell of the study to beginRun")
    }
    let findRun = try db.cachedStatement(sql: "SELECT id FROM run WHERE id = ?")
    guard try Int64.fetchOne(findRun, arguments: [run.id]) != nil else { throw unknownRun(run) }
    // Deleting the result deletes its scopes and measurements with it.
    try db.cachedStatement(sql: "DELETE FROM result WHERE cell_id = ?").execute(arguments: [cell])
    try db.cachedStatement(
      sql: """
        INSERT INTO result(cell_id, run_id, state, message, moments, seconds, finished_at)
        VALUES (?, ?, ?, ?, ?, ?, \(now))
        """
    ).execute(arguments: [
      cell, run.id, result.state.rawValue, result.message, result.moments,
      result.seconds.isFinite ? result.seconds : 0,
    ])
    try insert(result.measurements, cell: cell, hash: result.cellHash, db)
  }

  private static func insert(
    _ measurements: [Measurement], cell: Int64, hash: String, _ db: Database
  ) throws {
    let insertScope = try db.cachedStatement(
      sql: "INSERT INTO cell_scope(cell_id, scope) VALUES (?, ?)")
    var insertion = try MeasurementInsertion(cell: cell, db)
    var scopes: Set<String> = []
    for (index, m) in measurements.enumerated() {
      if index == 0 || m.scope != measurements[index - 1].scope, scopes.insert(m.scope).inserted {
        try insertScope.execute(arguments: [cell, m.scope])
      }
      guard try insertion.insert(m) else {
        throw StoreError.rejected(
          what: "cell \(hash) has two values of '\(m.metric)' on '\(m.scope)'",
          hint: "a cell has one value for each scope and metric")
      }
    }
  }
}

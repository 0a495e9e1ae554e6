import GRDB

/// Inserts finished cells within one transaction. After an error it is not to be used again.
struct CellInsertion {
  private let findCell: BoundStatement
  private let deleteResult: BoundStatement
  private let insertResult: BoundStatement
  private let insertScope: BoundStatement
  private var measurements: MeasurementInsertion

  /// - Throws: `StoreError.rejected` for a run that is not in the store.
  init(run: RunHandle, _ db: Database) throws {
    let findRun = try BoundStatement("SELECT id FROM run WHERE id = ?", db)
    try findRun.bind(run.id, at: 1)
    guard try findRun.number() != nil else { throw ResultStore.unknownRun(run) }
    findCell = try BoundStatement("SELECT id FROM cell WHERE hash = ?", db)
    // Deleting the result deletes its scopes and measurements with it.
    deleteResult = try BoundStatement("DELETE FROM result WHERE cell_id = ?", db)
    insertResult = try BoundStatement(
      """
      INSERT INTO result(cell_id, run_id, state, message, moments, seconds, finished_at)
      VALUES (?, ?, ?, ?, ?, ?, \(ResultStore.now))
      """, db)
    insertScope = try BoundStatement("INSERT INTO cell_scope(cell_id, scope) VALUES (?, ?)", db)
    measurements = try MeasurementInsertion(db)
    try insertResult.bind(run.id, at: 2)
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
    try deleteResult.bind(cell, at: 1)
    try deleteResult.run()
    try insertResult.bind(cell, at: 1)
    try insertResult.bind(result.state.rawValue, at: 3)
    try insertResult.bind(result.message, at: 4)
    try insertResult.bind(result.moments, at: 5)
    try insertResult.bind(result.seconds.isFinite ? result.seconds : 0, at: 6)
    try insertResult.run()
    try insert(result.measurements, cell: cell, hash: result.cellHash)
  }

  private mutating func insert(_ rows: [Measurement], cell: Int64, hash: String) throws {
    try measurements.begin(cell: cell)
    try insertScope.bind(cell, at: 1)
    var scopes: Set<String> = []
    for (index, row) in rows.enumerated() {
      if index == 0 || row.scope != rows[index - 1].scope, scopes.insert(row.scope).inserted {
        try insertScope.bind(row.scope, at: 2)
        try insertScope.run()
      }
      guard try measurements.insert(row) else {
        throw StoreError.rejected(
          what: "cell \(hash) has two values of '\(row.metric)' on '\(row.scope)'",
          hint: "a cell has one value for each scope and metric")
      }
    }
  }
}

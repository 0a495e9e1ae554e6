import GRDB

extension ResultStore {
  /// Stores a finished cell with all its numbers in one transaction.
  ///
  /// Saving the same cell again replaces its earlier result, so a repeated save changes nothing.
  /// Throws `StoreError.rejected` for a cell or run that `beginRun` has not registered and for
  /// two measurements of one scope and metric; nothing of the cell is stored then.
  public func save(_ result: CellResult, run: RunHandle) throws {
    try save([result], run: run)
  }

  /// Stores several finished cells in one transaction: all of them or none.
  public func save(_ results: [CellResult], run: RunHandle) throws {
    guard !results.isEmpty else { return }
    try write { db in
      var insertion = try CellInsertion(run: run, db)
      for result in results { try insertion.insert(result) }
    }
  }
}

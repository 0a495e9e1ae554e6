import Fidelity
import GRDB

extension ResultStore {
  /// The cells of a study in their order. Throws `StoreError.unknownStudy`.
  public func cells(study name: String) throws -> [CellRecord] {
    try read { db in
      let study = try Self.studyID(named: name, db)
      return try Row.fetchAll(
        db,
        sql: """
          SELECT c.* FROM study_cell sc JOIN cell c ON c.id = sc.cell_id
          WHERE sc.study_id = ? ORDER BY sc.position
          """, arguments: [study]
      ).map(Self.cell)
    }
  }

  /// Cells whose hash begins with `prefix`, by hash.
  public func cells(hashPrefix prefix: String) throws -> [CellRecord] {
    try read { db in
      try Row.fetchAll(
        db, sql: "SELECT * FROM cell WHERE substr(hash, 1, length(?1)) = ?1 ORDER BY hash",
        arguments: [prefix]
      ).map(Self.cell)
    }
  }

  /// Those of some hashes whose cells are done: a run leaves them out.
  public func doneHashes(among hashes: [String]) throws -> Set<String> {
    try read { db in
      let find = try BoundStatement(
        """
        SELECT r.cell_id FROM cell c JOIN result r ON r.cell_id = c.id
        WHERE c.hash = ? AND r.state = 'done'
        """, db)
      return try Set(
        hashes.filter { hash in
          try find.bind(hash, at: 1)
          return try find.number() != nil
        })
    }
  }

  /// The stored result of a cell, with its measurements by scope and metric; `nil` if it has none.
  public func result(cellHash: String) throws -> CellResult? {
    try read { db in
      guard
        let row = try Row.fetchOne(
          db,
          sql: "SELECT r.* FROM result r JOIN cell c ON c.id = r.cell_id WHERE c.hash = ?",
          arguments: [cellHash])
      else { return nil }
      let measurements = try Row.fetchAll(
        db,
        sql: """
          SELECT * FROM \(StoreSchema.measurements(db))
          WHERE m.cell_id = ? ORDER BY m.scope, m.metric
          """,
        arguments: [row["cell_id"] as Int64]
      ).map(Self.measurement)
      return CellResult(
        cellHash: cellHash, state: ResultState(rawValue: row["state"]) ?? .failed,
        message: row["message"], moments: row["moments"], seconds: row["seconds"],
        measurements: measurements)
    }
  }

  private static func cell(_ row: Row) -> CellRecord {
    CellRecord(
      hash: row["hash"], problem: row["problem"], problemJSON: row["problem_json"],
      modelState: row["model_state"], step: row["step"], training: row["training"],
      estimator: row["estimator"],
      estimatorLabel: row["estimator_label"], estimatorJSON: row["estimator_json"],
      tauForward: row["tau_forward"], tauBackward: row["tau_backward"], target: row["target"],
      targetLaw: row["target_law"], seed: UInt64(row["seed"] as String) ?? 0,
      resolvedJSON: row["resolved_json"])
  }

  private static func measurement(_ row: Row) -> Measurement {
    let kind = ValueKind(rawValue: row["value_kind"]) ?? .missing
    return Measurement(
      scope: row["scope"], metric: row["metric"], unit: row["unit"],
      value: kind.value(stored: row["value"]), se: row["se"], ciLow: row["ci_low"],
      ciHigh: row["ci_high"], ciLevel: row["ci_level"], ciMethod: row["ci_method"],
      moments: row["moments"], n: row["n"], debiased: row["debiased"], resolved: row["resolved"],
      warnings: Set<NumberWarning>(text: row["warnings"]))
  }
}

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

  /// Sizes of the files of every parameter's moments of those of some cells that have one, by hash.
  public func parameterFiles(of hashes: Set<String>) throws -> [String: Int] {
    try read { db in
      guard try db.tableExists("parameter_file") else { return [:] }
      let find = try BoundStatement(
        """
        SELECT p.bytes FROM cell c JOIN parameter_file p ON p.cell_id = c.id WHERE c.hash = ?
        """, db)
      var found: [String: Int] = [:]
      for hash in hashes {
        try find.bind(hash, at: 1)
        if let bytes = try find.number() { found[hash] = Int(bytes) }
      }
      return found
    }
  }

  /// The files of every parameter's moments of the cells of a study, in their order.
  ///
  /// - Throws: `StoreError.unknownStudy`, `locked` or `corrupt`.
  public func parameterFiles(
    study name: String
  ) throws -> [(cell: String, file: String, sha256: String)] {
    try read { db in
      let study = try ResultStore.studyID(named: name, db)
      guard try db.tableExists("parameter_file") else { return [] }
      return try Row.fetchAll(
        db,
        sql: """
          SELECT c.hash, p.file, p.sha256 FROM study_cell sc JOIN cell c ON c.id = sc.cell_id
          JOIN parameter_file p ON p.cell_id = c.id
          WHERE sc.study_id = ? ORDER BY sc.position
          """, arguments: [study]
      ).map { row in
        let row = StoredRow(row, of: "a parameter file")
        return (try row.text("hash"), try row.text("file"), try row.text("sha256"))
      }
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
      let result = StoredRow(row, of: "a result")
      let measurements = try Row.fetchAll(
        db,
        sql: """
          SELECT * FROM \(StoreSchema.measurements(db))
          WHERE m.cell_id = ? ORDER BY m.scope, m.metric
          """,
        arguments: [try result.integer("cell_id") as Int64]
      ).map(Self.measurement)
      return CellResult(
        cellHash: cellHash, state: try result.word("state"),
        message: try result.optionalText("message"), moments: try result.text("moments"),
        seconds: try result.real("seconds"), measurements: measurements)
    }
  }

  private static func cell(_ row: Row) throws -> CellRecord {
    let row = StoredRow(row, of: "a cell")
    return CellRecord(
      hash: try row.text("hash"), problem: try row.text("problem"),
      problemJSON: try row.text("problem_json"), weights: try row.text("model_state"),
      step: try row.optionalInteger("step"), training: try row.optionalText("training"),
      estimator: try row.text("estimator"), estimatorLabel: try row.text("estimator_label"),
      estimatorJSON: try row.text("estimator_json"),
      tauForward: try row.optionalReal("tau_forward"),
      tauBackward: try row.optionalReal("tau_backward"), target: try row.text("target"),
      targetDistribution: try row.text("target_law"), seed: try row.seed("seed"),
      resolvedJSON: try row.text("resolved_json"))
  }

  private static func measurement(_ row: Row) throws -> Measurement {
    let row = StoredRow(row, of: "a measurement")
    let kind: ValueKind = try row.word("value_kind")
    return Measurement(
      scope: try row.text("scope"), metric: try row.text("metric"), unit: try row.text("unit"),
      value: kind.value(stored: try row.optionalReal("value")), se: try row.optionalReal("se"),
      ciLow: try row.optionalReal("ci_low"), ciHigh: try row.optionalReal("ci_high"),
      ciLevel: try row.optionalReal("ci_level"), ciMethod: try row.text("ci_method"),
      moments: try row.text("moments"), n: try row.optionalInteger("n"),
      debiased: try row.flag("debiased"), resolved: try row.optionalFlag("resolved"),
      warnings: Set<NumberWarning>(text: try row.text("warnings")))
  }
}

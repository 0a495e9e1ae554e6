import GRDB

extension ResultStore {
  /// The time now in SQL: UTC, ISO 8601, milliseconds.
  static let now = "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')"

  /// Registers a study, its cells and a run, in one transaction.
  ///
  /// - Parameters:
  ///   - study: the study; one of the same name is updated.
  ///   - cells: **all** cells of the study in their order, also those this run will not work on.
  ///     They replace the earlier list of the study. A cell that is listed twice keeps its first
  ///     position. Results of cells that leave the study stay in the store.
  ///   - trainings: all trainings whose series the study asks for, each once; they replace the
  ///     earlier list of the study. Stored steps stay in the store.
  ///   - run: what the numbers may depend on besides their cell.
  /// - Returns: the run, with the hashes of the cells that need no work.
  /// - Throws: `StoreError`.
  public func beginRun(
    study: StudyRecord, cells: [CellRecord], trainings: [TrainingRecord] = [], run: RunRecord
  ) throws -> RunHandle {
    try write { db in
      let studyID = try Self.upsert(study, db)
      try Self.register(cells, study: studyID, db)
      try Self.register(trainings, study: studyID, db)
      try db.execute(
        sql: """
          INSERT INTO run(study_id, study_hash, version, source_commit, host, cpu, blas,
            toolchain, seed, jobs, command, started_at)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, \(Self.now))
          """,
        arguments: [
          studyID, study.contentHash, run.version, run.sourceCommit, run.host, run.cpu, run.blas,
          run.toolchain, String(run.seed), run.jobs, run.command,
        ])
      let runID = db.lastInsertedRowID
      let done = try Set(
        String.fetchAll(
          db,
          sql: """
            SELECT c.hash FROM study_cell sc
            JOIN cell c ON c.id = sc.cell_id JOIN result r ON r.cell_id = c.id
            WHERE sc.study_id = ? AND r.state = 'done'
            """, arguments: [studyID]))
      return RunHandle(id: runID, study: study.name, doneHashes: done)
    }
  }

  /// Replaces the list of the cells of a study.
  private static func register(_ cells: [CellRecord], study: Int64, _ db: Database) throws {
    var registration = try CellRegistration(db)
    var seen: Set<Int64> = []
    var members: [(cell: Int64, position: Int64)] = []
    for (position, cell) in cells.enumerated() {
      let number = try registration.number(of: cell)
      if seen.insert(number).inserted { members.append((number, Int64(position))) }
    }
    let stored = try Row.fetchAll(
      db, sql: "SELECT cell_id, position FROM study_cell WHERE study_id = ? ORDER BY position",
      arguments: [study]
    ).map { row in
      let row = StoredRow(row, of: "the list of a study's cells")
      return (
        cell: try row.integer("cell_id") as Int64, position: try row.integer("position") as Int64
      )
    }
    guard !stored.elementsEqual(members, by: { $0 == $1 }) else { return }
    try db.execute(sql: "DELETE FROM study_cell WHERE study_id = ?", arguments: [study])
    let insert = try BoundStatement(
      "INSERT INTO study_cell(study_id, cell_id, position) VALUES (?, ?, ?)", db)
    try insert.bind(study, at: 1)
    for member in members {
      try insert.bind(member.cell, at: 2)
      try insert.bind(member.position, at: 3)
      try insert.run()
    }
  }

  /// Marks a run as ended. A run without this mark was killed, or still works.
  public func finishRun(_ run: RunHandle, exitCode: Int32) throws {
    try write { db in
      try db.execute(
        sql: "UPDATE run SET ended_at = \(Self.now), exit_code = ? WHERE id = ?",
        arguments: [exitCode, run.id])
      guard db.changesCount == 1 else { throw Self.unknownRun(run) }
    }
  }

  static func unknownRun(_ run: RunHandle) -> StoreError {
    .rejected(
      what: "run \(run.id) is not in this store", hint: "begin the run in the store it saves to")
  }

  private static func upsert(_ study: StudyRecord, _ db: Database) throws -> Int64 {
    let id = try Int64.fetchOne(
      db,
      sql: """
        INSERT INTO study(name, file, content_hash, resolved_json, created_at)
        VALUES (?, ?, ?, ?, \(now))
        ON CONFLICT(name) DO UPDATE SET file = excluded.file,
          content_hash = excluded.content_hash, resolved_json = excluded.resolved_json
        RETURNING id
        """,
      arguments: [study.name, study.file, study.contentHash, study.resolvedJSON])
    return try identifier(id, of: "study '\(study.name)'")
  }

  static func identifier(_ id: Int64?, of what: String) throws -> Int64 {
    guard let id else {
      throw StoreError.rejected(what: "\(what) could not be stored", hint: "check the store")
    }
    return id
  }
}

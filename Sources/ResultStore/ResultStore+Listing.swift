import Discrete
import GRDB

extension ResultStore {
  /// The studies, by name.
  public func studies() throws -> [StudySummary] {
    try read { db in
      try Row.fetchAll(
        db,
        sql: """
          SELECT s.name, s.file, s.content_hash, s.resolved_json, s.created_at,
            count(sc.cell_id) AS cells, coalesce(sum(r.state = 'done'), 0) AS done,
            coalesce(sum(r.state = 'failed'), 0) AS failed,
            coalesce(sum(r.state = 'diverged'), 0) AS diverged,
            (SELECT sum(st.steps) FROM study_training st WHERE st.study_id = s.id) AS steps,
            (SELECT count(*) FROM study_training st JOIN training_step ts
              ON ts.training_id = st.training_id AND ts.step <= st.steps
              WHERE st.study_id = s.id) AS trained
          FROM study s LEFT JOIN study_cell sc ON sc.study_id = s.id
          LEFT JOIN result r ON r.cell_id = sc.cell_id
          GROUP BY s.id ORDER BY s.name
          """
      ).map { row in
        StudySummary(
          study: StudyRecord(
            name: row["name"], file: row["file"], contentHash: row["content_hash"],
            resolvedJSON: row["resolved_json"]),
          createdAt: row["created_at"], cells: row["cells"], done: row["done"],
          failed: row["failed"], diverged: row["diverged"],
          training: (row["steps"] as Int?).map { TrainingProgress(done: row["trained"], steps: $0) }
        )
      }
    }
  }

  /// The runs, oldest first.
  public func runs() throws -> [RunSummary] {
    try read { db in
      try Row.fetchAll(db, sql: "SELECT * FROM v_runs ORDER BY run").map { row in
        RunSummary(
          id: row["run"], study: row["study"],
          record: RunRecord(
            version: row["version"], sourceCommit: row["source_commit"], host: row["host"],
            cpu: row["cpu"], blas: row["blas"], toolchain: row["toolchain"],
            seed: UInt64(row["seed"] as String) ?? 0, jobs: row["jobs"], command: row["command"]),
          startedAt: row["started_at"], endedAt: row["ended_at"], exitCode: row["exit_code"],
          cells: [
            .done: row["cells_done"], .failed: row["cells_failed"],
            .diverged: row["cells_diverged"],
          ])
      }
    }
  }

  /// The cells of a study in their order, with how far each is.
  ///
  /// Throws `StoreError.unknownStudy`.
  public func cellStates(study name: String) throws -> [CellStatus] {
    try read { db in
      _ = try Self.studyID(named: name, db)
      return try Row.fetchAll(
        db,
        sql: """
          SELECT hash, model, state, training, label, target, cell_state, message, seconds
          FROM v_cells WHERE study = ? ORDER BY position
          """, arguments: [name]
      ).map { row in
        CellStatus(
          hash: row["hash"], problem: row["model"], modelState: row["state"],
          training: row["training"],
          estimatorLabel: row["label"], target: row["target"],
          state: CellState(rawValue: row["cell_state"]) ?? .pending, message: row["message"],
          seconds: row["seconds"])
      }
    }
  }

  /// The number of a study. Throws `StoreError.unknownStudy` with the nearest name.
  static func studyID(named name: String, _ db: Database) throws -> Int64 {
    if let id = try Int64.fetchOne(
      db, sql: "SELECT id FROM study WHERE name = ?", arguments: [name])
    {
      return id
    }
    let names = try String.fetchAll(db, sql: "SELECT name FROM study ORDER BY name")
    throw StoreError.unknownStudy(name: name, nearest: NearestName.nearest(to: name, among: names))
  }
}

import Discrete
import GRDB
import Tensors

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
        let row = StoredRow(row, of: "a study")
        let trained: Int = try row.integer("trained")
        return StudySummary(
          study: StudyRecord(
            name: try row.text("name"), file: try row.text("file"),
            contentHash: try row.text("content_hash"),
            resolvedJSON: try row.text("resolved_json")),
          createdAt: try row.text("created_at"), cells: try row.integer("cells"),
          done: try row.integer("done"), failed: try row.integer("failed"),
          diverged: try row.integer("diverged"),
          training: try row.optionalInteger("steps").map {
            TrainingProgress(done: trained, steps: $0)
          })
      }
    }
  }

  /// The names of the studies, by name.
  public func studyNames() throws -> [String] {
    try read { db in try String.fetchAll(db, sql: "SELECT name FROM study ORDER BY name") }
  }

  /// The cells of every study, counted by study and by the forms of their numbers.
  ///
  /// Damaged JSON throws `StoreError.corrupt`.
  public func cellFormats() throws -> [CellFormatCount] {
    try read { db in
      try Row.fetchAll(
        db,
        sql: """
          SELECT s.name AS study, c.estimator AS estimator,
            coalesce(json_extract(c.problem_json, '$.kind'), '') AS problem,
            json_extract(c.resolved_json, '$.format') AS format,
            coalesce(json_extract(c.estimator_json, '$.format'), 1) AS estimator_format,
            coalesce(json_extract(c.problem_json, '$.format'), 1) AS problem_format,
            json_extract(c.resolved_json, '$.state.estimator') AS trainer,
            coalesce(json_extract(c.resolved_json, '$.state.format'), 1) AS trainer_format,
            count(*) AS cells
          FROM study s JOIN study_cell sc ON sc.study_id = s.id JOIN cell c ON c.id = sc.cell_id
          GROUP BY 1, 2, 3, 4, 5, 6, 7, 8 ORDER BY 1
          """
      ).map { row in
        let row = StoredRow(row, of: "a cell")
        return CellFormatCount(
          study: try row.text("study"), format: try row.optionalInteger("format") ?? 1,
          problem: .init(
            kind: try row.text("problem"), format: try row.integer("problem_format")),
          estimator: .init(
            kind: try row.text("estimator"), format: try row.integer("estimator_format")),
          trainer: try row.optionalText("trainer").map {
            .init(kind: $0, format: try row.integer("trainer_format"))
          }, cells: try row.integer("cells"))
      }
    }
  }

  /// The runs, oldest first.
  public func runs() throws -> [RunSummary] {
    try read { db in
      try Row.fetchAll(db, sql: "SELECT * FROM v_runs ORDER BY run").map { row in
        let row = StoredRow(row, of: "a run")
        return RunSummary(
          id: try row.integer("run"), study: try row.text("study"),
          record: RunRecord(
            version: try row.text("version"), sourceCommit: try row.text("source_commit"),
            host: try row.text("host"), cpu: try row.text("cpu"), blas: try row.text("blas"),
            toolchain: try row.text("toolchain"), seed: try row.seed("seed"),
            jobs: try row.integer("jobs"), command: try row.text("command")),
          startedAt: try row.text("started_at"), endedAt: try row.optionalText("ended_at"),
          exitCode: try row.optionalInteger("exit_code"),
          cells: [
            .done: try row.integer("cells_done"), .failed: try row.integer("cells_failed"),
            .diverged: try row.integer("cells_diverged"),
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
        let row = StoredRow(row, of: "a cell")
        return CellStatus(
          hash: try row.text("hash"), problem: try row.text("model"),
          weights: try row.text("state"), training: try row.optionalText("training"),
          estimatorLabel: try row.text("label"), target: try row.text("target"),
          state: try row.word("cell_state"), message: try row.optionalText("message"),
          seconds: try row.optionalReal("seconds"))
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

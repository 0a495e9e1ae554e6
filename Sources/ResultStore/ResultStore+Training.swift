import Discrete
import GRDB

extension ResultStore {
  /// Stores steps of a training in one transaction: all of them or none. A step that is there
  /// already is replaced with all its numbers. A metric is explained as the last step saved explains it.
  ///
  /// Throws `StoreError.rejected` for a training that `beginRun` has not registered, a name that no series can
  /// have, a name that a step has twice, and a number of `SeriesMetric.common` that is NaN.
  public func save(_ steps: [TrainingStep], training hash: String) throws {
    guard !steps.isEmpty else { return }
    try write { db in
      guard
        let training = try Int64.fetchOne(
          db, sql: "SELECT id FROM training WHERE hash = ?", arguments: [hash])
      else {
        throw StoreError.rejected(
          what: "training \(hash) is not in this store",
          hint: "pass every training of the study to beginRun")
      }
      var insertion = try SeriesInsertion(db, training: training)
      for step in steps { try insertion.insert(step) }
    }
  }

  /// The number of steps of a training that are stored without a gap from step 1.
  public func storedSteps(training hash: String) throws -> Int {
    try read { db in
      let row = try Row.fetchOne(
        db,
        sql: """
          SELECT count(*) AS n, coalesce(max(ts.step), 0) AS last
          FROM training t JOIN training_step ts ON ts.training_id = t.id WHERE t.hash = ?
          """, arguments: [hash])
      guard let row = row.map({ StoredRow($0, of: "a training") }) else { return 0 }
      let (count, last): (Int, Int) = (try row.integer("n"), try row.integer("last"))
      return count == last ? count : 0
    }
  }

  /// Replaces the list of the trainings of a study.
  static func register(_ trainings: [TrainingRecord], study: Int64, _ db: Database) throws {
    try db.execute(sql: "DELETE FROM study_training WHERE study_id = ?", arguments: [study])
    for (position, training) in trainings.enumerated() {
      let id = try Int64.fetchOne(
        db,
        sql: """
          INSERT INTO training(hash, problem, estimator, estimator_label, optimiser, learning_rate,
            batch, seed, resolved_json)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
          ON CONFLICT(hash) DO UPDATE SET problem = excluded.problem,
            estimator_label = excluded.estimator_label
          RETURNING id
          """,
        arguments: [
          training.hash, training.problem, training.estimator, training.estimatorLabel,
          training.optimiser, training.learningRate, training.batch, String(training.seed),
          training.resolvedJSON,
        ])
      try db.execute(
        sql: """
          INSERT INTO study_training(study_id, training_id, position, steps) VALUES (?, ?, ?, ?)
          """, arguments: [study, id, position, training.steps])
    }
  }
}

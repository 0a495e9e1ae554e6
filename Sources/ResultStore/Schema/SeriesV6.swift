/// What schema version 6 makes of the series of trainings: one row a number, named by its metric, in place of a
/// column a number. Frozen: a change is a new migration.
///
/// `training_step` says which steps are there, `training_value` what they recorded. `v_training` keeps its columns
/// and rows; `v_series` has every metric.
enum SeriesV6 {
  /// The metrics that were columns until then, in their order, as they are explained in an upgraded
  /// store; quotes are doubled for SQL.
  private static let columns = [
    ("loss", "nats", "reconstruction + kl: an estimate of the negative ELBO"),
    ("reconstruction", "nats", "mean negative log-likelihood at the point trained on"),
    ("kl", "nats", "mean KL divergence from the uniform prior, summed over latents"),
    (
      "perplexity", "categories",
      "exp of the entropy of the batch-averaged q(k), mean over latents: categories in use"
    ),
    (
      "gradient_norm", "gradient",
      "norm of the step''s gradient of the loss at the logits, the KL''s part included"
    ),
  ]

  static let sql = """
    DROP VIEW v_training;
    ALTER TABLE training_step RENAME TO training_step_v1;

    CREATE TABLE series_metric (
      id INTEGER PRIMARY KEY,
      name TEXT NOT NULL UNIQUE,
      unit TEXT NOT NULL,
      definition TEXT NOT NULL
    ) STRICT;

    CREATE TABLE training_step (
      training_id INTEGER NOT NULL REFERENCES training(id) ON DELETE CASCADE,
      step INTEGER NOT NULL CHECK (step >= 1),
      PRIMARY KEY (training_id, step)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE training_value (
      training_id INTEGER NOT NULL REFERENCES training(id) ON DELETE CASCADE,
      step INTEGER NOT NULL CHECK (step >= 1),
      metric INTEGER NOT NULL REFERENCES series_metric(id),
      value ANY NOT NULL CHECK (typeof(value) = 'real'),
      PRIMARY KEY (training_id, step, metric)
    ) STRICT, WITHOUT ROWID;

    INSERT INTO series_metric(name, unit, definition) VALUES
    \(columns.map { "  ('\($0)', '\($1)', '\($2)')" }.joined(separator: ",\n"));

    INSERT INTO training_step(training_id, step)
    SELECT training_id, step FROM training_step_v1 ORDER BY training_id, step;

    \(columns.map { name, _, _ in
      """
      INSERT INTO training_value(training_id, step, metric, value)
      SELECT s.training_id, s.step, m.id, s.\(name) FROM training_step_v1 s, series_metric m
      WHERE m.name = '\(name)';
      """
    }.joined(separator: "\n"))

    DROP TABLE training_step_v1;

    \(training)

    \(series)
    """

  private static let identity = """
      s.name AS study,
      substr(t.hash, 1, 12) AS training,
      t.problem AS model,
      t.estimator AS estimator,
      t.estimator_label AS label,
      t.optimiser AS optimiser,
      t.learning_rate AS learning_rate,
      t.batch AS batch,
      t.seed AS seed
    """

  private static let training = """
    CREATE VIEW v_training AS
    SELECT
    \(identity),
      ts.step AS step,
      \(value("loss")) AS loss,
      -\(value("loss")) AS elbo,
      \(value("reconstruction")) AS reconstruction,
      \(value("kl")) AS kl,
      \(value("perplexity")) AS perplexity,
      \(value("gradient_norm")) AS gradient_norm
    FROM study s
    JOIN study_training st ON st.study_id = s.id
    JOIN training t ON t.id = st.training_id
    JOIN training_step ts ON ts.training_id = t.id AND ts.step <= st.steps;
    """

  /// One number as a lookup on the primary key: only those are made that a query names.
  private static func value(_ name: String) -> String {
    """
    (SELECT v.value FROM training_value v WHERE v.training_id = ts.training_id AND v.step = ts.step
        AND v.metric = (SELECT m.id FROM series_metric m WHERE m.name = '\(name)'))
    """
  }

  private static let series = """
    CREATE VIEW v_series AS
    SELECT
    \(identity),
      v.step AS step,
      m.name AS metric,
      m.unit AS unit,
      v.value AS value,
      m.definition AS definition
    FROM study s
    JOIN study_training st ON st.study_id = s.id
    JOIN training t ON t.id = st.training_id
    JOIN training_value v ON v.training_id = t.id AND v.step <= st.steps
    JOIN series_metric m ON m.id = v.metric;
    """

  /// The view that older stores lack, for a connection to a store that is read as it is.
  static let forOlder = """
    CREATE TEMP VIEW v_series AS
    \(columns.map { name, unit, definition in
      """
      SELECT study, training, model, estimator, label, optimiser, learning_rate, batch, seed, step,
        '\(name)' AS metric, '\(unit)' AS unit, \(name) AS value, '\(definition)' AS definition
      FROM main.v_training
      """
    }.joined(separator: "\nUNION ALL\n"));
    """
}

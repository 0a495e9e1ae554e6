/// The private tables of schema version 1. Frozen: a change is a new migration.
///
/// Columns that hold measured doubles are of type ANY with a type check, because a REAL column
/// stores -0.0 as 0.0. The index on the short hash makes joins of the views on `cell` fast.
/// `cell.training` is the hash of a training; it has a row in `training` where a study of that kind
/// ran it. `cell_scope` lists the scopes of a cell, so that the wide view need not search for them.
enum TablesV1 {
  static let sql = """
    CREATE TABLE study (
      id INTEGER PRIMARY KEY,
      name TEXT NOT NULL UNIQUE,
      file TEXT NOT NULL,
      content_hash TEXT NOT NULL,
      resolved_json TEXT NOT NULL,
      created_at TEXT NOT NULL
    ) STRICT;

    CREATE TABLE run (
      id INTEGER PRIMARY KEY,
      study_id INTEGER NOT NULL REFERENCES study(id),
      study_hash TEXT NOT NULL,
      version TEXT NOT NULL,
      source_commit TEXT NOT NULL,
      host TEXT NOT NULL,
      cpu TEXT NOT NULL,
      blas TEXT NOT NULL,
      toolchain TEXT NOT NULL,
      seed TEXT NOT NULL,
      jobs INTEGER NOT NULL,
      started_at TEXT NOT NULL,
      ended_at TEXT,
      exit_code INTEGER,
      command TEXT NOT NULL
    ) STRICT;
    CREATE INDEX run_by_study ON run(study_id);

    CREATE TABLE cell (
      id INTEGER PRIMARY KEY,
      hash TEXT NOT NULL UNIQUE,
      problem TEXT NOT NULL,
      problem_json TEXT NOT NULL,
      model_state TEXT NOT NULL,
      estimator TEXT NOT NULL,
      estimator_label TEXT NOT NULL,
      estimator_json TEXT NOT NULL,
      tau_forward REAL,
      tau_backward REAL,
      step INTEGER,
      training TEXT,
      target TEXT NOT NULL,
      target_law TEXT NOT NULL,
      seed TEXT NOT NULL,
      resolved_json TEXT NOT NULL
    ) STRICT;
    CREATE INDEX cell_by_short_hash ON cell(substr(hash, 1, 12));

    CREATE TABLE study_cell (
      study_id INTEGER NOT NULL REFERENCES study(id),
      cell_id INTEGER NOT NULL REFERENCES cell(id),
      position INTEGER NOT NULL,
      PRIMARY KEY (study_id, cell_id)
    ) STRICT, WITHOUT ROWID;
    CREATE UNIQUE INDEX study_cell_by_position ON study_cell(study_id, position);
    CREATE INDEX study_cell_by_cell ON study_cell(cell_id);

    CREATE TABLE result (
      cell_id INTEGER PRIMARY KEY REFERENCES cell(id),
      run_id INTEGER NOT NULL REFERENCES run(id),
      state TEXT NOT NULL CHECK (state IN ('done', 'failed', 'diverged')),
      message TEXT,
      moments TEXT NOT NULL,
      seconds REAL NOT NULL,
      finished_at TEXT NOT NULL
    ) STRICT;
    CREATE INDEX result_by_run ON result(run_id, state);

    CREATE TABLE cell_scope (
      cell_id INTEGER NOT NULL REFERENCES result(cell_id) ON DELETE CASCADE,
      scope TEXT NOT NULL,
      PRIMARY KEY (cell_id, scope)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE measurement (
      cell_id INTEGER NOT NULL REFERENCES result(cell_id) ON DELETE CASCADE,
      scope TEXT NOT NULL,
      metric TEXT NOT NULL,
      value ANY CHECK (typeof(value) IN ('real', 'null')),
      value_kind TEXT NOT NULL
        CHECK (value_kind IN ('finite', 'nan', 'pos_inf', 'neg_inf', 'missing'))
        CHECK ((value_kind = 'finite') = (value IS NOT NULL)),
      se ANY CHECK (typeof(se) IN ('real', 'null')),
      ci_low ANY CHECK (typeof(ci_low) IN ('real', 'null')),
      ci_high ANY CHECK (typeof(ci_high) IN ('real', 'null')),
      ci_level REAL,
      ci_method TEXT NOT NULL,
      unit TEXT NOT NULL,
      moments TEXT NOT NULL,
      n INTEGER,
      debiased INTEGER NOT NULL CHECK (debiased IN (0, 1)),
      resolved INTEGER CHECK (resolved IN (0, 1)),
      PRIMARY KEY (cell_id, scope, metric)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE coverage (
      id INTEGER PRIMARY KEY,
      measured_at TEXT NOT NULL,
      version TEXT NOT NULL,
      problem TEXT NOT NULL,
      estimator TEXT NOT NULL,
      metric TEXT NOT NULL,
      ci_method TEXT NOT NULL,
      ci_level REAL NOT NULL,
      n INTEGER NOT NULL,
      repeats INTEGER NOT NULL,
      coverage REAL NOT NULL,
      constant INTEGER NOT NULL CHECK (constant IN (0, 1)),
      flagged INTEGER NOT NULL CHECK (flagged IN (0, 1)),
      UNIQUE (problem, estimator, metric, ci_level, n, repeats)
    ) STRICT;

    CREATE TABLE training (
      id INTEGER PRIMARY KEY,
      hash TEXT NOT NULL UNIQUE,
      problem TEXT NOT NULL,
      estimator TEXT NOT NULL,
      estimator_label TEXT NOT NULL,
      optimiser TEXT NOT NULL,
      learning_rate REAL NOT NULL,
      batch INTEGER NOT NULL,
      seed TEXT NOT NULL,
      resolved_json TEXT NOT NULL
    ) STRICT;

    CREATE TABLE study_training (
      study_id INTEGER NOT NULL REFERENCES study(id),
      training_id INTEGER NOT NULL REFERENCES training(id),
      position INTEGER NOT NULL,
      steps INTEGER NOT NULL,
      PRIMARY KEY (study_id, training_id)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX study_training_by_training ON study_training(training_id);

    CREATE TABLE training_step (
      training_id INTEGER NOT NULL REFERENCES training(id) ON DELETE CASCADE,
      step INTEGER NOT NULL CHECK (step >= 1),
      loss ANY NOT NULL CHECK (typeof(loss) = 'real'),
      reconstruction ANY NOT NULL CHECK (typeof(reconstruction) = 'real'),
      kl ANY NOT NULL CHECK (typeof(kl) = 'real'),
      perplexity ANY NOT NULL CHECK (typeof(perplexity) = 'real'),
      gradient_norm ANY NOT NULL CHECK (typeof(gradient_norm) = 'real'),
      PRIMARY KEY (training_id, step)
    ) STRICT, WITHOUT ROWID;
    """
}

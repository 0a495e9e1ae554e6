/// What schema version 6 adds: files of every parameter's moments and quantiles over the parameters. Frozen: a change
/// is a new migration.
enum ParametersV6 {
  static let sql = """
    CREATE TABLE parameter_file (
      cell_id INTEGER PRIMARY KEY REFERENCES result(cell_id) ON DELETE CASCADE,
      file TEXT NOT NULL,
      bytes INTEGER NOT NULL,
      sha256 TEXT NOT NULL,
      coordinates INTEGER NOT NULL
    ) STRICT;

    CREATE TABLE parameter_quantile (
      cell_id INTEGER NOT NULL REFERENCES result(cell_id) ON DELETE CASCADE,
      scope TEXT NOT NULL,
      quantity TEXT NOT NULL,
      quantile REAL NOT NULL,
      value REAL NOT NULL,
      se REAL,
      count INTEGER NOT NULL,
      PRIMARY KEY (cell_id, scope, quantity, quantile)
    ) STRICT, WITHOUT ROWID;

    CREATE VIEW v_parameters AS
    SELECT
    \(ViewsV1.identity)
      q.scope AS scope,
      q.quantity AS quantity,
      q.quantile AS quantile,
      q.value AS value,
      q.se AS se,
      q.count AS count,
      r.moments AS moments
    FROM study s
    JOIN study_cell sc ON sc.study_id = s.id
    JOIN cell c ON c.id = sc.cell_id
    JOIN result r ON r.cell_id = c.id
    JOIN parameter_quantile q ON q.cell_id = c.id;

    CREATE VIEW v_parameter_files AS
    SELECT
    \(ViewsV1.identity)
      p.file AS file,
      p.bytes AS bytes,
      p.sha256 AS sha256,
      p.coordinates AS coordinates,
      r.moments AS moments
    FROM study s
    JOIN study_cell sc ON sc.study_id = s.id
    JOIN cell c ON c.id = sc.cell_id
    JOIN result r ON r.cell_id = c.id
    JOIN parameter_file p ON p.cell_id = c.id;
    """

  /// The planner's sizes of the new tables; see `StatisticsV2`.
  static let statistics = """
    INSERT INTO sqlite_stat1(tbl, idx, stat) VALUES
      ('parameter_quantile', 'parameter_quantile', '500000 100 28 7 1');
    """

  /// The views that older stores lack, for a connection to a store that is read as it is: without rows.
  static let forOlder: String =
    [PublicView.parameters, PublicView.parameterFiles].map { view -> String in
      let columns = view.columns.map { "NULL AS \($0.name)" }.joined(separator: ", ")
      return "CREATE TEMP VIEW \(view.name) AS SELECT \(columns) WHERE 0;"
    }.joined(separator: "\n")
}

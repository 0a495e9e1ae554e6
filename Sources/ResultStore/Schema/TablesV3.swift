/// The tables that schema version 3 replaces. Frozen: a change is a new migration.
///
/// What measurements have in common (unit, kind of value, how the interval and the moments were
/// made) is kept once in `form`, and a row of `measurement` names it by number: half the bytes of a
/// row, and less than half the time to save it.
enum TablesV3 {
  /// The views that read `measurement` have to be gone.
  static let sql = """
    ALTER TABLE measurement RENAME TO measurement_v1;

    CREATE TABLE form (
      id INTEGER PRIMARY KEY,
      value_kind TEXT NOT NULL
        CHECK (value_kind IN ('finite', 'nan', 'pos_inf', 'neg_inf', 'missing')),
      unit TEXT NOT NULL,
      ci_level REAL,
      ci_method TEXT NOT NULL,
      moments TEXT NOT NULL,
      debiased INTEGER NOT NULL CHECK (debiased IN (0, 1))
    ) STRICT;
    CREATE UNIQUE INDEX form_by_content ON form(
      value_kind, unit, ci_method, moments, debiased, coalesce(ci_level, 'none'));

    CREATE TABLE measurement (
      cell_id INTEGER NOT NULL REFERENCES result(cell_id) ON DELETE CASCADE,
      scope TEXT NOT NULL,
      metric TEXT NOT NULL,
      value ANY CHECK (typeof(value) IN ('real', 'null')),
      se ANY CHECK (typeof(se) IN ('real', 'null')),
      ci_low ANY CHECK (typeof(ci_low) IN ('real', 'null')),
      ci_high ANY CHECK (typeof(ci_high) IN ('real', 'null')),
      n INTEGER,
      resolved INTEGER CHECK (resolved IN (0, 1)),
      form INTEGER NOT NULL REFERENCES form(id),
      PRIMARY KEY (cell_id, scope, metric)
    ) STRICT, WITHOUT ROWID;

    INSERT INTO form(value_kind, unit, ci_level, ci_method, moments, debiased)
    SELECT DISTINCT value_kind, unit, ci_level, ci_method, moments, debiased
    FROM measurement_v1;

    INSERT INTO measurement(cell_id, scope, metric, value, se, ci_low, ci_high, n, resolved, form)
    SELECT m.cell_id, m.scope, m.metric, m.value, m.se, m.ci_low, m.ci_high, m.n, m.resolved, f.id
    FROM measurement_v1 m CROSS JOIN form f
      ON f.value_kind = m.value_kind AND f.unit = m.unit AND f.ci_method = m.ci_method
        AND f.moments = m.moments AND f.debiased = m.debiased
        AND coalesce(f.ci_level, 'none') = coalesce(m.ci_level, 'none')
    ORDER BY m.cell_id, m.scope, m.metric;

    DROP TABLE measurement_v1;
    """

  /// The planner's sizes of the new tables; see `StatisticsV2`.
  static let statistics = """
    DELETE FROM sqlite_stat1 WHERE tbl IN ('measurement', 'measurement_v1');
    INSERT INTO sqlite_stat1(tbl, idx, stat) VALUES
      ('form', 'form_by_content', '100 20 10 5 2 2 1'),
      ('measurement', 'measurement', '1000000 100 25 1');
    """
}

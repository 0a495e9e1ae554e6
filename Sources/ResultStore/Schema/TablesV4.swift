/// What schema version 4 adds to the tables. Frozen: a change is a new migration.
///
/// Warnings are kept in `form`, as measurements share them: names in a fixed order, with commas
/// between them. Numbers of older programs have none. `cell.route` is room for the way in which a cell
/// is measured; `coverage` takes what a study of several levels finds.
enum TablesV4 {
  static let sql = """
    ALTER TABLE form ADD COLUMN warnings TEXT NOT NULL DEFAULT '';
    DROP INDEX form_by_content;
    CREATE UNIQUE INDEX form_by_content ON form(
      value_kind, unit, ci_method, moments, debiased, coalesce(ci_level, 'none'), warnings);

    ALTER TABLE cell ADD COLUMN route TEXT;

    ALTER TABLE coverage ADD COLUMN warned REAL NOT NULL DEFAULT 0;
    ALTER TABLE coverage ADD COLUMN coverage_unwarned REAL;
    ALTER TABLE coverage ADD COLUMN uniformity REAL;
    """

  /// The planner's sizes of the new index; see `StatisticsV2`.
  static let statistics = """
    DELETE FROM sqlite_stat1 WHERE tbl = 'form';
    INSERT INTO sqlite_stat1(tbl, idx, stat) VALUES
      ('form', 'form_by_content', '100 20 10 5 2 2 2 1');
    """
}

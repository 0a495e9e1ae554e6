/// The table sizes that SQLite plans queries with, since schema version 2. Frozen: a change is a new
/// migration.
///
/// Without statistics SQLite takes a study to have few cells, and joins two views on `study` by
/// going through all cells of the study for every cell of the study. The sizes are those of a store
/// of several studies of a thousand cells, written once and never measured: a query has the
/// same plan in every store, empty or full, while it grows and afterwards. What counts are the
/// ratios; see https://sqlite.org/fileformat2.html#stat1tab for the form. `ANALYZE` must not be run
/// on a store.
enum StatisticsV2 {
  private static let sizes = [
    ("study", "sqlite_autoindex_study_1", "10 1"),
    ("run", "run_by_study", "100 10"),
    ("cell", "sqlite_autoindex_cell_1", "10000 1"),
    ("cell", "cell_by_short_hash", "10000 1"),
    ("study_cell", "study_cell", "10000 1000 1"),
    ("study_cell", "study_cell_by_position", "10000 1000 1"),
    ("study_cell", "study_cell_by_cell", "10000 2"),
    ("result", "result_by_run", "10000 500 500"),
    ("cell_scope", "cell_scope", "40000 4 1"),
    ("measurement", "measurement", "1000000 100 25 1"),
  ]

  /// `ANALYZE` of the schema table, which has no statistics itself, is the only way to make the
  /// table of statistics.
  static let sql = """
    ANALYZE sqlite_schema;
    DELETE FROM sqlite_stat1;
    INSERT INTO sqlite_stat1(tbl, idx, stat) VALUES
    \(sizes.map { "  ('\($0)', '\($1)', '\($2)')" }.joined(separator: ",\n"));
    """
}

/// The views that schema version 4 replaces: the columns they had, and after them the warnings; budgets
/// of measured files, whose calls stand at another scope. Frozen:
/// a change is a new migration.
enum ViewsV4 {
  static let drop = ["v_measurements", "v_fidelity", "v_coverage", "v_budget"]
    .map { "DROP VIEW \($0);" }.joined(separator: "\n")

  static let sql = """
    \(ViewsV3.measurements(more: [
      "  \(has("tail")) AS tail",
      "  coalesce(f.warnings, '') AS warning",
    ]))

    \(ViewsV1.fidelity(more: [
      "  \(overScope("max(\(has("tail")))")) AS tail",
      "  \(overScope(union)) AS warning",
    ]))

    CREATE VIEW v_coverage AS
    SELECT problem, estimator, metric, ci_method, ci_level, n, repeats, coverage, constant, flagged,
      measured_at, version, warned, coverage_unwarned, uniformity
    FROM coverage;

    CREATE VIEW v_budget AS
    \(SampleSizeSQL.budget(SampleSizeSQL.grid));
    """

  private static let names = ["tail", "rare", "rounding"]

  private static func has(_ name: String) -> String { "(instr(f.warnings, '\(name)') > 0)" }

  /// The names that some number has, in their order, with commas between them.
  private static let union =
    "substr("
    + names.map { "CASE WHEN max(\(has($0))) THEN ',\($0)' ELSE '' END" }.joined(separator: " || ")
    + ", 2)"

  /// A value over all numbers of one cell and scope; computed only where a query names the column.
  private static func overScope(_ value: String) -> String {
    "(SELECT \(value) FROM measurement m JOIN form f ON f.id = m.form "
      + "WHERE m.cell_id = k.cell_id AND m.scope = k.scope)"
  }

  /// The columns that older views lack, for a connection to a store that is read as it is.
  static let forOlder = """
    CREATE TEMP VIEW v_measurements AS
    SELECT *, CASE WHEN metric IS NOT NULL THEN 0 END AS tail, '' AS warning FROM main.v_measurements;

    CREATE TEMP VIEW v_fidelity AS
    SELECT *, CASE WHEN scope IS NOT NULL THEN 0 END AS tail, '' AS warning FROM main.v_fidelity;

    CREATE TEMP VIEW v_coverage AS
    SELECT *, 0.0 AS warned, NULL AS coverage_unwarned, NULL AS uniformity FROM main.v_coverage;
    """
}

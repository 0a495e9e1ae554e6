/// The views over the tables that schema version 3 replaces: the same columns and rows. Frozen: a
/// change is a new migration.
enum ViewsV3 {
  static let drop = ["v_measurements", "v_fidelity", "v_rmse", "v_budget"]
    .map { "DROP VIEW \($0);" }.joined(separator: "\n")

  static let sql = """
    \(measurements())

    \(ViewsV1.fidelity())

    CREATE VIEW v_rmse AS
    \(SampleSizeSQL.rmse(identity: ViewsV1.identity));

    CREATE VIEW v_budget AS
    \(SampleSizeSQL.budget(SampleSizeSQL.grid, calls: SampleSizeSQL.callScopeV2));
    """

  /// - Parameter more: columns after the last.
  static func measurements(more: [String] = []) -> String {
    """
    CREATE VIEW v_measurements AS
    SELECT
    \(ViewsV1.identity)
      m.scope AS scope,
      m.metric AS metric,
      f.unit AS unit,
      m.value AS value,
      coalesce(f.value_kind, 'missing') AS value_kind,
      m.se AS se,
      m.ci_low AS ci_low,
      m.ci_high AS ci_high,
      f.ci_level AS ci_level,
      f.ci_method AS ci_method,
      coalesce(f.moments, r.moments) AS moments,
      m.n AS n,
      f.debiased AS debiased,
      m.resolved AS resolved,
      coalesce(r.state, 'pending') AS cell_state\(more.map { ",\n" + $0 }.joined())
    \(ViewsV1.source)
    LEFT JOIN measurement m ON m.cell_id = c.id
    LEFT JOIN form f ON f.id = m.form;
    """
  }
}

import ResultStore

/// The table printed after a run.
public enum StudySummary {
  /// One row per cell, at the logits or, for surrogates, which have calls alone there, at the quantiser's input: bias with its error, spread and direction, and whether the
  /// bias is resolved.
  ///
  /// - Parameter limit: the most rows to show; nil for all.
  /// - Returns: the table and the number of rows left out.
  /// - Throws: `StoreError`.
  public static func table(
    study: String, storePath: String, limit: Int? = nil
  ) throws -> (table: QueryResult, hidden: Int) {
    // Trainings of one estimator that differ in other settings have weights of the same label.
    let ambiguous = try ReadOnlyQuery(path: storePath).runOwn(
      """
      SELECT 1 FROM v_cells WHERE study = :study
      GROUP BY model, state HAVING count(DISTINCT training) > 1 LIMIT 1
      """, parameters: ["study": study])
    let training = ambiguous.rows.isEmpty ? "" : "f.training AS training, "
    let all = try ReadOnlyQuery(path: storePath).runOwn(
      """
      SELECT f.model AS problem, f.state AS state, \(training)f.label AS estimator, f.target_law AS law,
        f.moments AS moments,
        CASE max(f.bias_resolved) WHEN 0 THEN 'not resolved' WHEN 1 THEN 'resolved' END AS bias,
        max(CASE WHEN f.bias_resolved = 1 THEN f.rel_bias END) AS rel_bias, max(f.rel_bias_se) AS se,
        max(f.variance) AS variance, max(f.cos_mean) AS cos_mean,
        max(f.rmse_1) AS rmse_1, max(f.rmse_100) AS rmse_100, f.cell_state AS cell_state
      FROM v_fidelity f JOIN v_cells c ON c.study = f.study AND c.cell = f.cell
      WHERE f.study = :study
        AND (f.scope = 'logits' OR f.scope IS NULL OR (f.scope = 'z_e' AND c.route = 'surrogate'))
      GROUP BY c.position ORDER BY c.position
      """, parameters: ["study": study])
    let shown = min(limit ?? all.rows.count, all.rows.count)
    return (
      QueryResult(columns: all.columns, rows: Array(all.rows.prefix(shown))),
      all.rows.count - shown
    )
  }
}

import ResultStore

/// The table printed after a measurement of files.
public enum SampleStudyTable {
  /// One row per scope of a cell.
  ///
  /// - Parameter cell: first 12 characters of the cell's hash.
  /// - Throws: `StoreError`.
  public static func table(study: String, cell: String, storePath: String) throws -> QueryResult {
    try ReadOnlyQuery(path: storePath).runOwn(
      """
      SELECT label AS estimator, scope, n,
        CASE WHEN bias_resolved = 0 THEN 'not resolved'
          WHEN rel_bias IS NOT NULL THEN printf('%.4g', rel_bias) END AS rel_bias,
        rel_bias_se AS se, bias_sq, bias_sq_se, variance, cos_mean, cos_draw, rmse_1, rmse_100
      FROM v_fidelity
      WHERE study = :study AND cell = :cell
      ORDER BY scope <> 'all', scope
      """, parameters: ["study": study, "cell": cell])
  }
}

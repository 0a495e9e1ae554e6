extension Workplace {
  /// Every stored number of every study as CSV, ordered by cell hash, scope and metric; nothing
  /// that depends on the machine or the time.
  func numbers(store: String = "gradfid.sqlite") throws -> String {
    let outcome = try run("query", StoredNumbers.sql, "--format", "csv", "--store", store)
    guard outcome.code == 0 else { throw StoredNumbers.Unreadable(message: outcome.errors) }
    return outcome.output
  }
}

enum StoredNumbers {
  static let sql = """
    SELECT DISTINCT c.hash, m.scope, m.metric, m.unit, m.value, m.value_kind, m.se, m.ci_low,
      m.ci_high, m.ci_level, m.ci_method, m.moments, m.n, m.debiased, m.resolved, m.cell_state
    FROM v_measurements m JOIN v_cells c ON c.study = m.study AND c.cell = m.cell
    ORDER BY c.hash, m.scope, m.metric
    """

  struct Unreadable: Error { let message: String }
}

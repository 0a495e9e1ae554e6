import GradientFidelity

extension StoreWorkload {
  /// Filtered aggregates over the public views, each by a fresh read-only connection as
  /// `gradfid query` opens one. `rows` counts the rows of the answer.
  static func aggregate(_ study: SyntheticStudy, path: String) throws -> [WorkloadTiming] {
    try questions.map { question in
      try WorkloadTiming(name("aggregate", study) + "-" + question.name) {
        let answer = try ReadOnlyQuery(path: path).run(
          question.sql,
          parameters: question.sql.contains(":study") ? ["study": study.name] : [:])
        return (answer.rows.count, "")
      }
    } + summary(study, path: path)
  }

  private static func summary(_ study: SyntheticStudy, path: String) throws -> [WorkloadTiming] {
    [
      try WorkloadTiming(name("aggregate", study) + "-run-summary") {
        let table = try StudySummary.table(study: study.name, storePath: path, limit: 60)
        return (table.table.rows.count + table.hidden, "the table after a run")
      },
      try WorkloadTiming(name("aggregate", study) + "-status") {
        let store = try ResultStore(readingPath: path)
        return (try StatusTable.cells(of: study.name, in: store).rows.count, "status of the cells")
      },
      try WorkloadTiming(name("aggregate", study) + "-status-studies") {
        let store = try ResultStore(readingPath: path)
        return (try StatusTable.studies(in: store).rows.count, "status of all studies")
      },
    ]
  }

  private static let questions: [(name: String, sql: String)] =
    [
      (
        "rel-bias-by-estimator-and-tau",
        """
        SELECT estimator, tau_backward, avg(value), count(*) FROM v_measurements
        WHERE study = :study AND metric = 'rel_bias' AND scope = 'logits'
        GROUP BY estimator, tau_backward
        """
      ),
      (
        "one-metric-of-all-studies",
        """
        SELECT study, estimator, avg(value), count(*) FROM v_measurements
        WHERE metric = 'rel_bias' AND scope = 'logits' GROUP BY study, estimator
        """
      ),
      (
        "one-metric-on-all-scopes",
        """
        SELECT scope, estimator, avg(value) FROM v_measurements
        WHERE study = :study AND metric = 'variance' GROUP BY scope, estimator
        """
      ),
      (
        "rows-of-each-metric",
        "SELECT metric, count(*) FROM v_measurements WHERE study = :study GROUP BY metric"
      ),
      (
        "one-estimator",
        """
        SELECT tau_backward, metric, avg(value) FROM v_measurements
        WHERE study = :study AND estimator = 'reinmax' AND scope = 'logits'
        GROUP BY tau_backward, metric
        """
      ),
      (
        "wide-by-label",
        """
        SELECT label, avg(rel_bias), avg(variance), avg(rel_bias_se) FROM v_fidelity
        WHERE study = :study AND scope = 'logits' GROUP BY label
        """
      ),
      (
        "wide-joined-with-cells",
        """
        SELECT c.cell_state, avg(f.rel_bias), count(*) FROM v_fidelity f
        JOIN v_cells c ON c.study = f.study AND c.cell = f.cell
        WHERE f.study = :study AND f.scope = 'logits' GROUP BY c.cell_state
        """
      ),
      (
        "rmse-by-label",
        """
        SELECT label, m, avg(rmse) FROM v_rmse
        WHERE study = :study AND scope = 'logits' GROUP BY label, m
        """
      ),
      (
        "budget-winners",
        """
        SELECT budget, label, count(*) FROM v_budget
        WHERE study = :study AND scope = 'logits' AND rank = 1 GROUP BY budget, label
        """
      ),
      (
        "budget-winners-of-one-budget",
        """
        SELECT label, count(*) FROM v_budget
        WHERE study = :study AND scope = 'logits' AND budget = 1000 AND rank = 1 GROUP BY label
        """
      ),
      (
        "cells-by-state",
        "SELECT cell_state, count(*), avg(seconds) FROM v_cells WHERE study = :study GROUP BY 1"
      ),
      ("runs", "SELECT study, count(*), sum(cells_done) FROM v_runs GROUP BY study"),
      ("training", "SELECT training, avg(loss) FROM v_training WHERE study = :study GROUP BY 1"),
      ("coverage", "SELECT metric, avg(coverage) FROM v_coverage WHERE n = 256 GROUP BY metric"),
    ]
}

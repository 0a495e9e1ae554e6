/// The best estimator for budgets of one's own choice, in one study on one scope: the rows of
/// `v_budget`, for `ReadOnlyQuery`.
///
/// Faster than the view where there are many cells: the targets are numbered first, so that ranks
/// are found by comparing two numbers a row where the view, which serves every filter, compares
/// seven columns.
public enum BudgetQuery {
  /// The budgets of `v_budget`.
  public static let standard = SampleSizeSQL.grid

  /// One statement with the parameters `:study` and `:scope`; columns as in `v_budget`, cells in the
  /// order of the study.
  ///
  /// - Parameter bestOnly: only the rows of rank 1.
  public static func sql(budgets: [Int], bestOnly: Bool = false) -> String {
    let cost = SampleSizeSQL.cost
    return """
      WITH budgets(budget) AS (VALUES \(SampleSizeSQL.values(budgets))),
      held AS (
        SELECT p.cell_id AS cell_id, p.scope AS scope, \(cost) AS cost,
          min(c.id) OVER (
            PARTITION BY c.problem, c.model_state, c.target_law, printf('%.5e', t.value)) AS target
      \(SampleSizeSQL.pricedScopes())
        WHERE s.name = :study AND p.scope = :scope AND \(cost) > 0
          AND \(SampleSizeSQL.isMeasured)
      ),
      priced AS (
        SELECT p.cell_id AS cell_id, p.target AS target, p.cost AS cost, g.budget AS budget,
          t.value AS target_norm,
      \(SampleSizeSQL.errors("CAST(g.budget / p.cost AS INTEGER)"))
        FROM held p
      \(SampleSizeSQL.parts(of: "p"))
        CROSS JOIN budgets g ON g.budget >= p.cost
      ),
      ranked AS (
      \(SampleSizeSQL.ranking)
        FROM priced
        WINDOW same_target AS (PARTITION BY target, budget ORDER BY rmse)
      )
      SELECT :study AS study, c.problem AS model, c.model_state AS state,
        c.target_law AS target_law, :scope AS scope, r.budget AS budget,
        c.estimator_label AS label, CAST(r.budget / r.cost AS INTEGER) AS m, r.rmse AS rmse,
        r.rmse_low AS rmse_low, r.rmse_high AS rmse_high, r.rank AS rank,
        CASE WHEN r.others IS NOT NULL
          THEN \(SampleSizeSQL.isBelowOthers("r.")) END AS resolved,
        r.cost AS cost, r.target_norm AS target_norm, substr(c.hash, 1, 12) AS cell
      FROM ranked r CROSS JOIN cell c ON c.id = r.cell_id
      \(bestOnly ? "WHERE r.rank = 1" : "")
      ORDER BY model, state, target_law, target_norm, budget, rank, label
      """
  }
}

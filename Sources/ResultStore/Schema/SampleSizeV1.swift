/// The bodies of `v_rmse` and `v_budget` in schema version 1. Frozen: migration 2 replaces the views.
enum SampleSizeV1 {
  /// The rows of `v_rmse`; `identity` are the columns that name a cell.
  static func rmse(identity: String) -> String {
    """
    WITH grid(m) AS (VALUES \(SampleSizeSQL.values(SampleSizeSQL.grid)))
    SELECT
    \(identity)
      k.scope AS scope,
      g.m AS m,
    \(SampleSizeSQL.errors("g.m")),
      CASE WHEN b.resolved = 1 AND b.value > 0 THEN v.value / b.value END AS bias_dominates_from,
      CASE WHEN b.resolved = 1 AND b.value > 0 THEN max(v.ci_low, 0) / b.ci_high END
        AS bias_dominates_low,
      CASE WHEN b.resolved = 1 AND b.value > 0 AND b.ci_low > 0 THEN v.ci_high / b.ci_low END
        AS bias_dominates_high,
      r.moments AS moments
    FROM study s
    JOIN study_cell sc ON sc.study_id = s.id
    JOIN cell c ON c.id = sc.cell_id
    JOIN result r ON r.cell_id = c.id
    JOIN cell_scope k ON k.cell_id = c.id
    \(SampleSizeSQL.parts(of: "k"))
    JOIN grid g
    """
  }

  /// The rows of `v_budget`.
  static func budget() -> String {
    """
    WITH budgets(budget) AS (VALUES \(SampleSizeSQL.values(SampleSizeSQL.grid))),
    priced AS (
      SELECT k.cell_id AS cell_id, k.scope AS scope,
        (SELECT x.value FROM measurement x WHERE x.cell_id = k.cell_id AND x.scope = 'logits'
          AND x.metric = 'value_calls')
        + 3 * (SELECT x.value FROM measurement x WHERE x.cell_id = k.cell_id
          AND x.scope = 'logits' AND x.metric = 'gradient_calls') AS cost
      FROM cell_scope k
    ),
    affordable AS (
      SELECT
        s.name AS study,
        substr(c.hash, 1, 12) AS cell,
        c.problem AS model,
        c.model_state AS state,
        c.target_law AS target_law,
        p.scope AS scope,
        g.budget AS budget,
        c.estimator_label AS label,
        p.cost AS cost,
        CAST(g.budget / p.cost AS INTEGER) AS m,
        t.value AS target_norm,
    \(SampleSizeSQL.errors("CAST(g.budget / p.cost AS INTEGER)"))
      FROM study s
      JOIN study_cell sc ON sc.study_id = s.id
      JOIN cell c ON c.id = sc.cell_id
      JOIN priced p ON p.cell_id = c.id
    \(SampleSizeSQL.parts(of: "p"))
      JOIN budgets g ON g.budget >= p.cost
      WHERE p.cost > 0 AND b.value IS NOT NULL AND v.value IS NOT NULL AND t.value > 0
    ),
    ranked AS (
      SELECT *,
        rank() OVER same_target AS rank,
        min(rmse_low) OVER (
          same_target ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING) AS others
      FROM affordable
      WINDOW same_target AS (
        PARTITION BY study, model, state, target_law, scope, budget,
          printf('%.5e', target_norm)
        ORDER BY rmse)
    )
    SELECT
      study, model, state, target_law, scope, budget, label, m, rmse, rmse_low, rmse_high, rank,
      CASE WHEN others IS NOT NULL THEN coalesce(rmse_high * 1.000000001 < others, 0) END
        AS resolved,
      cost, target_norm, cell
    FROM ranked
    """
  }
}

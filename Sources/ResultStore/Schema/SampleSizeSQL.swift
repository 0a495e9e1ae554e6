/// The statements behind `v_rmse` and `v_budget`: errors of means of `M` estimates, and the best
/// estimator for a number of oracle calls.
///
/// With `B` = `bias_sq`, `V` = `variance`, `G` = `target_norm` of one cell and scope, each with its
/// interval, `rmse(M) = sqrt(max(B, 0) + V/M) / G`. The ends of its interval are those of the parts:
/// all lower ends over the upper end of `G`, and the reverse.
///
/// `CROSS JOIN` keeps SQLite from making the short list of numbers the outer loop, which would look
/// every cell up once for each of them.
enum SampleSizeSQL {
  /// 1, 3, 10, 30, ... up to a million: numbers of estimates, and budgets in oracle calls.
  static let grid = (0..<7).flatMap { decade in
    let power = (0..<decade).reduce(1) { product, _ in product * 10 }
    return decade == 6 ? [power] : [power, 3 * power]
  }

  /// The three numbers of a cell and scope, by their primary key.
  static func parts(of key: String) -> String {
    [("b", "bias_sq"), ("v", "variance"), ("t", "target_norm")].map { name, metric in
      """
      JOIN measurement \(name) ON \(name).cell_id = \(key).cell_id
        AND \(name).scope = \(key).scope AND \(name).metric = '\(metric)'
      """
    }.joined(separator: "\n")
  }

  /// `rmse`, `rmse_low`, `rmse_high` of a mean of `m` estimates.
  static func errors(_ m: String) -> String {
    """
      sqrt(max(b.value, 0) + max(v.value, 0) / \(m)) / t.value AS rmse,
      sqrt(max(b.ci_low, 0) + max(v.ci_low, 0) / \(m)) / t.ci_high AS rmse_low,
      CASE WHEN t.ci_low > 0 THEN
        sqrt(max(b.ci_high, 0) + max(v.ci_high, 0) / \(m)) / t.ci_low END AS rmse_high
    """
  }

  /// Whether the three numbers of `parts` make an error.
  static let isMeasured = "b.value IS NOT NULL AND v.value IS NOT NULL AND t.value > 0"

  /// What an estimate takes of a budget, in a row of `pricedScopes`.
  static let cost = "(x.value + 3 * y.value)"

  /// The scope that holds the oracle calls of a cell: that of all coordinates for measured files,
  /// which know no logits.
  static let callScope = "CASE c.estimator WHEN 'sample-files' THEN 'all' ELSE 'logits' END"

  /// The same in the views of schema versions 2 and 3.
  static let callScopeV2 = "'logits'"

  /// Studies `s`, their cells `c` and scopes `p`, with the oracle calls of an estimate and the
  /// numbers of `parts`.
  static func pricedScopes(calls: String = callScope) -> String {
    """
      FROM study s
      JOIN study_cell sc ON sc.study_id = s.id
      JOIN cell c ON c.id = sc.cell_id
      JOIN cell_scope p ON p.cell_id = c.id
      JOIN measurement x ON x.cell_id = p.cell_id
        AND x.scope = \(calls) AND x.metric = 'value_calls'
      JOIN measurement y ON y.cell_id = p.cell_id
        AND y.scope = \(calls) AND y.metric = 'gradient_calls'
    \(parts(of: "p"))
    """
  }

  /// All columns, the rank within the window `same_target` and `others`, the least lower end of all
  /// that rank behind.
  static let ranking = """
      SELECT *,
        rank() OVER same_target AS rank,
        min(rmse_low) OVER (
          same_target ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING) AS others
    """

  /// Whether the interval of a row lies below those of all that rank behind. Widening by `1e-9`
  /// keeps rounding from deciding between two exact numbers.
  static func isBelowOthers(_ table: String = "") -> String {
    "coalesce(\(table)rmse_high * 1.000000001 < \(table)others, 0)"
  }

  static func values(_ numbers: [some Numeric]) -> String {
    numbers.map { "(\($0))" }.joined(separator: ", ")
  }

  /// The rows of `v_rmse`; `identity` are the columns that name a cell.
  static func rmse(identity: String) -> String {
    """
    WITH grid(m) AS (VALUES \(values(grid)))
    SELECT
    \(identity)
      k.scope AS scope,
      g.m AS m,
    \(errors("g.m")),
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
    \(parts(of: "k"))
    CROSS JOIN grid g
    """
  }

  /// The rows of `v_budget` for a list of budgets.
  ///
  /// Estimators compete that were held against the same target: the same problem, state, distribution, scope
  /// and, as the target may move with the forward temperature, the same `target_norm` to six digits.
  static func budget(_ budgets: [some Numeric], calls: String = callScope) -> String {
    let m = "CAST(g.budget / \(cost) AS INTEGER)"
    return """
      WITH budgets(budget) AS (VALUES \(values(budgets))),
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
          \(cost) AS cost,
          \(m) AS m,
          t.value AS target_norm,
      \(errors(m))
      \(pricedScopes(calls: calls))
        CROSS JOIN budgets g ON g.budget >= \(cost)
        WHERE \(cost) > 0 AND \(isMeasured)
      ),
      ranked AS (
      \(ranking)
        FROM affordable
        WINDOW same_target AS (
          PARTITION BY study, model, state, target_law, scope, budget,
            printf('%.5e', target_norm)
          ORDER BY rmse)
      )
      SELECT
        study, model, state, target_law, scope, budget, label, m, rmse, rmse_low, rmse_high, rank,
        CASE WHEN others IS NOT NULL THEN \(isBelowOthers()) END
          AS resolved,
        cost, target_norm, cell
      FROM ranked
      """
  }
}

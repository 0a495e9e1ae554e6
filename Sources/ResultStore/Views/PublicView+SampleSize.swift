extension PublicView {
  private static let interval =
    "from the ends of the intervals of bias_sq, variance and target_norm: wider than their level"

  static let rmse = PublicView(
    name: "v_rmse",
    about: "How many samples: one row per study, done cell, scope and number M of estimates "
      + "(1, 3, 10, ..., 1000000).",
    columns: identity + [
      .init("scope", "text", "where: logits, a parameter group, or all"),
      .init("m", "integer", "number M of estimates that are averaged"),
      .init("rmse", "real", "sqrt(max(bias_sq, 0) + variance/M) / ||g*||"),
      .init("rmse_low", "real", "lower end, \(interval)"),
      .init("rmse_high", "real", "upper end; empty where target_norm is not resolved"),
      .init(
        "bias_dominates_from", "real",
        "variance/bias_sq: the M at which both halves are equal; empty where the bias is not resolved"
      ),
      .init("bias_dominates_low", "real", "lower end, from those of bias_sq and variance"),
      .init("bias_dominates_high", "real", "upper end, from those of bias_sq and variance"),
      .init("moments", "text", "exact, quadrature or monte-carlo"),
    ],
    example: ExampleQuery(
      title: "From which number of samples on the bias is the larger half of the error",
      sql: """
        SELECT label, rmse AS rmse_of_one, bias_dominates_from
        FROM v_rmse
        WHERE study = :study AND scope = 'logits' AND m = 1
        ORDER BY bias_dominates_from
        """,
      parameters: ["study": "tau-grid"]))

  static let budget = PublicView(
    name: "v_budget",
    about: "Which estimator for a budget: one row per study, done cell, scope and budget of oracle "
      + "calls per row (1, 3, 10, ..., 1000000) that pays for at least one estimate.",
    columns: [
      .init("study", "text", "name of the study"),
      .init("model", "text", "label of the problem"),
      .init("state", "text", "weights of the model: initial, trained:st:200, ..."),
      .init("target_law", "text", "sampling distribution of the target: own or unit"),
      .init("scope", "text", "where: logits, a parameter group, or all"),
      .init("budget", "integer", "oracle calls, a gradient counted as three"),
      .init("label", "text", "estimator with its settings"),
      .init("m", "integer", "estimates that the budget pays for: floor(budget / cost)"),
      .init("rmse", "real", "sqrt(max(bias_sq, 0) + variance/m) / ||g*||"),
      .init("rmse_low", "real", "lower end, \(interval)"),
      .init("rmse_high", "real", "upper end; empty where target_norm is not resolved"),
      .init(
        "rank", "integer",
        "1 for the smallest rmse among the estimators held against the same target"),
      .init(
        "resolved", "integer",
        "1 if the interval ends below those of all that rank after it, else 0; empty for the last"),
      .init("cost", "real", "value_calls + 3 gradient_calls of one estimate"),
      .init("target_norm", "real", "||g*||: equal for the same target"),
      .init("cell", "text", "first 12 characters of the cell's hash"),
    ],
    example: ExampleQuery(
      title: "The best estimator for each budget, and whether its lead is resolved",
      sql: """
        SELECT model, state, budget, label, m, rmse, resolved
        FROM v_budget
        WHERE study = :study AND scope = 'logits' AND rank = 1
        ORDER BY model, state, budget
        """,
      parameters: ["study": "tau-grid"]))
}

/// The public views of schema version 1. Frozen: a change is a new migration.
enum ViewsV1 {
  static let sql = [
    measurements, fidelity(), rmse, budget, cells(), runs, training, coverage,
  ].joined(separator: "\n\n")

  static let identity = """
      s.name AS study,
      substr(c.hash, 1, 12) AS cell,
      c.problem AS model,
      c.model_state AS state,
      c.step AS step,
      substr(c.training, 1, 12) AS training,
      c.estimator AS estimator,
      c.estimator_label AS label,
      c.target AS target,
      c.target_law AS target_law,
      c.tau_forward AS tau_forward,
      c.tau_backward AS tau_backward,
      c.seed AS seed,
    """

  static let source = """
    FROM study s
    JOIN study_cell sc ON sc.study_id = s.id
    JOIN cell c ON c.id = sc.cell_id
    LEFT JOIN result r ON r.cell_id = c.id
    """

  private static let measurements = """
    CREATE VIEW v_measurements AS
    SELECT
    \(identity)
      m.scope AS scope,
      m.metric AS metric,
      m.unit AS unit,
      m.value AS value,
      coalesce(m.value_kind, 'missing') AS value_kind,
      m.se AS se,
      m.ci_low AS ci_low,
      m.ci_high AS ci_high,
      m.ci_level AS ci_level,
      m.ci_method AS ci_method,
      coalesce(m.moments, r.moments) AS moments,
      m.n AS n,
      m.debiased AS debiased,
      m.resolved AS resolved,
      coalesce(r.state, 'pending') AS cell_state
    \(source)
    LEFT JOIN measurement m ON m.cell_id = c.id;
    """

  /// Metrics with a column of their own; those in the first list also have one for the error.
  private static let withError = [
    "bias_sq", "rel_bias", "variance", "variance_mean", "mse", "rmse_1", "rmse_10", "rmse_100",
    "rmse_1000", "snr", "cos_mean", "cos_draw", "scale", "scale_free_bias", "gap_latent",
    "gap_latent_rel", "gap_logits", "gap_logits_rel", "gap_layer", "gap_layer_rel",
    "gap_bypass_row", "gap_bypass_row_rel", "target_norm", "estimate_norm",
  ]
  private static let withoutError = [
    "target_error_sq", "target_error_ratio", "reinmax_bias_target", "reinmax_bias_mean",
    "reinmax_std_mean", "reinmax_cos", "value_calls", "gradient_calls", "mse_cost",
    "gap_bypass_latent", "gap_bypass_latent_rel", "gap_bypass_layer", "gap_bypass_layer_rel",
  ]

  /// One metric as a scalar lookup on the primary key. SQLite computes only the columns a query
  /// names, so a wide view costs no more than the query asks for.
  private static func lookup(_ column: String, of metric: String, as name: String) -> String {
    "  (SELECT m.\(column) FROM measurement m WHERE m.cell_id = k.cell_id "
      + "AND m.scope = k.scope AND m.metric = '\(metric)') AS \(name)"
  }

  /// - Parameter more: columns after the last.
  static func fidelity(more: [String] = []) -> String {
    var columns: [String] = []
    for metric in withError {
      columns.append(lookup("value", of: metric, as: metric))
      columns.append(lookup("se", of: metric, as: metric + "_se"))
    }
    for metric in withoutError {
      columns.append(lookup("value", of: metric, as: metric))
    }
    columns.append(lookup("resolved", of: "bias_sq", as: "bias_resolved"))
    columns.append(lookup("n", of: "bias_sq", as: "n"))
    columns.append("  r.seconds AS seconds")
    // Time is a fact of the run, not of the cell: it stays out of the measurements, which a re-run
    // must reproduce to the bit.
    columns.append(
      "  1e9 * r.seconds / (SELECT m.n FROM measurement m WHERE m.cell_id = k.cell_id "
        + "AND m.scope = k.scope AND m.metric = 'bias_sq') AS ns_per_estimate")
    return """
      CREATE VIEW v_fidelity AS
      SELECT
      \(identity)
        k.scope AS scope,
      \(columns.joined(separator: ",\n")),
        r.moments AS moments,
        coalesce(r.state, 'pending') AS cell_state\(more.map { ",\n" + $0 }.joined())
      \(source)
      LEFT JOIN cell_scope k ON k.cell_id = c.id;
      """
  }

  private static let rmse =
    "CREATE VIEW v_rmse AS\n" + SampleSizeV1.rmse(identity: identity) + ";"

  private static let budget =
    "CREATE VIEW v_budget AS\n" + SampleSizeV1.budget() + ";"

  /// - Parameter more: columns after the last.
  static func cells(more: [String] = []) -> String {
    """
    CREATE VIEW v_cells AS
    SELECT
    \(identity)
      sc.position AS position,
      c.hash AS hash,
      coalesce(r.state, CASE WHEN (
        SELECT n.ended_at IS NULL FROM run n WHERE n.study_id = s.id ORDER BY n.id DESC LIMIT 1
      ) THEN 'stale' ELSE 'pending' END) AS cell_state,
      r.message AS message,
      r.moments AS moments,
      r.seconds AS seconds,
      r.finished_at AS finished_at,
      r.run_id AS run,
      c.problem_json AS problem_json,
      c.estimator_json AS estimator_json,
      c.resolved_json AS resolved_json\(more.map { ",\n" + $0 }.joined())
    \(source);
    """
  }

  private static let training = """
    CREATE VIEW v_training AS
    SELECT
      s.name AS study,
      substr(t.hash, 1, 12) AS training,
      t.problem AS model,
      t.estimator AS estimator,
      t.estimator_label AS label,
      t.optimiser AS optimiser,
      t.learning_rate AS learning_rate,
      t.batch AS batch,
      t.seed AS seed,
      ts.step AS step,
      ts.loss AS loss,
      -ts.loss AS elbo,
      ts.reconstruction AS reconstruction,
      ts.kl AS kl,
      ts.perplexity AS perplexity,
      ts.gradient_norm AS gradient_norm
    FROM study s
    JOIN study_training st ON st.study_id = s.id
    JOIN training t ON t.id = st.training_id
    JOIN training_step ts ON ts.training_id = t.id AND ts.step <= st.steps;
    """

  private static let runs = """
    CREATE VIEW v_runs AS
    SELECT
      n.id AS run,
      s.name AS study,
      n.study_hash AS study_hash,
      n.version AS version,
      n.source_commit AS source_commit,
      n.host AS host,
      n.cpu AS cpu,
      n.blas AS blas,
      n.toolchain AS toolchain,
      n.seed AS seed,
      n.jobs AS jobs,
      n.started_at AS started_at,
      n.ended_at AS ended_at,
      round((julianday(n.ended_at) - julianday(n.started_at)) * 86400.0, 3) AS seconds,
      n.exit_code AS exit_code,
      (SELECT count(*) FROM result r WHERE r.run_id = n.id AND r.state = 'done') AS cells_done,
      (SELECT count(*) FROM result r WHERE r.run_id = n.id AND r.state = 'failed')
        AS cells_failed,
      (SELECT count(*) FROM result r WHERE r.run_id = n.id AND r.state = 'diverged')
        AS cells_diverged,
      n.command AS command
    FROM run n
    JOIN study s ON s.id = n.study_id;
    """

  private static let coverage = """
    CREATE VIEW v_coverage AS
    SELECT problem, estimator, metric, ci_method, ci_level, n, repeats, coverage, constant, flagged,
      measured_at, version
    FROM coverage;
    """
}

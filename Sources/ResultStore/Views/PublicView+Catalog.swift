import Fidelity

extension PublicView {
  static let identity: [PublicColumn] = [
    .init("study", "text", "name of the study"),
    .init("cell", "text", "first 12 characters of the cell's hash"),
    .init("model", "text", "label of the problem"),
    .init("state", "text", "weights of the model: initial, trained:st:200, ..."),
    .init(
      "step", "integer", "optimiser steps behind the weights, 0 at the start; empty if not known"),
    .init("training", "text", "first 12 characters of the training's hash; empty where step is 0"),
    .init("estimator", "text", "kind of the estimator"),
    .init("label", "text", "estimator with its settings"),
    .init(
      "target", "text",
      "how the target was got: exact, closed-form or monte-carlo; empty until measured"),
    .init("target_law", "text", "sampling distribution of the target: own or unit"),
    .init("tau_forward", "real", "forward temperature; empty where there is none"),
    .init("tau_backward", "real", "backward temperature; empty where there is none"),
    .init("seed", "text", "root seed, an unsigned 64-bit number"),
  ]

  private static let cellState = PublicColumn(
    "cell_state", "text", "done, failed, diverged, or pending when there is no result")

  private static let warning =
    "names with commas between them, empty if none: tail (an interval may be too narrow), "
    + "rare (events too rare to be seen may matter), rounding (of the cost's values)"

  static let measurements = PublicView(
    name: "v_measurements",
    about: "Long form: one row per study, cell, scope and metric. "
      + "A cell without measurements has one row with empty scope and metric.",
    columns: identity + [
      .init("scope", "text", "where: logits, a parameter group, or all"),
      .init("metric", "text", "name of the metric"),
      .init("unit", "text", "unit of value, se and the interval"),
      .init("value", "real", "the value; empty unless value_kind is finite"),
      .init("value_kind", "text", "finite, nan, pos_inf, neg_inf or missing"),
      .init("se", "real", "standard error; empty when not known or exact"),
      .init("ci_low", "real", "lower end of the confidence interval"),
      .init("ci_high", "real", "upper end of the confidence interval"),
      .init("ci_level", "real", "level of the interval; empty where it has none"),
      .init("ci_method", "text", "how the interval was made"),
      .init("moments", "text", "exact, quadrature or monte-carlo"),
      .init("n", "integer", "number of draws"),
      .init("debiased", "integer", "1 if the sampling error was subtracted, else 0"),
      .init(
        "resolved", "integer",
        "0 if the bias is not told from zero (its interval covers it, or a warning forbids it), else 1"
      ),
      cellState,
      .init(
        "tail", "integer", "1 if the draws have a heavy tail, which this number depends on, else 0"),
      .init("warning", "text", warning),
    ],
    example: ExampleQuery(
      title: "Relative bias at the logits, with errors, and whether it is resolved",
      sql: """
        SELECT label, tau_forward, tau_backward, value, se, resolved
        FROM v_measurements
        WHERE study = :study AND metric = 'rel_bias' AND scope = 'logits'
        ORDER BY value
        """,
      parameters: ["study": "tau-grid"]))

  private static let error = "standard error of the column before"

  static let fidelity = PublicView(
    name: "v_fidelity",
    about: "Wide form: one row per study, cell and scope. Values that are not finite are empty.",
    columns: identity + [
      .init("scope", "text", "where: logits, a parameter group, or all")
    ] + metricColumns + [
      .init("bias_resolved", "integer", "0 if the interval of bias_sq covers zero, else 1"),
      .init("n", "integer", "number of draws behind bias_sq"),
      .init(
        "seconds", "real", "wall-clock time of the cell, its share of what cells share included"),
      .init("ns_per_estimate", "real", "seconds over draws, in ns; empty where nothing was drawn"),
      .init("moments", "text", "exact, quadrature or monte-carlo"),
      cellState,
      .init(
        "tail", "integer", "1 if a number of the scope has the warning of a heavy tail, else 0"),
      .init("warning", "text", "of all numbers of the scope: " + warning),
    ],
    example: ExampleQuery(
      title: "Bias against variance for each estimator",
      sql: """
        SELECT label, count(*) AS cells, avg(rel_bias) AS rel_bias, avg(variance) AS variance
        FROM v_fidelity
        WHERE study = :study AND scope = 'logits' AND cell_state = 'done'
        GROUP BY label
        ORDER BY rel_bias
        """,
      parameters: ["study": "tau-grid"]))

  /// Metrics of version 1 of the view in its order; the flag says whether an error follows.
  private static let metricColumns: [PublicColumn] = {
    let withError = [
      "bias_sq", "rel_bias", "variance", "variance_mean", "mse", "rmse_1", "rmse_10", "rmse_100",
      "rmse_1000", "snr", "cos_mean", "cos_draw", "scale", "scale_free_bias", "gap_latent",
      "gap_latent_rel", "gap_logits", "gap_logits_rel", "gap_layer", "gap_layer_rel",
      "gap_bypass_row", "gap_bypass_row_rel", "target_norm", "estimate_norm",
    ]
    let withoutError = [
      "target_error_sq", "target_error_ratio", "reinmax_bias_target", "reinmax_bias_mean",
      "reinmax_std_mean", "reinmax_cos", "value_calls", "gradient_calls", "mse_cost",
      "gap_bypass_latent", "gap_bypass_latent_rel", "gap_bypass_layer", "gap_bypass_layer_rel",
    ]
    func column(_ name: String) -> PublicColumn {
      PublicColumn(name, "real", Metric(rawValue: name)?.definition ?? "")
    }
    return withError.flatMap { [column($0), PublicColumn($0 + "_se", "real", error)] }
      + withoutError.map(column)
  }()

  static let cells = PublicView(
    name: "v_cells",
    about: "One row per study and cell: how far it is, and what exactly it is.",
    columns: identity + [
      .init("position", "integer", "place of the cell in its study, from 0"),
      .init("hash", "text", "content hash of the resolved cell"),
      .init(
        "cell_state", "text",
        "done, failed, diverged, pending, or stale: pending while the last run has not ended"),
      .init("message", "text", "why a cell failed or diverged"),
      .init("moments", "text", "exact, quadrature or monte-carlo"),
      .init("seconds", "real", "wall-clock time the cell took"),
      .init("finished_at", "text", "when it was finished, UTC"),
      .init("run", "integer", "run that measured it"),
      .init("problem_json", "text", "resolved problem"),
      .init("estimator_json", "text", "resolved estimator"),
      .init("resolved_json", "text", "resolved cell"),
      .init(
        "route", "text",
        "how the moments were got: states, outcomes, state-noise, soft-noise, latents, surrogate, draws, draws-lanes or draws-kernel"
      ),
      .init("route_reason", "text", "why they were drawn although exact ones were open"),
    ],
    example: ExampleQuery(
      title: "Cells that failed, and why",
      sql: """
        SELECT cell, model, label, cell_state, message
        FROM v_cells
        WHERE study = :study AND cell_state IN ('failed', 'diverged')
        ORDER BY position
        """,
      parameters: ["study": "tau-grid"]))

  static let runs = PublicView(
    name: "v_runs",
    about: "One row per run.",
    columns: [
      .init("run", "integer", "number of the run"),
      .init("study", "text", "name of the study"),
      .init("study_hash", "text", "content hash of the study at that time"),
      .init("version", "text", "release of the program"),
      .init("source_commit", "text", "commit of the build; -dirty: with changes to it"),
      .init("host", "text", "name of the machine"),
      .init("cpu", "text", "processor model"),
      .init("blas", "text", "BLAS core type and configuration"),
      .init("toolchain", "text", "compiler"),
      .init("seed", "text", "root seed, an unsigned 64-bit number"),
      .init("jobs", "integer", "number of workers"),
      .init("started_at", "text", "start, UTC"),
      .init("ended_at", "text", "end, UTC; empty while it works and when it was killed"),
      .init("seconds", "real", "wall-clock time from start to end"),
      .init("exit_code", "integer", "exit code; empty as for ended_at"),
      .init("cells_done", "integer", "done cells whose stored result is this run's"),
      .init("cells_failed", "integer", "failed cells whose stored result is this run's"),
      .init("cells_diverged", "integer", "diverged cells whose stored result is this run's"),
      .init("command", "text", "command line"),
    ],
    example: ExampleQuery(
      title: "The ten latest runs and how much they did",
      sql: """
        SELECT run, study, version, jobs, seconds, exit_code, cells_done
        FROM v_runs
        ORDER BY run DESC
        LIMIT 10
        """,
      parameters: [:]))

  static let coverage = PublicView(
    name: "v_coverage",
    about: "One row per problem, estimator, metric, number of draws and level of a coverage study "
      + "(`gradfid verify --coverage --store FILE`).",
    columns: [
      .init("problem", "text", "label of the problem"),
      .init("estimator", "text", "estimator with its settings"),
      .init("metric", "text", "name of the metric, or of the negative control"),
      .init("ci_method", "text", "how the intervals were made"),
      .init("ci_level", "real", "level of the intervals"),
      .init("n", "integer", "number of draws of a measurement"),
      .init("repeats", "integer", "number of measurements"),
      .init("coverage", "real", "share of the intervals that hold the exact number"),
      .init("constant", "integer", "1 if the number does not vary from draw to draw"),
      .init("flagged", "integer", "1 if intervals at this n are known to hold too seldom"),
      .init("measured_at", "text", "when"),
      .init("version", "text", "version of the program"),
      .init(
        "warned", "real", "share of the measurements whose number has the warning tail or rare"),
      .init("coverage_unwarned", "real", "coverage among the others; empty where there are none"),
      .init(
        "uniformity", "real",
        "p-value of the intervals of all levels together: how well their coverages fit the levels"),
    ],
    example: ExampleQuery(
      title: "Mean and least coverage of each metric",
      sql: """
        SELECT metric, n, round(avg(coverage), 3) AS mean, min(coverage) AS least
        FROM v_coverage
        WHERE constant = 0 AND n = :n AND ci_level = 0.95
        GROUP BY metric, n
        """,
      parameters: ["n": "256"]))
}

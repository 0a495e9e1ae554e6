import Discrete

extension PublicView {
  private static let trainingIdentity: [PublicColumn] = [
    .init("study", "text", "name of the study"),
    .init("training", "text", "first 12 characters of the training's hash"),
    .init("model", "text", "label of the problem"),
    .init("estimator", "text", "kind of the estimator that trains"),
    .init("label", "text", "estimator that trains, with its settings"),
    .init("optimiser", "text", "optimiser that trains, with its settings"),
    .init("learning_rate", "real", "step size"),
    .init("batch", "integer", "rows per step"),
    .init("seed", "text", "key of batches and draws, an unsigned 64-bit number"),
    .init("step", "integer", "number of the step, from 1"),
  ]

  static let training = PublicView(
    name: "v_training",
    about: "One row per study, training and step, from step 1 to the study's last. The numbers of "
      + "a step are those of its batch at the weights before its update, in nats per row.",
    columns: trainingIdentity
      + SeriesMetric.common.flatMap { metric in
        let column = PublicColumn(metric.name, "real", metric.definition)
        return metric.name == "loss" ? [column, .init("elbo", "real", "-loss")] : [column]
      },
    example: ExampleQuery(
      title: "Loss and categories in use, averaged over every hundred steps",
      sql: """
        SELECT training, label, max(step) AS step, avg(loss) AS loss, avg(perplexity) AS perplexity
        FROM v_training
        WHERE study = :study
        GROUP BY training, (step - 1) / 100
        ORDER BY training, step
        """,
      parameters: ["study": "along-training"]))

  static let series = PublicView(
    name: "v_series",
    about:
      "Long form of `v_training`: one row per study, training, step and metric of the series, also "
      + "of those that only some models record. A number that a step does not have has no row.",
    columns: trainingIdentity + [
      .init("metric", "text", "name of the metric"),
      .init("unit", "text", "unit of the value"),
      .init("value", "real", "the value"),
      .init("definition", "text", "what the metric is"),
    ],
    example: ExampleQuery(
      title: "Everything that the trainings record, with its last value",
      sql: """
        SELECT training, label, metric, unit, max(step) AS step, value
        FROM v_series
        WHERE study = :study
        GROUP BY training, metric
        ORDER BY training, metric
        """,
      parameters: ["study": "along-training"]))
}

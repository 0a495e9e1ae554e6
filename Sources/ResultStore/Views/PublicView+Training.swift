extension PublicView {
  static let training = PublicView(
    name: "v_training",
    about: "One row per study, training and step, from step 1 to the study's last. The numbers of "
      + "a step are those of its batch at the weights before its update, in nats per row.",
    columns: [
      .init("study", "text", "name of the study"),
      .init("training", "text", "first 12 characters of the training's hash"),
      .init("model", "text", "label of the problem"),
      .init("estimator", "text", "kind of the estimator that trains"),
      .init("label", "text", "estimator that trains, with its settings"),
      .init("optimiser", "text", "adam, radam or sgd"),
      .init("learning_rate", "real", "step size"),
      .init("batch", "integer", "rows per step"),
      .init("seed", "text", "key of batches and draws, an unsigned 64-bit number"),
      .init("step", "integer", "number of the step, from 1"),
      .init("loss", "real", "reconstruction + kl: an estimate of the negative ELBO"),
      .init("elbo", "real", "-loss"),
      .init("reconstruction", "real", "mean negative log-likelihood at the point trained on"),
      .init("kl", "real", "mean KL divergence from the uniform prior, summed over latents"),
      .init(
        "perplexity", "real",
        "exp of the entropy of the batch-averaged q(k), mean over latents: categories in use"),
      .init(
        "gradient_norm", "real",
        "norm of the step's gradient of the loss at the logits, the KL's part included"),
    ],
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
}

/// A number that a training records at its steps: what a row of `v_series` is named by.
///
/// A problem, or a part of one, that records a number of its own makes one of these and hands its values over
/// in `TrainingStep.more`; neither the store nor the export is told of it.
public struct SeriesMetric: Sendable, Hashable {
  /// Lower-case letters, digits and `_`, a letter first; no column of `v_training`.
  public let name: String
  /// `nats`, `1`, `codes` and the like.
  public let unit: String
  /// What it is, in one line.
  public let definition: String

  public init(_ name: String, unit: String, _ definition: String) {
    self.name = name
    self.unit = unit
    self.definition = definition
  }
}

/// What a training recorded of one metric at one step.
public struct SeriesValue: Sendable, Equatable {
  public var metric: SeriesMetric
  /// NaN where there is no such number at this step: it is not stored.
  public var value: Double

  public init(_ metric: SeriesMetric, _ value: Double) {
    self.metric = metric
    self.value = value
  }
}

extension SeriesMetric {
  static let loss = SeriesMetric(
    "loss", unit: "nats", "reconstruction + kl: an estimate of the negative ELBO")
  static let reconstruction = SeriesMetric(
    "reconstruction", unit: "nats", "mean negative log-likelihood at the point trained on")
  static let kl = SeriesMetric(
    "kl", unit: "nats", "mean KL divergence from the uniform prior, summed over latents")
  static let perplexity = SeriesMetric(
    "perplexity", unit: "categories",
    "exp of the entropy of the batch-averaged q(k), mean over latents: categories in use")
  static let gradientNorm = SeriesMetric(
    "gradient_norm", unit: "gradient",
    "norm of the step's gradient of the loss at the logits, the KL's part included")

  /// What every training records, in the order of `v_training`, whose columns these have since schema
  /// version 1.
  public static let common = [loss, reconstruction, kl, perplexity, gradientNorm]
}

extension TrainingStep {
  /// All numbers of the step: those of `SeriesMetric.common` in their order, then `more`.
  public var values: [SeriesValue] {
    [
      SeriesValue(.loss, loss), SeriesValue(.reconstruction, reconstruction), SeriesValue(.kl, kl),
      SeriesValue(.perplexity, perplexity), SeriesValue(.gradientNorm, gradientNorm),
    ] + more
  }
}

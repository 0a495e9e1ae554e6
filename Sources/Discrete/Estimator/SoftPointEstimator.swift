/// An estimator with soft points coupled to its draws: where a relaxed plan asks for gradients, and
/// against which the gradient gap is measured.
public protocol SoftPointEstimator: GradientEstimator {
  /// The soft points of every draw, `[count][latents][categories]`; nil where these settings have none.
  func softPoints(_ row: RowLogits, _ draws: RowDraws) -> [Double]?

  /// Continuous functions of the noise of a relaxed estimate, some for every latent and of that latent
  /// alone, at whose zeros the estimate jumps or bends: `[count][D][functions]`. Integrals are split
  /// there. Empty, the default, where there are none, or none that are known.
  func edges(_ row: RowLogits, _ draws: RowDraws) -> [Double]
}

extension SoftPointEstimator {
  public func edges(_ row: RowLogits, _ draws: RowDraws) -> [Double] { [] }
}

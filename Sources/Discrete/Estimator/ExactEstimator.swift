/// An estimator with exact moments of its own. Of another the engine sums over all outcomes of the draws
/// and of `uniformAtoms` where they are few, and samples otherwise.
public protocol ExactEstimator: GradientEstimator {
  /// Mean and covariance of one estimate of one row, summed over all joint codes; nil where these
  /// settings have no form, or none on this layer.
  func exactMoments(_ row: RowLogits, _ jointCodes: RowJointCodes) throws -> ExactMoments?

  /// Whether `exactMoments` has moments on a row of a layer of this shape, for a forecast; nil where
  /// that shows on a single latent of as many categories, which is the default.
  func hasExactMoments(on shape: LayerShape) -> Bool?
}

extension ExactEstimator {
  public func hasExactMoments(on shape: LayerShape) -> Bool? { nil }
}

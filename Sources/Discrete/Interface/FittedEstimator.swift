/// Where a learned estimator gets its training draws from.
public protocol FittingSource {
  /// The logits of the problem.
  var logits: Logits { get }

  /// Evaluated draws of every row, as `combine` of the estimator would see them. Their random
  /// numbers are independent of those of the measurement.
  ///
  /// - Throws: errors of the oracle.
  func draws(_ range: Range<Int>, for estimator: any GradientEstimator) throws -> [RowDraws]
}

/// An estimator with a learned part (a baseline, a surrogate, coefficients): fitted once on draws
/// of its own, frozen while it is measured, so that its estimates stay independent and identically
/// distributed.
public protocol FittedEstimator: GradientEstimator {
  /// The estimator with its learned part. Deterministic: the same source gives the same bits.
  ///
  /// - Throws: errors of the source; `DiscreteError.notFinite` where fitting diverges.
  func fitted(_ source: any FittingSource) throws -> any GradientEstimator
}

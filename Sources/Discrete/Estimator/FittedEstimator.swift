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

extension FittingSource {
  /// The draws of `range` part by part, in order: what a fit holds does not grow with them. A part of all
  /// rows is at most 2^23 numbers (64 MiB), or one draw. Layers of usual sizes are one part.
  ///
  /// - Parameters:
  ///   - held: vectors of a row's width that `body` makes of every draw of one row.
  ///   - body: sees the draw numbers of a part, and the part of every row.
  /// - Throws: errors of the source and of `body`.
  public func eachPart(
    _ range: Range<Int>, for estimator: any GradientEstimator, held: Int = 0,
    _ body: (_ part: Range<Int>, _ rows: [RowDraws]) throws -> Void
  ) throws {
    let shape = logits.shape
    let most = max(1, (1 << 23) / (shape.width * max(4 * shape.rows, held)))
    for start in stride(from: range.lowerBound, to: range.upperBound, by: most) {
      let part = start..<min(start + most, range.upperBound)
      try body(part, try draws(part, for: estimator))
    }
  }
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

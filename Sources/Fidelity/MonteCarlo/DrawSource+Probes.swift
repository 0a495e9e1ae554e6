import Discrete
import Tensors

extension DrawSource {
  /// `prepared`, as many draws at a time as the estimator's own points have room for.
  ///
  /// - Parameter body: sees every row of a part of the draws, part by part.
  func eachPrepared(
    _ estimator: any GradientEstimator, _ rows: [RowDraws], range: Range<Int>,
    _ body: (_ row: Int, _ draws: RowDraws) throws -> Void
  ) throws {
    let most = EstimateMemory(estimator, problem.shape).drawsPerCall
    for start in stride(from: 0, to: range.count, by: most) {
      let part = start..<min(start + most, range.count)
      let own = part.count == range.count ? rows : rows.map { $0.part(part) }
      let prepared = try self.prepared(
        estimator, own,
        range: range.lowerBound + part.lowerBound..<range.lowerBound + part.upperBound)
      for row in prepared.indices { try body(row, prepared[row]) }
    }
  }
}

extension RowDraws {
  /// Some of the draws, before an estimator's own points are chosen.
  fileprivate func part(_ draws: Range<Int>) -> RowDraws {
    func slice<Number>(_ numbers: [Number]) -> [Number] {
      let stride = numbers.count / count
      return Array(numbers[draws.lowerBound * stride..<draws.upperBound * stride])
    }
    return RowDraws(
      count: draws.count, codes: codes.map(slice), values: values.map(slice),
      gradients: slice(gradients), perturbed: slice(perturbed), freshNoise: slice(freshNoise),
      softGradients: slice(softGradients))
  }
}

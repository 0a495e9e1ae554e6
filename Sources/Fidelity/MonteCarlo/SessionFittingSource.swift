import Discrete

/// Draws for the learned part of an estimator, under a key of their own.
struct SessionFittingSource: FittingSource {
  let source: DrawSource

  var logits: Logits { source.problem.logits }

  func draws(_ range: Range<Int>, for estimator: any GradientEstimator) throws -> [RowDraws] {
    let rows = try source.draw(
      range, distribution: estimator.plan.distribution, needs: GroupNeeds([estimator.plan]))
    return try source.prepared(estimator, rows, range: range)
  }
}

import Discrete

/// An estimator without its own exact moments: what the engine makes of its outcomes or its noise.
struct WithoutMoments: GradientEstimator {
  let inner: any GradientEstimator

  var plan: EvaluationPlan { inner.plan }
  func combine(_ row: RowLogits, _ draws: RowDraws, into estimates: inout [Double]) {
    inner.combine(row, draws, into: &estimates)
  }
  var probing: (any ProbingEstimator)? { inner.probing }
}

import Discrete

/// An estimator without its own exact moments: what the engine makes of its outcomes or its noise.
struct WithoutMoments: GradientEstimator {
  let inner: any GradientEstimator

  var plan: EvaluationPlan { inner.plan }
  func plan(for shape: LayerShape) -> EvaluationPlan { inner.plan(for: shape) }
  func combine(_ row: RowLogits, _ draws: RowDraws, into estimates: inout [Double]) {
    inner.combine(row, draws, into: &estimates)
  }
  func probes(_ row: RowLogits, _ draws: RowDraws) -> Probes { inner.probes(row, draws) }
  func fixedSoftPoints(_ row: RowLogits) -> [Double] { inner.fixedSoftPoints(row) }
  func uniformAtoms(_ row: RowLogits) -> UniformAtoms? { inner.uniformAtoms(row) }
}

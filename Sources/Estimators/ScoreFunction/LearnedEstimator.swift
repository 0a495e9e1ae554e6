import Discrete

/// An estimator with a learned part: valid as it stands, better once fitted.
struct LearnedEstimator: FittedEstimator {
  /// The estimator without its learned part.
  let unfitted: any GradientEstimator
  private let fit: @Sendable (any FittingSource) throws -> any GradientEstimator

  init(
    _ unfitted: any GradientEstimator,
    fit: @escaping @Sendable (any FittingSource) throws -> any GradientEstimator
  ) {
    self.unfitted = unfitted
    self.fit = fit
  }

  func fitted(_ source: any FittingSource) throws -> any GradientEstimator { try fit(source) }

  var plan: EvaluationPlan { unfitted.plan }
  var traits: EstimatorTraits { unfitted.traits }
  var coupled: (any SoftPointEstimator)? { unfitted.coupled }
  var probing: (any ProbingEstimator)? { unfitted.probing }
  var exact: (any ExactEstimator)? { unfitted.exact }

  func combine(_ row: RowLogits, _ draws: RowDraws, into estimates: inout [Double]) {
    unfitted.combine(row, draws, into: &estimates)
  }
}

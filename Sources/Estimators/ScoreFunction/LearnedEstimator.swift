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
  func plan(for shape: LayerShape) -> EvaluationPlan { unfitted.plan(for: shape) }
  var softPointsVary: Bool { unfitted.softPointsVary }
  var smoothInNoise: Bool { unfitted.smoothInNoise }
  var noiseWidth: Double { unfitted.noiseWidth }
  var slopeGain: Double { unfitted.slopeGain }
  func edges(_ row: RowLogits, _ draws: RowDraws) -> [Double] { unfitted.edges(row, draws) }
  var forwardTemperature: Double? { unfitted.forwardTemperature }
  var backwardTemperature: Double? { unfitted.backwardTemperature }
  var hasIntegrableNoise: Bool { unfitted.hasIntegrableNoise }
  var ignoredConstants: CostConstants { unfitted.ignoredConstants }
  var raggedLayers: RaggedLayers { unfitted.raggedLayers }
  func tail(on shape: LayerShape) -> EstimateTail { unfitted.tail(on: shape) }
  func tableNumbers(on shape: LayerShape) -> Double { unfitted.tableNumbers(on: shape) }

  func combine(_ row: RowLogits, _ draws: RowDraws, into estimates: inout [Double]) {
    unfitted.combine(row, draws, into: &estimates)
  }
  func softPoints(_ row: RowLogits, _ draws: RowDraws) -> [Double]? {
    unfitted.softPoints(row, draws)
  }
  func probes(_ row: RowLogits, _ draws: RowDraws) -> Probes { unfitted.probes(row, draws) }
  func fixedSoftPoints(_ row: RowLogits) -> [Double] { unfitted.fixedSoftPoints(row) }
  func uniformAtoms(_ row: RowLogits) -> UniformAtoms? { unfitted.uniformAtoms(row) }
  func exactMoments(_ row: RowLogits, _ states: RowStates) throws -> ExactMoments? {
    try unfitted.exactMoments(row, states)
  }
  func hasExactMoments(on shape: LayerShape) -> Bool? { unfitted.hasExactMoments(on: shape) }
}

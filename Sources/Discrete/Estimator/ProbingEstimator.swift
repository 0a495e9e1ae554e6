/// An estimator that chooses points of its own: couplings, neighbours of a draw, sets of joint codes. Its plan
/// has `probes`.
public protocol ProbingEstimator: GradientEstimator {
  /// The points of the plan's `probes`, chosen from the draws and from `draws.uniforms`; without
  /// costs.
  ///
  /// Pure: the same input gives the same bits. The default chooses none, for plans that ask for uniforms
  /// alone.
  func probes(_ row: RowLogits, _ draws: RowDraws) -> Probes

  /// The plan on layers of one shape. It differs from `plan` only in the numbers of points and
  /// uniforms of its probes, where these depend on the layer (all neighbours of a draw, say). The
  /// default is `plan`.
  func plan(for shape: LayerShape) -> EvaluationPlan

  /// The soft points of a plan with `softFixed`, `[soft][D][K]`; `probes` names the same.
  func fixedSoftPoints(_ row: RowLogits) -> [Double]

  /// The estimator's own uniform numbers as a finite list of outcomes over which its first and
  /// second moments are exact; nil where there is none. The default serves estimators without
  /// uniforms and Gumbel noise.
  func uniformAtoms(_ row: RowLogits) -> UniformAtoms?

  /// Numbers of the tables that `probes` and `combine` make of one row, where they grow faster than `D K`:
  /// layers on which they take too much are refused. The default is 0.
  func tableNumbers(on shape: LayerShape) -> Double
}

extension ProbingEstimator {
  public func probes(_ row: RowLogits, _ draws: RowDraws) -> Probes { Probes() }
  public func plan(for shape: LayerShape) -> EvaluationPlan { plan }
  public func fixedSoftPoints(_ row: RowLogits) -> [Double] { [] }
  public func uniformAtoms(_ row: RowLogits) -> UniformAtoms? { noAtoms(row) }
  public func tableNumbers(on shape: LayerShape) -> Double { 0 }
}

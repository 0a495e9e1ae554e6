import Discrete

extension EstimatorDescriptor {
  /// `StratifiedReinforce` with one uniform for all strata.
  static let systematicReinforce = stratified(true)
}

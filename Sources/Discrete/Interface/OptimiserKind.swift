/// The rule that turns a gradient into a change of the weights.
public enum OptimiserKind: String, Sendable, CaseIterable {
  /// Kingma and Ba 2015 with its usual 0.9, 0.999, 1e-8.
  case adam
  /// Rectified Adam (Liu et al. 2020, arXiv:1908.03265) with the same constants.
  case radam
  /// Plain stochastic gradient descent, without momentum.
  case sgd
}

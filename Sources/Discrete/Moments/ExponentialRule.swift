import Foundation

/// Few nodes and weights for `E f(E)`, `E ~ Exp(1)`, with `f` as in `WinnerMoments`.
///
/// Those for `alpha = 1` are Gauss rules for a family without a formula: nodes and weights minimise the
/// errors over some thousand integrands (damped Gauss-Newton steps, errors reweighted towards the
/// largest), drawn from layers of 2 to 11 categories with logits of spread 0.3 to 9 at temperatures
/// from 0.1 to 4.
struct ExponentialRule: Sendable {
  let nodes: [Double]
  let weights: [Double]

  private init(logs: [Double], weights: [Double]) {
    nodes = logs.map { exp($0) }
    let total = weights.reduce(0, +)
    self.weights = weights.map { $0 / total }
  }

  private init(_ grid: ExponentialGrid) {
    self.init(logs: grid.logs, weights: grid.weights)
  }

  /// For `E_x`, given which a product of four of the `s_i` is a smooth function of `log E_x`: errors
  /// are 2e-6 at root mean square, 3e-5 at most.
  static let winner = ExponentialRule(
    logs: [
      -8.476281536, -6.622434592, -4.869611102, -3.274292964, -1.836805072, -0.6032245611,
      0.4564221243, 1.399316701,
    ],
    weights: [
      0.0004720358989, 0.002391398148, 0.0127133964, 0.05570222208, 0.1814064748, 0.3605457904,
      0.3218532732, 0.06491540914,
    ])

  /// The same with 6e-5 and 6e-4.
  static let coarseWinner = ExponentialRule(
    logs: [-4.979070577, -2.206761338, -0.4250155945, 0.9188565944],
    weights: [0.02651177012, 0.2078496899, 0.5150924104, 0.2505461296])

  /// For another `E_i`, given which and all else the product is rational, `a^j (b + E)^(4 - j) /
  /// (a + b + E)^4`: 2e-6 and 1e-5 over its coefficients, before the average over all else.
  static let loser = ExponentialRule(
    logs: [
      -9.999999546, -7.685029523, -6.045112985, -4.671401325, -3.394126629, -2.221834298,
      -1.150378514, -0.1752300035, 0.7114708516, 1.540700417,
    ],
    weights: [
      0.000140536425, 0.0008685363173, 0.003421830733, 0.01228556003, 0.03976416383, 0.1090520662,
      0.2358201344, 0.3368154187, 0.2254110578, 0.03642069561,
    ])

  /// The same with 5e-5 and 3e-4.
  static let coarseLoser = ExponentialRule(
    logs: [-6.59291805, -4.342430619, -2.633575715, -1.203943507, 0.02495223099, 1.118018722],
    weights: [
      0.003875631635, 0.02439111184, 0.1037826853, 0.293162692, 0.4221476078, 0.1526402714,
    ])

  /// Whatever the power that `r` is raised to: double-exponential rules of 16 nodes.
  static let general = ExponentialRule(ExponentialGrid(fine: 0.36, from: -2.6, through: 2.9))
  /// Of 11 nodes.
  static let coarseGeneral = ExponentialRule(
    ExponentialGrid(fine: 0.5, from: -2.6, through: 2.9))
  /// Of 8 nodes.
  static let coarsestGeneral = ExponentialRule(
    ExponentialGrid(fine: 0.66, from: -2.4, through: 2.7))
}

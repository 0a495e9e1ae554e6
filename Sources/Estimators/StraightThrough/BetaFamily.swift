import Discrete

/// A line of straight-through estimators, exact on linear costs everywhere on it.
///
/// `g = beta p (h - h_x) + (1 - beta) z (h_x - <p, h>)`, minus its mean over the categories where
/// centred; `beta = 1/2` is ReinMax(1), where that mean is 0. Complexity: `O(D K)`.
struct BetaFamily: CategoryLinearEstimator, SoftPointEstimator {
  let beta: Double
  var traits: EstimatorTraits {
    EstimatorTraits(softPointsVary: false, ignoredConstants: [.gradients], ragged: .servedByLatent)
  }

  func combine(_ row: RowLogits, _ draws: RowDraws, into estimates: inout [Double]) {
    let distribution = row.probabilities()
    forEachLatent(row, draws) { at in
      let hx = draws.gradients[at.base + at.x]
      var lead = 0.0
      for k in 0..<row.categories {
        let part = distribution[at.local + k] * (hx - draws.gradients[at.base + k])
        lead += part
        estimates[at.base + k] = -beta * part
      }
      estimates[at.base + at.x] += (1 - beta) * lead
      let mean = (1 - 2 * beta) * lead / Double(row.categories)
      for k in 0..<row.categories { estimates[at.base + k] -= mean }
    }
  }

  func softPoints(_ row: RowLogits, _ draws: RowDraws) -> [Double]? {
    repeated(row.probabilities(), draws.count)
  }
}

extension EstimatorDescriptor {
  static let betaFamily = EstimatorDescriptor(
    name: "beta-st", family: .straightThrough, bias: .biased,
    summary: "One-parameter family around ReinMax(1), exact on linear costs for every beta.",
    formula: "g = beta p (h - h_x) + (1 - beta) z (h_x - <p, h>), centred over the categories",
    exactOn: "linear costs; costs quadratic in each latent at beta = 1/2", cost: "1 gradient",
    source: "GradientFidelity (corrected form of the second-order Runge-Kutta family)",
    traps: [
      "Before it is centred its components sum to 0 over the categories at beta = 1/2 only."
    ],
    parameters: [
      ParameterSpec(
        "beta", .number(minimum: -100, maximum: 100, exclusive: false),
        default: .number(0.5), "weight of the losers' part; 1/2 is ReinMax(1)")
    ],
    make: { BetaFamily(beta: $0.number("beta")) })
}

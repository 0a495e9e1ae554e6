import Discrete

/// DARN: REINFORCE with the Taylor expansion of the cost at the draw as baseline, latent by latent.
///
/// `g = u <u, h>`, `u = z - p`, `h = df/dz` at the hard draw. ReinMax(1) is half of it plus half of
/// straight-through. Exact in expectation on linear costs. Complexity: `O(D K)`.
struct DARN: CategoryLinearEstimator, FusedEstimator {
  var traits: EstimatorTraits {
    EstimatorTraits(softPointsVary: false, ignoredConstants: [.gradients], ragged: .servedByLatent)
  }

  func combine(_ row: RowLogits, _ draws: RowDraws, into estimates: inout [Double]) {
    let distribution = row.probabilities()
    forEachLatent(row, draws) { at in
      var inner = draws.gradients[at.base + at.x]
      for k in 0..<row.categories {
        inner -= distribution[at.local + k] * draws.gradients[at.base + k]
      }
      for k in 0..<row.categories { estimates[at.base + k] = -distribution[at.local + k] * inner }
      estimates[at.base + at.x] += inner
    }
  }

  /// `u u^T = 4 J((p + z)/2) - 2 J(p)`.
  func fusedRule(_ row: RowLogits) -> FusedRule? {
    let distribution = row.probabilities()
    return .mixture(
      CodeMixture(
        points: distribution, mix: 0.5, scale: 4, distribution: distribution, distributionScale: -2)
    )
  }
}

extension EstimatorDescriptor {
  static let darn = EstimatorDescriptor(
    name: "darn", family: .straightThrough, bias: .biased,
    summary: "REINFORCE whose baseline is the cost's Taylor expansion at the draw.",
    formula: "g = u <u, h(z)>, u = z - p, z ~ Cat(p)", exactOn: "linear costs",
    cost: "1 gradient", source: "Gregor et al., Deep autoregressive networks, ICML 2014",
    traps: ["The other half of ReinMax(1), which is (straight-through + DARN)/2."],
    make: { _ in DARN() })
}

import Discrete
import Foundation

/// Smoothed two-sided stochastic perturbation: steps to both neighbours in the order of the
/// categories, with the cost's differences replaced by those of `h = df/dz` at the draw.
///
/// At the drawn `v`, with `C_j = sum_{i <= j} J_ik`:
/// `g_k = (1/2) [C_{v-1} (h_{v-1} - h_v) - C_v (h_{v+1} - h_v)] / p_v`. Exact in expectation on
/// costs quadratic in each latent. Complexity: `O(D K)`.
struct SmoothedPerturbation: CategoryLinearEstimator {
  var traits: EstimatorTraits {
    EstimatorTraits(softPointsVary: false, ignoredConstants: [.gradients], ragged: .servedByLatent)
  }

  func combine(_ row: RowLogits, _ draws: RowDraws, into estimates: inout [Double]) {
    let categories = row.categories
    let distribution = row.probabilities()
    let logs = logSoftmax(row.values, categories: categories)
    // Sums of the distribution below and above each category, each without cancellation.
    var below = distribution
    var above = distribution
    for local in stride(from: 0, to: distribution.count, by: categories) {
      var sum = 0.0
      for k in 0..<categories {
        below[local + k] = sum
        sum += distribution[local + k]
      }
      sum = 0
      for k in stride(from: categories - 1, through: 0, by: -1) {
        above[local + k] = sum
        sum += distribution[local + k]
      }
    }
    forEachLatent(row, draws) { at in
      let (v, h) = (at.x, at.base)
      let down = v > 0 ? draws.gradients[h + v - 1] - draws.gradients[h + v] : 0
      let up = v + 1 < categories ? draws.gradients[h + v + 1] - draws.gradients[h + v] : 0
      for k in 0..<categories {
        // C_j / p_k is the mass above j for k <= j, and minus the mass up to j for k > j.
        let lower =
          k < v ? above[at.local + v] + distribution[at.local + v] : -below[at.local + v]
        let upper =
          k <= v ? above[at.local + v] : -(below[at.local + v] + distribution[at.local + v])
        let ratio = bounded(logs[at.local + k] - logs[at.local + v])
        estimates[h + k] = 0.5 * ratio * (lower * down - upper * up)
      }
    }
  }

  /// `exp` of a ratio of probabilities. A draw rarer than `e^-600` against another does not happen;
  /// the bound keeps the numbers finite.
  private func bounded(_ log: Double) -> Double { exp(min(log, 600)) }
}

extension EstimatorDescriptor {
  static let smoothedPerturbation = EstimatorDescriptor(
    name: "smoothed-spa", family: .straightThrough, bias: .biased,
    summary: "Smoothed two-sided stochastic perturbation between neighbouring categories.",
    formula:
      "g_k = (1/2) [C_{v-1} (h_{v-1} - h_v) - C_v (h_{v+1} - h_v)] / p_v, C_j = sum_{i<=j} J_ik",
    exactOn: "costs quadratic in each latent", cost: "1 gradient",
    source: "smoothed form of Arya et al., arXiv 2210.08572 (StochasticAD)",
    traps: [
      "Depends on the order of the categories: meant for ordinal codes.",
      "Divides by the probability of the draw: heavy tails next to rare categories.",
    ],
    invariants: EstimatorInvariants(permutation: false),
    make: { _ in SmoothedPerturbation() })
}

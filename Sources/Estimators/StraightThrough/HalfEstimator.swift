import Discrete

/// The 1/2-estimator of Bernoulli variables: `g_psi = |b - pi| (h_1 - h_0) / 2`, returned as
/// `(-g_psi, g_psi)`.
///
/// The same as ReinMax(1) (ZGR) with two categories; its mean is `pi (1 - pi)` times the trapezoid
/// rule for `f(1) - f(0)`. Exact in expectation on costs quadratic in each latent.
/// Complexity: `O(D)`.
struct HalfEstimator: CategoryLinearEstimator, SoftPointEstimator {
  var traits: EstimatorTraits {
    EstimatorTraits(
      softPointsVary: false, ignoredConstants: [.gradients],
      ragged: .refused(RaggedLayers.binaryAlone)
    )
  }

  func combine(_ row: RowLogits, _ draws: RowDraws, into estimates: inout [Double]) {
    let distribution = row.probabilities()
    forEachLatent(row, draws) { at in
      // |b - pi| is the probability of the other category.
      let other = distribution[at.local + 1 - at.x]
      let g = 0.5 * other * (draws.gradients[at.base + 1] - draws.gradients[at.base])
      estimates[at.base] = -g
      estimates[at.base + 1] = g
    }
  }

  func softPoints(_ row: RowLogits, _ draws: RowDraws) -> [Double]? {
    repeated(row.probabilities(), draws.count)
  }
}

extension EstimatorDescriptor {
  static let halfEstimator = EstimatorDescriptor(
    name: "half-estimator", family: .straightThrough, domain: .binary, bias: .biased,
    summary: "Binary straight-through by the trapezoid rule; ReinMax(1) and ZGR at K = 2.",
    formula: "g_psi = |b - pi| (h_1 - h_0) / 2, b ~ Bernoulli(pi)",
    exactOn: "costs quadratic in each latent", cost: "1 gradient",
    source: "Gregor et al., ICML 2014; named in Gu et al., arXiv 1511.05176",
    make: { _ in HalfEstimator() })
}

import Discrete

extension EstimatorDescriptor {
  /// ARSM with one pivot instead of all: see `AugmentReinforceSwap`.
  static let ars = EstimatorDescriptor(
    name: "ars", family: .coupled, bias: .unbiased,
    summary: "Swaps of Dirichlet noise with one random pivot (ARS).",
    formula: "g_c = (F_cj - mean_m F_mj) (1 - K w_j), j uniform", exactOn: "every cost",
    cost: "K values", source: "Yin, Yue and Zhou, arXiv 1905.01413",
    traps: [
      "The pivot is drawn afresh for every estimate.",
      "Unverified: the arXiv number was not looked up.",
    ],
    make: { _ in AugmentReinforceSwap(merged: false) })
}

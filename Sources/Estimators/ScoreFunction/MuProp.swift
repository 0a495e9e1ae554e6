import Discrete

/// MuProp: REINFORCE with the first-order expansion of the cost at the mean point as baseline.
///
/// `g = (f(z) - f(p) - <<h(p), z - p>>) (z - p) + J(p) h(p)`, `z ~ Cat(p)`, `h = df/dz`. Unbiased on
/// every cost that is defined at `p`; unchanged by a constant added to it, without variance on
/// linear costs. Complexity: `O(D K)` beside one oracle value and one gradient at `p`, which does not
/// change from draw to draw.
public struct MuProp: ProbingEstimator {
  public init() {}

  public var plan: EvaluationPlan {
    EvaluationPlan(
      values: true, probes: ProbePlan(soft: 1, softGradients: true, softFixed: true))
  }

  public func fixedSoftPoints(_ row: RowLogits) -> [Double] { row.probabilities() }
  public func probes(_ row: RowLogits, _ draws: RowDraws) -> Probes {
    Probes(soft: fixedSoftPoints(row))
  }
  public var traits: EstimatorTraits {
    EstimatorTraits(ignoredConstants: [.level, .gradients], ragged: .served)
  }

  public func combine(_ row: RowLogits, _ draws: RowDraws, into estimates: inout [Double]) {
    clear(&estimates)
    let score = Score(row)
    let gradient = draws.probes.softGradients
    for draw in 0..<draws.count {
      let first = draw * row.latents
      let linear = score.product(gradient, at: 0, draws.codes[0], at: first)
      score.add(
        draws.values[0][draw] - draws.probes.softValues[0] - linear, draws.codes[0], at: first,
        to: &estimates, at: draw * score.width)
      score.addJacobian(1, gradient, at: 0, to: &estimates, at: draw * score.width)
    }
  }
}

extension EstimatorDescriptor {
  static let muProp = EstimatorDescriptor(
    name: "muprop", family: .scoreFunction, bias: .unbiased,
    summary: "REINFORCE with the first-order expansion at the mean point as baseline.",
    formula: "g = (f(z) - f(p) - <<h(p), z - p>>) (z - p) + J(p) h(p), z ~ Cat(p)",
    exactOn: "every cost", cost: "1 value and 1 gradient at p", source: "arXiv 1511.05176",
    traps: [
      "The cost must be defined inside the simplex, at the mean point p.",
      "The baseline helps only where the cost is almost linear between p and the vertices.",
    ],
    make: { _ in MuProp() })
}

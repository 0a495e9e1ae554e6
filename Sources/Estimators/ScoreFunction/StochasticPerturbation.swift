import Discrete

/// One-sided stochastic perturbation (smoothed perturbation analysis, StochasticAD): each category
/// moves to a neighbour in the order of the categories.
///
/// `x ~ Cat(p_d)`, `F = F_x = sum_{j <= x} p_j`, `T = sum_{j >= x} p_j`: for `k < x`
/// `g[d, k] = p_k T / p_x (f(x - 1) - f(x))`, for `k > x` `g[d, k] = p_k F / p_x (f(x + 1) - f(x))`, and
/// 0 for `k = x`. The same neighbours serve all directions `k`. Unbiased on every cost.
/// Complexity: `O(D K)` beside `1 + 2 D` oracle values.
public struct StochasticPerturbation: ProbingEstimator {
  public init() {}

  public var plan: EvaluationPlan { EvaluationPlan(values: true, probes: ProbePlan()) }

  public func plan(for shape: LayerShape) -> EvaluationPlan {
    var plan = plan
    plan.probes?.codes = 2 * shape.latents
    return plan
  }

  /// At the ends of the order the missing neighbour is the draw itself.
  public func probes(_ row: RowLogits, _ draws: RowDraws) -> Probes {
    var points: [Int32] = []
    points.reserveCapacity(2 * row.latents * draws.codes[0].count)
    for first in stride(from: 0, to: draws.count * row.latents, by: row.latents) {
      for latent in 0..<row.latents {
        let own = draws.codes[0][first + latent]
        for category in [max(own - 1, 0), min(own + 1, Int32(row.categories(of: latent)) - 1)] {
          points.append(contentsOf: draws.codes[0][first..<first + row.latents])
          points[points.count - row.latents + latent] = category
        }
      }
    }
    return Probes(codes: points)
  }
  public var traits: EstimatorTraits {
    EstimatorTraits(ignoredConstants: [.level], ragged: .served)
  }

  public func combine(_ row: RowLogits, _ draws: RowDraws, into estimates: inout [Double]) {
    clear(&estimates)
    let distribution = row.probabilities()
    let categories = row.categories
    for draw in 0..<draws.count {
      for latent in 0..<row.latents {
        let own = Int(draws.codes[0][draw * row.latents + latent])
        let p = distribution[latent * categories..<(latent + 1) * categories]
        let from = p.startIndex
        guard p[from + own] > 0 else { continue }
        let point = 2 * (draw * row.latents + latent)
        let down = draws.probes.codeValues[point] - draws.values[0][draw]
        let up = draws.probes.codeValues[point + 1] - draws.values[0][draw]
        let head = p[from...(from + own)].reduce(0, +) / p[from + own]
        let tail = p[(from + own)...].reduce(0, +) / p[from + own]
        for k in 0..<categories where k != own {
          estimates[draw * distribution.count + from + k] =
            p[from + k] * (k < own ? tail * down : head * up)
        }
      }
    }
  }
}

extension EstimatorDescriptor {
  static let stochasticPerturbation = EstimatorDescriptor(
    name: "spa", family: .scoreFunction, bias: .unbiased,
    summary: "One-sided stochastic perturbation: a category moves to a neighbour in the order.",
    formula:
      "k < x: g_k = p_k T_x/p_x (f(x-1) - f(x)); k > x: g_k = p_k F_x/p_x (f(x+1) - f(x)); F, T: head and tail sums of p",
    exactOn: "every cost", cost: "1 + 2 D values",
    source: "Arya et al., arXiv 2210.08572; StochasticAD.jl",
    traps: [
      "The variance depends on the order of the categories: natural for ordinal codes.",
      "The estimate of a latent sums to 0 over its categories in mean only.",
    ],
    invariants: EstimatorInvariants(sumsToZero: false, permutation: false),
    make: { _ in StochasticPerturbation() })
}

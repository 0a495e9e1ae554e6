import Discrete
import Foundation

/// VIMCO: leave-one-out baselines for the bound `L = log mean_i exp f(z_i)` of `n` draws.
///
/// `L_i` is `L` with `f_i` replaced by the mean of the others, `g = sum_i (L - L_i) (z_i - p)`. Unbiased
/// for `d/dphi E[L]`, which is another target than `d/dphi E[f]`; unchanged by a constant added to the
/// cost. Complexity: `O(n^2 + n D K)` beside `n` oracle values.
public struct Vimco: GradientEstimator {
  public let samples: Int

  public init(samples: Int) { self.samples = min(max(samples, 2), 64) }

  public var plan: EvaluationPlan { EvaluationPlan(samples: samples, values: true) }

  public func combine(_ row: RowLogits, _ draws: RowDraws, into estimates: inout [Double]) {
    clear(&estimates)
    let score = Score(row)
    for draw in 0..<draws.count {
      let values = (0..<samples).map { draws.values[$0][draw] }
      let bound = logMeanExp(values)
      let sum = values.reduce(0, +)
      for sample in 0..<samples {
        var replaced = values
        replaced[sample] = (sum - values[sample]) / Double(samples - 1)
        score.add(
          bound - logMeanExp(replaced), draws.codes[sample], at: draw * row.latents,
          to: &estimates, at: draw * score.width)
      }
    }
  }

  private func logMeanExp(_ values: [Double]) -> Double {
    let top = values.reduce(-Double.infinity, max)
    return top + log(values.reduce(0) { $0 + exp($1 - top) } / Double(values.count))
  }
}

extension EstimatorDescriptor {
  static let vimco = EstimatorDescriptor(
    name: "vimco", family: .scoreFunction, bias: .ownTarget,
    summary: "Leave-one-out baselines for the log of the mean of exp f over n draws.",
    formula:
      "g = sum_i (L - L_i) (z_i - p), L = log mean_i exp f_i, L_i with f_i <- mean_{j!=i} f_j",
    exactOn: "no cost; unbiased for the gradient of E[log mean_i exp f(z_i)]", cost: "n values",
    source: "Mnih and Rezende, arXiv 1602.06725",
    traps: ["Its target is the gradient of the multi-sample bound: its bias here is no error."],
    invariants: EstimatorInvariants(costScale: false),
    parameters: [
      ParameterSpec("samples", .integer(2...64), default: .integer(2), "draws per estimate, n")
    ],
    make: { Vimco(samples: $0.integer("samples")) })
}

import Discrete
import Tensors

/// REINFORCE with the mean cost of independent draws as baseline:
/// `g = (f(z_1) - mean_{j > 1} f(z_j)) (z_1 - p)`.
///
/// Unbiased on every cost; unchanged by a constant added to it. Not symmetric in its draws:
/// `reinforce-loo` uses the same ones better. Complexity: `O(D K)` beside `n` oracle values.
public struct ReinforceIndependent: ExactEstimator {
  public let samples: Int

  public init(samples: Int) { self.samples = min(max(samples, 2), 64) }

  public var plan: EvaluationPlan { EvaluationPlan(samples: samples, values: true) }
  public var traits: EstimatorTraits {
    EstimatorTraits(ignoredConstants: [.level], ragged: .served)
  }

  public func combine(_ row: RowLogits, _ draws: RowDraws, into estimates: inout [Double]) {
    clear(&estimates)
    let score = Score(row)
    for draw in 0..<draws.count {
      var baseline = 0.0
      for sample in 1..<samples { baseline += draws.values[sample][draw] }
      score.add(
        draws.values[0][draw] - baseline / Double(samples - 1), draws.codes[0],
        at: draw * row.latents, to: &estimates, at: draw * score.width)
    }
  }

  /// `Cov g = Cov((f - E f) u) + Var f / (n - 1) E[u u^T]`.
  public func exactMoments(_ row: RowLogits, _ jointCodes: RowJointCodes) throws -> ExactMoments? {
    var mean = 0.0
    for jointCode in 0..<jointCodes.count {
      mean += jointCodes.weights[jointCode] * jointCodes.values[jointCode]
    }
    let scores = jointCodes.scores()
    var variance = 0.0
    var vectors = scores
    for jointCode in 0..<jointCodes.count {
      let centred = jointCodes.values[jointCode] - mean
      variance += jointCodes.weights[jointCode] * centred * centred
      for index in jointCode * jointCodes.width..<(jointCode + 1) * jointCodes.width {
        vectors[index] *= centred
      }
    }
    var moments = RowMoments(weights: jointCodes.weights, vectors: vectors, width: jointCodes.width)
    let second = weightedGram(
      scores, weights: jointCodes.weights, rows: jointCodes.count, columns: jointCodes.width)
    for index in second.indices {
      moments.covariance[index] += variance / Double(samples - 1) * second[index]
    }
    return ExactMoments(moments)
  }
}

extension EstimatorDescriptor {
  static let reinforceIndependent = EstimatorDescriptor(
    name: "reinforce-independent", family: .scoreFunction, bias: .unbiased,
    summary: "REINFORCE with the mean cost of independent draws as baseline.",
    formula: "g = (f(z_1) - mean_{j>1} f(z_j)) (z_1 - p), z_i ~ Cat(p) independent",
    exactOn: "every cost", cost: "n values", source: "Kool et al. 2020, openreview rklEj2EFvB",
    traps: ["'reinforce-loo' has less variance at the same cost."],
    parameters: [
      ParameterSpec("samples", .integer(2...64), default: .integer(2), "draws per estimate, n")
    ],
    make: { ReinforceIndependent(samples: $0.integer("samples")) })
}

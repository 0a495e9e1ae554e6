import Discrete
import Tensors

/// Score-function gradient without a baseline: `g = f(z) (z - p)`, `z ~ Cat(p)`.
///
/// Unbiased on every cost. Plain `f`: a constant added to the cost changes the variance.
/// Complexity: `O(D K)` per estimate beside one oracle value.
public struct Reinforce: ExactEstimator {
  public init() {}

  public var plan: EvaluationPlan { EvaluationPlan(values: true) }
  public var traits: EstimatorTraits {
    EstimatorTraits(ignoredConstants: [.levelOfMean], ragged: .served)
  }

  public func combine(_ row: RowLogits, _ draws: RowDraws, into estimates: inout [Double]) {
    let width = row.values.count
    let distribution = row.probabilities()
    let codes = draws.codes[0]
    for draw in 0..<draws.count {
      let value = draws.values[0][draw]
      let base = draw * width
      for index in 0..<width { estimates[base + index] = -value * distribution[index] }
      for latent in 0..<row.latents {
        let category = Int(codes[draw * row.latents + latent])
        estimates[base + latent * row.categories + category] += value
      }
    }
  }

  public func exactMoments(_ row: RowLogits, _ jointCodes: RowJointCodes) -> ExactMoments? {
    var vectors = jointCodes.scores()
    let width = jointCodes.width
    for jointCode in 0..<jointCodes.count {
      for index in jointCode * width..<(jointCode + 1) * width {
        vectors[index] *= jointCodes.values[jointCode]
      }
    }
    return ExactMoments(RowMoments(weights: jointCodes.weights, vectors: vectors, width: width))
  }
}

extension EstimatorDescriptor {
  static let reinforce = EstimatorDescriptor(
    name: "reinforce", family: .scoreFunction, bias: .unbiased,
    summary: "Score-function gradient without a baseline.",
    formula: "g = f(z) (z - p), z ~ Cat(p), p = softmax(phi)",
    exactOn: "every cost", cost: "1 value",
    source: "R. J. Williams, Machine Learning 8 (1992)",
    traps: [
      "Adding a constant to the cost changes the variance; compare baselines, not raw costs."
    ],
    invariants: EstimatorInvariants(costShift: false),
    make: { _ in Reinforce() })
}

import Discrete

/// REINFORCE with a constant baseline: `g = (f(z) - b) (z - p)`, `z ~ Cat(p)`. Unbiased.
struct ReinforceConstantBaseline: ExactEstimator {
  let baseline: Double

  var plan: EvaluationPlan { EvaluationPlan(values: true) }
  var traits: EstimatorTraits { EstimatorTraits(ignoredConstants: [.levelOfMean], ragged: .served) }

  func combine(_ row: RowLogits, _ draws: RowDraws, into estimates: inout [Double]) {
    let p = row.probabilities()
    for draw in 0..<draws.count {
      let advantage = draws.values[0][draw] - baseline
      let base = draw * p.count
      for index in p.indices { estimates[base + index] = -advantage * p[index] }
      for latent in 0..<row.latents {
        let category = Int(draws.codes[0][draw * row.latents + latent])
        estimates[base + latent * row.categories + category] += advantage
      }
    }
  }

  func exactMoments(_ row: RowLogits, _ joint: RowJointCodes) throws -> ExactMoments? {
    var vectors = joint.scores()
    for index in vectors.indices { vectors[index] *= joint.values[index / joint.width] - baseline }
    return ExactMoments(RowMoments(weights: joint.weights, vectors: vectors, width: joint.width))
  }
}

extension EstimatorDescriptor {
  static let reinforceConstantBaseline = EstimatorDescriptor(
    name: "reinforce-constant", family: .scoreFunction, bias: .unbiased,
    summary: "Score-function gradient with a constant baseline.",
    formula: "g = (f(z) - b) (z - p), z ~ Cat(p)", exactOn: "every cost", cost: "1 value",
    source: "R. J. Williams, Machine Learning 8 (1992)",
    invariants: EstimatorInvariants(costShift: false, costScale: false),
    parameters: [ParameterSpec("baseline", .real, default: .number(0), "constant b")],
    make: { ReinforceConstantBaseline(baseline: $0.number("baseline")) })
}

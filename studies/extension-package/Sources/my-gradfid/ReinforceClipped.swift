import GradientFidelity

/// REINFORCE with the cost cut to `[-c, c]`: `g = clip(f(z)) (z - p)`, `z ~ Cat(p)`. Biased where
/// the cost is cut, with less variance.
struct ReinforceClipped: GradientEstimator {
  let limit: Double

  var plan: EvaluationPlan { EvaluationPlan(values: true) }

  func combine(_ row: RowLogits, _ draws: RowDraws, into estimates: inout [Double]) {
    let distribution = row.probabilities()
    for draw in 0..<draws.count {
      let cost = min(max(draws.values[0][draw], -limit), limit)
      let base = draw * distribution.count
      for index in distribution.indices { estimates[base + index] = -cost * distribution[index] }
      for latent in 0..<row.latents {
        let category = Int(draws.codes[0][draw * row.latents + latent])
        estimates[base + latent * row.categories + category] += cost
      }
    }
  }
}

extension EstimatorDescriptor {
  static let reinforceClipped = EstimatorDescriptor(
    name: "reinforce-clipped", family: .scoreFunction, bias: .biased,
    summary: "Score-function gradient of a cost that is cut on both sides.",
    formula: "g = min(max(f(z), -c), c) (z - p), z ~ Cat(p)",
    exactOn: "costs within [-c, c]", cost: "1 value", source: "an example",
    invariants: EstimatorInvariants(costShift: false, costScale: false),
    parameters: [
      ParameterSpec(
        "limit", .number(minimum: 0, maximum: .greatestFiniteMagnitude, exclusive: true),
        default: .number(1), "largest size c of a cost")
    ],
    make: { ReinforceClipped(limit: $0.number("limit")) })
}

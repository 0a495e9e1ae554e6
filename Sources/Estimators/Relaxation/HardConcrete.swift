import Discrete
import Foundation

/// Hard-concrete gates: a stretched binary Concrete variable, clipped to `[0, 1]`.
///
/// `s = sigmoid((psi + logit u)/beta)`, `y = clip(gamma + (zeta - gamma) s, 0, 1)`,
/// `g_psi = (h_1 - h_0)(y) (zeta - gamma) s (1 - s) / beta` inside the clip and 0 outside, returned
/// as `(-g_psi, g_psi)`. Unbiased for its own relaxed objective. Complexity: `O(D)` beside one
/// oracle gradient.
struct HardConcrete: SoftPointEstimator {
  let beta: Double
  let gamma: Double
  let zeta: Double

  var plan: EvaluationPlan { EvaluationPlan(perturbed: true, relaxed: true) }
  var traits: EstimatorTraits {
    EstimatorTraits(
      smoothInNoise: false, forwardTemperature: beta, backwardTemperature: beta, noiseWidth: beta,
      ignoredConstants: [.gradients], ragged: .refused(RaggedLayers.binaryAlone))
  }

  /// `s` of every latent of every draw.
  private func concrete(_ draws: RowDraws) -> [Double] {
    stride(from: 0, to: draws.perturbed.count, by: 2).map {
      let t = (draws.perturbed[$0 + 1] - draws.perturbed[$0]) / beta
      return t >= 0 ? 1 / (1 + exp(-t)) : exp(t) / (1 + exp(t))
    }
  }

  func softPoints(_ row: RowLogits, _ draws: RowDraws) -> [Double]? {
    concrete(draws).flatMap { s in
      let on = min(max(gamma + (zeta - gamma) * s, 0), 1)
      return [1 - on, on]
    }
  }

  /// Where the gate leaves `[0, 1]`: `x / beta - logit(c)` at the two values `c` of `s` where it does, `x` the
  /// difference of the perturbed logits.
  func edges(_ row: RowLogits, _ draws: RowDraws) -> [Double] {
    // A gate that is not stretched beyond an end never clips there: its logit is infinite.
    let ends = [log(-gamma / zeta), log((1 - gamma) / (zeta - 1))]
    return stride(from: 0, to: draws.perturbed.count, by: 2).flatMap { place in
      ends.map { (draws.perturbed[place + 1] - draws.perturbed[place]) / beta - $0 }
    }
  }

  func combine(_ row: RowLogits, _ draws: RowDraws, into estimates: inout [Double]) {
    for (place, s) in concrete(draws).enumerated() {
      let stretched = gamma + (zeta - gamma) * s
      let derivative = stretched > 0 && stretched < 1 ? (zeta - gamma) * s * (1 - s) / beta : 0
      let h = draws.softGradients[2 * place + 1] - draws.softGradients[2 * place]
      estimates[2 * place] = -derivative * h
      estimates[2 * place + 1] = derivative * h
    }
  }
}

extension EstimatorDescriptor {
  static let hardConcrete = EstimatorDescriptor(
    name: "hard-concrete", family: .relaxation, domain: .binary, bias: .ownTarget,
    summary: "Stretched and clipped binary Concrete gates.",
    formula:
      "s = sigmoid((psi + logit u)/beta), y = clip(gamma + (zeta - gamma) s, 0, 1), g_psi = (h_1 - h_0)(y) dy/dpsi",
    exactOn: "its own relaxed objective", cost: "1 gradient at a soft point",
    source: "Louizos, Welling and Kingma, arXiv 1712.01312",
    traps: [
      "Unverified: formula and arXiv number are from general knowledge.",
      "Needs the cost inside the simplex; its bias depends on that extension.",
    ],
    invariants: EstimatorInvariants(permutation: false),
    parameters: [
      ParameterSpec("beta", .temperature, default: .number(2.0 / 3), "temperature of the gate"),
      ParameterSpec(
        "gamma", .number(minimum: -100, maximum: 0, exclusive: false), default: .number(-0.1),
        "lower end of the stretch"),
      ParameterSpec(
        "zeta", .number(minimum: 1, maximum: 100, exclusive: false), default: .number(1.1),
        "upper end of the stretch"),
    ], numbersFormat: 2,
    make: {
      HardConcrete(beta: $0.number("beta"), gamma: $0.number("gamma"), zeta: $0.number("zeta"))
    })
}

import Discrete
import Foundation

/// REINFORCE on `k` different joint states drawn without replacement, with threshold weights.
///
/// Perturbed log-probabilities of all states, `S` the `k` largest, `kappa` the next value,
/// `q_i = 1 - exp(-exp(log P_i - kappa))`, `w_i = P_i / q_i`: `g = sum_S w_i f_i (z_i - p)`, or with
/// baseline `sum_S w_i (f_i (1 - P_i + w_i) - sum_j w_j f_j) (z_i - p)`. The order and the values are drawn
/// by their arrival times: the next state by its share of what is left, the waiting time exponential
/// with that rate. Unbiased on every cost. Complexity: `O(K^D k + k D K)` beside `k` oracle values.
public struct ReinforceWithoutReplacement: GradientEstimator {
  public let size: Int
  public let hasBaseline: Bool

  public init(size: Int, hasBaseline: Bool) {
    self.size = max(size, 1)
    self.hasBaseline = hasBaseline
  }

  private var stride: Int { 2 * size + 1 }

  public var plan: EvaluationPlan {
    EvaluationPlan(
      samples: 0, probes: ProbePlan(sharedUniforms: 2 * size + 1, codes: size))
  }

  public func probes(_ row: RowLogits, _ draws: RowDraws) -> Probes {
    let law = JointLaw(row)
    let distribution = DistributionFunction(law.weights)
    var points: [Int32] = []
    for draw in 0..<draws.count {
      let uniforms = draws.uniforms[draw * stride..<draw * stride + size]
      for state in law.ordered(uniforms, distribution) {
        law.append(state, to: &points)
      }
    }
    return Probes(codes: points)
  }

  public func combine(_ row: RowLogits, _ draws: RowDraws, into estimates: inout [Double]) {
    clear(&estimates)
    let law = JointLaw(row)
    let score = Score(row)
    for draw in 0..<draws.count {
      let members = (draw * size..<(draw + 1) * size).map {
        JointLaw.state(draws.probes.codes, at: $0 * row.latents, row)
      }
      let probabilities = members.map { law.weights[$0] }
      let weights = weights(
        law, members, draws.uniforms[draw * stride + size..<(draw + 1) * stride])
      let values = draws.probes.codeValues[draw * size..<(draw + 1) * size]
      let sum = zip(weights, values).reduce(0) { $0 + $1.0 * $1.1 }
      for (index, value) in values.enumerated() {
        let advantage =
          hasBaseline
          ? value * (1 - probabilities[index] + weights[index]) - sum : value
        score.add(
          weights[index] * advantage, draws.probes.codes,
          at: (draw * size + index) * row.latents, to: &estimates, at: draw * score.width)
      }
    }
  }

  /// `P_i / q_i` with the threshold `exp(-kappa)`, the arrival time of the first state outside.
  private func weights(
    _ law: JointLaw, _ members: [Int], _ uniforms: ArraySlice<Double>
  ) -> [Double] {
    let all = law.weights
    let outside = law.outside(members)
    // Rates before each arrival, summed from the small end.
    var rate = outside
    var rates = [outside]
    for member in members.reversed() {
      rate += all[member]
      rates.append(rate)
    }
    var time = 0.0
    for (uniform, rate) in zip(uniforms, rates.reversed()) { time += -log(uniform) / rate }
    return members.map { member in
      let probability = all[member]
      guard time.isFinite else { return probability }
      let share = -expm1(-probability * time)
      return share > 0 ? probability / share : 1 / time
    }
  }
}

extension EstimatorDescriptor {
  static let reinforceWithoutReplacement = EstimatorDescriptor(
    name: "reinforce-wor", family: .scoreFunction, bias: .unbiased,
    summary: "REINFORCE on different joint states with threshold weights.",
    formula:
      "g = sum_S w_i (f_i (1 - P_i + w_i) - sum_j w_j f_j) (z_i - p), w_i = P_i/q_i; without baseline sum_S w_i f_i (z_i - p)",
    exactOn: "every cost", cost: "k values", source: "Kool et al. 2019, openreview r1lgTGL5DE",
    traps: [
      "Dividing the weights by their sum is biased; that form is not offered.",
      "Lists the joint states of a row: at most \(JointLaw.limit).",
    ],
    invariants: EstimatorInvariants(costShift: false),
    parameters: [
      ParameterSpec("k", .integer(1...64), default: .integer(2), "states per estimate"),
      ParameterSpec("baseline", .flag, default: .flag(true), "subtract the built-in baseline"),
    ],
    layerRefusal: { shape, parameters in
      let k = parameters.integer("k")
      // The baseline is the other members' mean: one member has no others.
      if k < 2 && parameters.flag("baseline") {
        return "'reinforce-wor' with a baseline needs k of 2 or more; give k: 2, or baseline: false"
      }
      return JointLaw.refusal("reinforce-wor", shape, needed: k)
    },
    make: {
      ReinforceWithoutReplacement(
        size: $0.integer("k"), hasBaseline: $0.flag("baseline"))
    })
}

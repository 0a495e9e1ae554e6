import Discrete
import Foundation

/// `D` binary latents of which exactly `k` are on: the expectation is over the `k`-subsets,
/// `P(S) = exp(sum_{d in S} psi_d) / e_k`, `psi = phi_1 - phi_0`.
///
/// The layer is one of independent binary latents; the distribution is not. The problem's only target is the
/// exact gradient of the subset expectation, given as its closed form; independent draws cannot
/// estimate it.
struct SubsetProblem: DiscreteProblem {
  let logits: Logits
  let oracle: any CostOracle
  let cost: any SharedCost
  let size: Int

  var hasIndependentLatents: Bool { false }

  /// Most subsets that are enumerated.
  static let subsetLimit = 1 << 17

  /// `(1/T) Cov(f, b_d)` in `psi_d`, summed over all subsets of the distribution at `psi / T`.
  /// Cost: `C(D, k)` costs.
  func closedFormGradient(temperature: Double) -> [Double]? {
    let latents = logits.shape.latents
    let distribution = SubsetDistribution(
      logOdds: (0..<latents).map {
        (logits.values[2 * $0 + 1] - logits.values[2 * $0]) / temperature
      }, size: size)
    let subsets = SubsetProblem.subsets(of: latents, size: size)
    var values = cost.evaluate(
      .hard(subsets.flatMap(\.self)), count: subsets.count, gradients: false
    ).values
    let weights = subsets.map { distribution.probability($0) }
    let likeliest = weights.indices.max { weights[$0] < weights[$1] } ?? 0
    let level = values[likeliest]
    for index in values.indices { values[index] -= level }
    let mean = zip(weights, values).reduce(0) { $0 + $1.0 * $1.1 }
    var derivatives = [Double](repeating: 0, count: latents)
    for (index, subset) in subsets.enumerated() {
      let part = weights[index] * (values[index] - mean)
      for latent in 0..<latents where subset[latent] == 1 { derivatives[latent] += part }
    }
    return derivatives.flatMap { [-$0 / temperature, $0 / temperature] }
  }

  /// All subsets as bits, in lexicographic order of their members.
  static func subsets(of count: Int, size: Int) -> [[Int32]] {
    var members = Array(0..<size)
    var subsets: [[Int32]] = []
    while true {
      var bits = [Int32](repeating: 0, count: count)
      for member in members { bits[member] = 1 }
      subsets.append(bits)
      guard let movable = (0..<size).last(where: { members[$0] < count - size + $0 }) else {
        return subsets
      }
      members[movable] += 1
      for place in movable + 1..<max(size, movable + 1) {
        members[place] = members[place - 1] + 1
      }
    }
  }

  /// `C(n, k)`, or nil beyond the limit.
  static func subsetCount(of count: Int, size: Int) -> Int? {
    var result = 1
    for step in 0..<min(size, count - size) {
      result = result * (count - step) / (step + 1)
      if result > subsetLimit { return nil }
    }
    return result
  }

  static let descriptor = ProblemDescriptor(
    name: "k-subset",
    summary: "Binary latents of which exactly k are on: an expectation over k-subsets",
    formula: """
      P(S) = exp(sum_{d in S} psi_d) / e_k(exp psi), psi = phi[d, 1] - phi[d, 0]; \
      f(y) = s (linear), s + s^2/2 (quadratic) or s + s^2/2 + 0.3 sin(2 s) (smooth), \
      s = sum_d a_d y[d, 1], a_d = cos(0.9 + 1.7 d); dE f/dpsi_d = Cov(f, b_d); \
      phi = (0, 1.2 sin(1 + 2 d)). The target is this gradient, whatever an estimator draws: \
      independent draws of the latents answer another question
      """,
    source:
      "Ahmed et al. 2023 (SIMPLE), arXiv:2210.01941, for the distribution; cost: GradientFidelity",
    parameters: [
      ParameterSpec("latents", .integer(1...64), default: .integer(6), "Number of latents D"),
      ParameterSpec("k", .integer(1...64), default: .integer(2), "Latents that are on"),
      ParameterSpec(
        "cost", .choice(["linear", "quadratic", "smooth"]), default: .text("smooth"),
        "Cost of the subset's indicator vector"),
    ],
    identifying: ["latents", "k", "cost"]
  ) { parameters, _ in
    let (latents, size) = (parameters.integer("latents"), parameters.integer("k"))
    guard size <= latents else {
      throw DiscreteError.parameter("k must be at most the number of latents, \(latents)")
    }
    guard subsetCount(of: latents, size: size) != nil else {
      throw DiscreteError.parameter(
        "\(latents) latents have more than \(subsetLimit) subsets of \(size), which the exact target sums over; use fewer latents"
      )
    }
    let cost = SubsetCost(
      latents: latents, curved: parameters.text("cost") != "linear",
      wavy: parameters.text("cost") == "smooth")
    return SubsetProblem(
      logits: try Logits(
        shape: LayerShape(rows: 1, latents: latents, categories: 2),
        values: (0..<latents).flatMap { [0, 1.2 * sin(1 + 2 * Double($0))] }),
      oracle: try SharedCostOracle(rows: 1, cost: cost), cost: cost, size: size)
  }
}

/// `f(y) = s`, plus `s^2 / 2` where curved, plus `0.3 sin(2 s)` where wavy; `s = sum_d a_d y[d, 1]`.
struct SubsetCost: SharedCost {
  let latents: Int
  let curved: Bool
  let wavy: Bool
  var categories: Int { 2 }

  func evaluate(_ points: CostPoints, count: Int, gradients: Bool) -> CostBlock {
    var block = CostBlock(values: [])
    let weights = (0..<latents).map { cos(0.9 + 1.7 * Double($0)) }
    for point in 0..<count {
      var s = 0.0
      for latent in 0..<latents {
        switch points {
        case .hard(let codes): s += weights[latent] * Double(codes[point * latents + latent])
        case .soft(let soft): s += weights[latent] * soft[2 * (point * latents + latent) + 1]
        }
      }
      block.values.append(s + (curved ? 0.5 * s * s : 0) + (wavy ? 0.3 * sin(2 * s) : 0))
      guard gradients else { continue }
      let derivative = 1 + (curved ? s : 0) + (wavy ? 0.6 * cos(2 * s) : 0)
      for weight in weights { block.gradients += [0, weight * derivative] }
    }
    return block
  }
}

import Discrete
import Tensors

/// A mean of powers of distances of independent binary variables from one centre.
enum PolynomialProgramming {
  static let descriptor = ProblemDescriptor(
    name: "polynomial-programming",
    summary: "Many independent binary variables under a mean of powered distances",
    formula: """
      f(y) = (1/D) sum_d |y[d, 1] - c|^p; dE f/dphi[d, 1] = p1 p0 (|1 - c|^p - |c|^p) / D; \
      logits (0, theta), theta ~ U(-logit-range, logit-range)
      """,
    source: "Liu et al. 2023 (ReinMax), arXiv:2304.08612",
    parameters: [
      ParameterSpec("latents", .integer(1...65536), default: .integer(128), "Number of latents D"),
      ParameterSpec("c", moderateNumber, default: .number(0.45), "Centre of the distances"),
      ParameterSpec(
        "p", .number(minimum: 1, maximum: 64, exclusive: false), default: .number(2),
        "Power of the distances; the source uses 1.5, 2 and 3"),
      ParameterSpec(
        "logit-range", .number(minimum: 0, maximum: 700, exclusive: false), default: .number(0.01),
        "Largest size of a logit"),
      .problemSeed,
    ],
    identifying: ["p"]
  ) { parameters, _ in
    let latents = parameters.integer("latents")
    let range = parameters.number("logit-range")
    let key = RandomKey(seed: UInt64(parameters.integer("seed"))).derived("polynomial-programming")
    let uniforms = RandomStream(key: key, row: 0, site: 0).uniforms(from: 0, count: latents)
    return try CostProblem(
      logits: Logits(
        shape: LayerShape(rows: 1, latents: latents, categories: 2),
        values: uniforms.flatMap { [0, range * (2 * Double($0) - 1)] }),
      cost: AbsolutePowerCost(
        power: parameters.number("p"), levels: [0, 1],
        centres: [Double](repeating: parameters.number("c"), count: latents)))
  }
}

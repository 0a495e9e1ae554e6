import GradientFidelity

/// `f(y) = prod_d (1 - 2 y[d, 1])`, 1 where an even number of bits is on and -1 elsewhere.
struct ParityCost: SharedCost {
  let latents: Int
  let categories = 2

  func evaluate(_ points: CostPoints, count: Int, gradients: Bool) -> CostBlock {
    var block = CostBlock(values: [])
    for point in 0..<count {
      let factors = (0..<latents).map { latent in
        switch points {
        case .hard(let codes): 1 - 2 * Double(codes[point * latents + latent])
        case .soft(let soft): 1 - 2 * soft[(point * latents + latent) * 2 + 1]
        }
      }
      block.values.append(factors.reduce(1, *))
      guard gradients else { continue }
      for latent in 0..<latents {
        let others = factors.indices.reduce(1) { $1 == latent ? $0 : $0 * factors[$1] }
        block.gradients += [0, -2 * others]
      }
    }
    return block
  }
}

extension ProblemDescriptor {
  static let parity = ProblemDescriptor(
    name: "parity", summary: "The parity of independent bits",
    formula: "f(y) = prod_d (1 - 2 y[d, 1]); phi = (0, logit)", source: "an example",
    parameters: [
      ParameterSpec("latents", .integer(1...64), default: .integer(4), "Number of bits D"),
      ParameterSpec(
        "logit", .number(minimum: -700, maximum: 700, exclusive: false), default: .number(1),
        "Logit of every bit"),
    ]
  ) { parameters, _ in
    let latents = parameters.integer("latents")
    return try CostProblem(
      logits: Logits(
        shape: LayerShape(rows: 1, latents: latents, categories: 2),
        values: (0..<latents).flatMap { _ in [0, parameters.number("logit")] }),
      cost: ParityCost(latents: latents))
  }
}

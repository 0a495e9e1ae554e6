import Discrete

/// `sum_i (x_i - p_i)^2` of three Bernoulli variables.
enum ThreeBernoullis {
  static let descriptor = ProblemDescriptor(
    name: "three-bernoullis",
    summary: "Three Bernoulli variables under squared losses with different targets",
    formula: """
      f(y) = sum_i (y[i, 1] - p_i)^2, p = (0.6, 0.51, 0.48), D = 3, K = 2. The source ties all \
      three variables to one logit eta; here each latent has its own logit eta, and the source's \
      derivative is the sum of the three components at category 1
      """,
    source: "van Krieken et al. 2021 (Storchastic), examples/bernoulli_grad_var",
    parameters: [
      ParameterSpec(
        "eta", logitNumber, default: .number(0), "Logit of category 1 of every latent")
    ]
  ) { parameters, _ in
    let eta = parameters.number("eta")
    return try CostProblem(
      logits: Logits(
        shape: LayerShape(rows: 1, latents: 3, categories: 2), values: [0, eta, 0, eta, 0, eta]),
      cost: AbsolutePowerCost(power: 2, levels: [0, 1], centres: [0.6, 0.51, 0.48], scale: 1))
  }
}

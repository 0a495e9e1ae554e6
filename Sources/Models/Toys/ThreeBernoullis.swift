import Discrete

/// `sum_i (x_i - p_i)^2` of three Bernoulli variables that share one logit.
enum ThreeBernoullis {
  static let descriptor = ProblemDescriptor(
    name: "three-bernoullis",
    summary: "Three Bernoulli variables with one shared logit under squared losses",
    formula: """
      f(y) = sum_i (y[i, 1] - p_i)^2, p = (0.6, 0.51, 0.48), D = 3, K = 2, phi[i] = (0, eta). Scope \
      eta is the shared logit's derivative, s (1 - s) sum_i (1 - 2 p_i) with s = sigmoid(eta); \
      scope logits has the six components before they are tied
      """,
    source: "van Krieken et al. 2021 (Storchastic), examples/bernoulli_grad_var",
    parameters: [
      ParameterSpec(
        "eta", logitNumber, default: .number(0), "The shared logit of category 1")
    ]
  ) { parameters, _ in
    let eta = parameters.number("eta")
    return try CostProblem(
      logits: Logits(
        shape: LayerShape(rows: 1, latents: 3, categories: 2), values: [0, eta, 0, eta, 0, eta]),
      cost: AbsolutePowerCost(power: 2, levels: [0, 1], centres: [0.6, 0.51, 0.48], scale: 1),
      pullback: TiedLogit(name: "eta", latents: 3))
  }
}

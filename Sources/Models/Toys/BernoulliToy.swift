import Discrete

/// `E (b - t)^2` of one Bernoulli variable.
enum BernoulliToy {
  static let descriptor = ProblemDescriptor(
    name: "bernoulli-toy",
    summary: "One Bernoulli variable under a squared loss whose two values nearly tie",
    formula: "f(y) = (y_1 - t)^2, D = 1, K = 2; dE f/dphi_1 = p (1 - p) (1 - 2 t), p = P(z = 1)",
    source: "Tucker et al. 2017 (REBAR), arXiv:1703.07370; Grathwohl et al. 2018 (RELAX)",
    parameters: [
      ParameterSpec("t", moderateNumber, default: .number(0.45), "Target of the squared loss"),
      ParameterSpec(
        "logit", logitNumber, default: .number(0), "Logit of category 1 against category 0"),
    ],
    identifying: ["t"]
  ) { parameters, _ in
    try CostProblem(
      logits: Logits(
        shape: LayerShape(rows: 1, latents: 1, categories: 2),
        values: [0, parameters.number("logit")]),
      cost: AbsolutePowerCost(power: 2, levels: [0, 1], centres: [parameters.number("t")]))
  }
}

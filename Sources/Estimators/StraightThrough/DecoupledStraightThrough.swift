import Discrete

extension EstimatorDescriptor {
  /// Straight-through with one temperature for the sample and another for the Jacobian.
  static let decoupledStraightThrough = EstimatorDescriptor(
    name: "decoupled-st", family: .straightThrough, bias: .biased,
    summary: "Straight-through with separate forward and backward temperatures, no Gumbel noise.",
    formula: "z ~ Cat(softmax(phi/tau_f)), g = (1/tau_b) J(softmax(phi/tau_b)) h(z)",
    exactOn: "linear costs at tau_f = tau_b (target own)", cost: "1 gradient",
    source: "arXiv 2410.13331, version 2",
    traps: [
      "tau_f moves the sampled distribution and with it the target; name the target distribution (own or unit).",
      "A larger tau_b shrinks every absolute number; read scale-free metrics beside them.",
    ],
    parameters: [
      ParameterSpec("tau-forward", .temperature, default: .number(1), "temperature of the sample"),
      ParameterSpec(
        "tau-backward", .temperature, default: .number(1), "temperature of the Jacobian"),
    ],
    make: {
      SurrogateGradient(
        try SurrogateSwitches(
          placement: .scaledLogits, noise: .none, forward: .sample, jacobian: .softmax,
          tauForward: $0.number("tau-forward"), tauBackward: $0.number("tau-backward")))
    })
}

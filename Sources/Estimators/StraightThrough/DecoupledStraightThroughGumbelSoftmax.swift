import Discrete

extension EstimatorDescriptor {
  /// Straight-through Gumbel-Softmax with separate temperatures and every switch open.
  static let decoupledStraightThroughGumbelSoftmax = EstimatorDescriptor(
    name: "decoupled-st-gs", family: .straightThrough, bias: .biased,
    summary: "ST Gumbel-Softmax with separate forward and backward temperatures; four switches.",
    formula:
      "z = onehot argmax(phi/tau_f + G), s = softmax(phi/tau_b + G), g = (1/tau_b) J(s) h(z)",
    exactOn: "no class of costs in general", cost: "1 gradient",
    source: "arXiv 2410.13331, version 1; the switches name the readings in use",
    traps: [
      "With placement 'scaled-sum' a hard forward ignores tau_f altogether.",
      "tau_f moves the sampled distribution and with it the target; name the target distribution (own or unit).",
    ],
    // With the identity Jacobian nothing sums to 0.
    invariants: EstimatorInvariants(sumsToZero: false),
    parameters: [
      ParameterSpec("tau-forward", .temperature, default: .number(1), "forward temperature"),
      ParameterSpec("tau-backward", .temperature, default: .number(1), "backward temperature"),
      ParameterSpec(
        "placement", .choice(SurrogateSwitches.Placement.allCases.map(\.rawValue)),
        default: .text("scaled-logits"), "what the temperatures divide: l/tau + g or (l + g)/tau"),
      ParameterSpec(
        "noise", .choice(SurrogateSwitches.Noise.allCases.map(\.rawValue)),
        default: .text("shared"), "Gumbel noise of the surrogate: the forward's, a new draw, none"),
      ParameterSpec(
        "forward", .choice(SurrogateSwitches.Forward.allCases.map(\.rawValue)),
        default: .text("sample"), "forward point: a hard draw, the mode, or the soft point"),
      ParameterSpec(
        "jacobian", .choice(SurrogateSwitches.Jacobian.allCases.map(\.rawValue)),
        default: .text("softmax"), "softmax Jacobian, or the identity"),
    ],
    inertParameters: inertTemperatures,
    make: { parameters in
      SurrogateGradient(
        try SurrogateSwitches(
          placement: choice(parameters, "placement"), noise: choice(parameters, "noise"),
          forward: choice(parameters, "forward"), jacobian: choice(parameters, "jacobian"),
          tauForward: parameters.number("tau-forward"),
          tauBackward: parameters.number("tau-backward")))
    })

  private static func choice<Switch: RawRepresentable<String>>(
    _ parameters: ResolvedParameters, _ name: String
  ) throws -> Switch {
    guard let value = Switch(rawValue: parameters.text(name)) else {
      throw DiscreteError.parameter("\(name) cannot be '\(parameters.text(name))'")
    }
    return value
  }

  private static func inertTemperatures(
    _ parameters: ResolvedParameters
  ) -> [(name: String, reason: String)] {
    var inert: [(name: String, reason: String)] = []
    let forward = parameters.text("forward")
    if parameters.text("placement") == "scaled-sum" && forward == "sample" {
      inert.append(
        (
          "tau-forward",
          "with placement 'scaled-sum' it divides logits and noise alike, so a hard argmax ignores it"
        ))
    }
    if forward == "argmax" {
      inert.append(("tau-forward", "the mode of the logits does not depend on a temperature"))
    }
    if parameters.text("jacobian") == "identity" {
      inert.append(("tau-backward", "the identity Jacobian does not use a backward temperature"))
    }
    return inert
  }
}

import Discrete

extension EstimatorDescriptor {
  /// Soft forward and backward with one temperature: the gradient of the relaxed objective.
  static let gumbelSoftmax = EstimatorDescriptor(
    name: "gumbel-softmax", family: .relaxation, bias: .ownTarget,
    summary: "Gumbel-Softmax (Concrete): the gradient of a relaxed objective.",
    formula: "y = softmax((phi + G)/tau), g = (1/tau) J(y) h(y)",
    exactOn: "its own relaxed objective; every cost in the limit tau -> 0",
    cost: "1 gradient at a soft point",
    source: "Maddison, Mnih and Teh, arXiv 1611.00712; Jang, Gu and Poole, arXiv 1611.01144",
    traps: [
      "Needs the cost inside the simplex; its bias depends on that extension.",
      "Report the hard-sample loss, not the relaxed one.",
    ],
    parameters: [
      ParameterSpec("tau", .temperature, default: .number(1), "temperature of the relaxation")
    ], numbersFormat: 2,
    make: {
      let tau = $0.number("tau")
      return SurrogateGradient(
        try SurrogateSwitches(
          placement: .scaledSum, noise: .shared, forward: .soft, jacobian: .softmax,
          tauForward: tau, tauBackward: tau))
    })
}

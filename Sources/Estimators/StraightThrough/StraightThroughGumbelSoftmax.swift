import Discrete

extension EstimatorDescriptor {
  /// Hard Gumbel-argmax forward, softmax backward with the same noise and one temperature.
  static let straightThroughGumbelSoftmax = EstimatorDescriptor(
    name: "st-gs", family: .straightThrough, bias: .biased,
    summary: "Straight-through Gumbel-Softmax: hard forward, relaxed backward, same noise.",
    formula: "z = onehot argmax(phi + G), y = softmax((phi + G)/tau), g = (1/tau) J(y) h(z)",
    exactOn: "quadratic costs in the limit tau -> 0, where the variance diverges",
    cost: "1 gradient", source: "Jang, Gu and Poole, arXiv 1611.01144",
    parameters: [
      ParameterSpec("tau", .temperature, default: .number(1), "temperature of the surrogate")
    ],
    make: {
      let tau = $0.number("tau")
      return SurrogateGradient(
        try SurrogateSwitches(
          placement: .scaledSum, noise: .shared, forward: .sample, jacobian: .softmax,
          tauForward: tau, tauBackward: tau))
    })
}

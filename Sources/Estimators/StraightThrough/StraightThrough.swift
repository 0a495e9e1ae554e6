import Discrete

extension EstimatorDescriptor {
  /// `z ~ Cat(softmax(phi))`, `g = (1/tau) J(softmax(phi/tau)) h(z)`.
  static let straightThrough = EstimatorDescriptor(
    name: "st", family: .straightThrough, bias: .biased,
    summary: "Softmax straight-through: samples at temperature 1, differentiates at tau.",
    formula: "g = (1/tau) J(softmax(phi/tau)) h(z), z ~ Cat(softmax(phi)), J(q) = diag(q) - q q^T",
    exactOn: "linear costs at tau = 1", cost: "1 gradient",
    source: "Bengio, Leonard and Courville, arXiv 1308.3432; tempered form as in the ReinMax code",
    traps: [
      "With tau other than 1 it is already decoupled: the forward stays at temperature 1.",
      "Some codes drop the factor 1/tau.",
    ],
    parameters: [
      ParameterSpec("tau", .temperature, default: .number(1), "backward temperature")
    ],
    make: {
      SurrogateGradient(
        try SurrogateSwitches(
          placement: .scaledLogits, noise: .none, forward: .sample, jacobian: .softmax,
          tauForward: 1, tauBackward: $0.number("tau")))
    })
}

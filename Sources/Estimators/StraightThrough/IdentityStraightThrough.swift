import Discrete

extension EstimatorDescriptor {
  /// `g = h(z)`: the cost's gradient at the hard draw, passed on unchanged.
  static let identityStraightThrough = EstimatorDescriptor(
    name: "identity-st", family: .straightThrough, bias: .biased,
    summary: "Straight-through with the identity in place of the softmax Jacobian.",
    formula: "g = h(z), h = df/dz, z ~ Cat(softmax(phi))",
    exactOn: "nothing: even its scale is wrong", cost: "1 gradient",
    source: "Bengio, Leonard and Courville, arXiv 1308.3432",
    traps: [
      "Its scale differs from the others by about K; compare by cosine or after rescaling.",
      "Its components do not sum to 0 over the categories.",
    ],
    invariants: EstimatorInvariants(sumsToZero: false),
    make: { _ in
      SurrogateGradient(
        try SurrogateSwitches(
          placement: .scaledLogits, noise: .none, forward: .sample, jacobian: .identity,
          tauForward: 1, tauBackward: 1))
    })
}

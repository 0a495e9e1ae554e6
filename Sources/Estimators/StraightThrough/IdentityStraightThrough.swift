import Discrete

/// Identity straight-through with the part taken out that a softmax cannot use:
/// `g = h - mean_k h`, `h = df/dz` at the hard draw. Complexity: `O(D K)`.
struct CentredIdentityStraightThrough: CategoryLinearEstimator, SoftPointEstimator {
  var traits: EstimatorTraits {
    EstimatorTraits(softPointsVary: false, ignoredConstants: [.gradients], ragged: .servedByLatent)
  }

  func combine(_ row: RowLogits, _ draws: RowDraws, into estimates: inout [Double]) {
    let categories = row.categories
    for start in stride(from: 0, to: draws.count * row.values.count, by: categories) {
      var mean = 0.0
      for k in 0..<categories { mean += draws.gradients[start + k] }
      mean /= Double(categories)
      for k in 0..<categories { estimates[start + k] = draws.gradients[start + k] - mean }
    }
  }

  func softPoints(_ row: RowLogits, _ draws: RowDraws) -> [Double]? {
    repeated(row.probabilities(), draws.count)
  }
}

extension EstimatorDescriptor {
  /// `g = h(z)`: the cost's gradient at the hard draw, passed on unchanged or centred.
  static let identityStraightThrough = EstimatorDescriptor(
    name: "identity-st", family: .straightThrough, bias: .biased,
    summary: "Straight-through with the identity in place of the softmax Jacobian.",
    formula: "g = h(z), h = df/dz, z ~ Cat(softmax(phi)); form 'centred': g = h - mean_k h",
    exactOn: "nothing: even its scale is wrong", cost: "1 gradient",
    source: "Bengio, Leonard and Courville, arXiv 1308.3432",
    traps: [
      "Its scale differs from the others by about K; compare by cosine or after rescaling.",
      "Its components sum to 0 over the categories in the form 'centred' only.",
    ],
    invariants: EstimatorInvariants(sumsToZero: false),
    parameters: [
      ParameterSpec(
        "form", .choice(["plain", "centred"]), default: .text("plain"),
        "h as it is, or without its mean over the categories")
    ],
    make: {
      if $0.text("form") == "centred" { return CentredIdentityStraightThrough() }
      return SurrogateGradient(
        try SurrogateSwitches(
          placement: .scaledLogits, noise: .none, forward: .sample, jacobian: .identity,
          tauForward: 1, tauBackward: 1))
    })
}

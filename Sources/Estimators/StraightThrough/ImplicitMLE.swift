import Discrete

/// I-MLE: the finite difference of the perturbed argmax against the cost's gradient.
///
/// `z = argmax(phi + G)`, `z' = argmax(phi - lambda h(z) + G)` with the same Gumbels,
/// `g = (z - z') / lambda`. Given `z` the law of `z'` is known in closed form, and with it the exact
/// moments. Complexity: `O(D K)` beside one oracle gradient.
struct ImplicitMLE: ExactEstimator {
  let lambda: Double

  var plan: EvaluationPlan { EvaluationPlan(gradients: true, perturbed: true) }
  var traits: EstimatorTraits { EstimatorTraits(ignoredConstants: [.slopes]) }

  func combine(_ row: RowLogits, _ draws: RowDraws, into estimates: inout [Double]) {
    forEachLatent(row, draws) { at in
      for k in 0..<row.categories { estimates[at.base + k] = 0 }
      let moved = PerturbedArgmax.winner(
        draws, at.base, categories: row.categories, step: lambda)
      guard moved != at.x else { return }
      estimates[at.base + at.x] = 1 / lambda
      estimates[at.base + moved] = -1 / lambda
    }
  }

  func exactMoments(_ row: RowLogits, _ states: RowStates) -> ExactMoments? {
    let size = row.categories
    guard !states.gradients.isEmpty, size <= PerturbedArgmax.maximumCategories else { return nil }
    let logs = logSoftmax(row.values, categories: size)
    var moments = ConditionalMoments(states)
    for state in 0..<states.count where states.weights[state] > 0 {
      for latent in 0..<row.latents {
        let local = latent * size
        let x = Int(states.codes[state * row.latents + latent])
        let from = state * states.width + local
        let law = PerturbedArgmax.law(
          logs[local..<local + size], winner: x,
          shifts: (0..<size).map { lambda * states.gradients[from + $0] })
        var mean = law.map { -$0 / lambda }
        mean[x] = (1 - law[x]) / lambda
        // g = (e_x - e_j)/lambda with probability law[j].
        var second = [Double](repeating: 0, count: size * size)
        for j in 0..<size where j != x {
          let weight = law[j] / (lambda * lambda)
          second[j * size + j] += weight
          second[x * size + x] += weight
          second[j * size + x] -= weight
          second[x * size + j] -= weight
        }
        moments.add(state: state, latent: latent, mean: mean, second: second)
      }
    }
    return moments.moments
  }
}

extension EstimatorDescriptor {
  static let implicitMLE = EstimatorDescriptor(
    name: "imle", family: .straightThrough, bias: .biased,
    summary: "I-MLE: finite difference of the perturbed argmax against the cost's gradient.",
    formula: "z = argmax(phi + G), z' = argmax(phi - lambda h(z) + G), g = (z - z')/lambda",
    exactOn: "linear costs, in the limit lambda -> 0", cost: "1 gradient",
    source: "Niepert, Minervini and Franceschi, arXiv 2106.01798",
    traps: [
      "Several codes return z - z' without the factor 1/lambda; it is included here.",
      "Not linear in the cost: another cost scale is another lambda.",
      "Gumbel noise, so that the forward law is softmax(phi); sum-of-Gamma noise is for subsets.",
    ],
    invariants: EstimatorInvariants(costScale: false),
    parameters: [
      ParameterSpec(
        "lambda", .number(minimum: 0, maximum: 1e9, exclusive: true), default: .number(1),
        "size of the step against the gradient")
    ],
    make: { ImplicitMLE(lambda: $0.number("lambda")) })
}

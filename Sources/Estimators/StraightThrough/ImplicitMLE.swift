import Discrete

/// I-MLE: the finite difference of the perturbed argmax against the cost's gradient.
///
/// `z = argmax(phi + G)`, `z' = argmax(phi - lambda h(z) + G)` with the same Gumbels,
/// `g = (z - z') / lambda`. Given `z` the distribution of `z'` is known in closed form, and with it the exact
/// moments. Complexity: `O(D K)` beside one oracle gradient.
struct ImplicitMLE: ExactEstimator {
  let lambda: Double

  var plan: EvaluationPlan { EvaluationPlan(gradients: true, perturbed: true) }
  var traits: EstimatorTraits { EstimatorTraits(ignoredConstants: [.gradients], ragged: .served) }

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

  func exactMoments(_ row: RowLogits, _ jointCodes: RowJointCodes) -> ExactMoments? {
    let size = row.categories
    guard !jointCodes.gradients.isEmpty, size <= PerturbedArgmax.maximumCategories else {
      return nil
    }
    let logs = logSoftmax(row.values, categories: size)
    var moments = ConditionalMoments(jointCodes)
    for jointCode in 0..<jointCodes.count where jointCodes.weights[jointCode] > 0 {
      for latent in 0..<row.latents {
        let own = row.places(of: latent)
        let x = Int(jointCodes.codes[jointCode * row.latents + latent])
        let distribution = PerturbedArgmax.distribution(
          logs[own], winner: x,
          shifts: own.map { lambda * jointCodes.gradients[jointCode * jointCodes.width + $0] })
        var mean = distribution.map { -$0 / lambda }
        mean[x] = (1 - distribution[x]) / lambda
        // g = (e_x - e_j)/lambda with probability distribution[j].
        let count = own.count
        var second = [Double](repeating: 0, count: count * count)
        for j in 0..<count where j != x {
          let weight = distribution[j] / (lambda * lambda)
          second[j * count + j] += weight
          second[x * count + x] += weight
          second[j * count + x] -= weight
          second[x * count + j] -= weight
        }
        moments.add(jointCode: jointCode, latent: latent, mean: mean, second: second)
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
      "Gumbel noise, so that the forward distribution is softmax(phi); sum-of-Gamma noise is for subsets.",
    ],
    invariants: EstimatorInvariants(costScale: false),
    parameters: [
      ParameterSpec(
        "lambda", .number(minimum: 0, maximum: 1e9, exclusive: true), default: .number(1),
        "size of the step against the gradient")
    ],
    make: { ImplicitMLE(lambda: $0.number("lambda")) })
}

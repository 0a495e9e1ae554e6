import Discrete

/// ReinMax-Rao, the variant called v2 in its code: ReinMax's midpoint with the hard sample replaced
/// by conditional Gumbel-Softmax points.
///
/// `s_m = softmax(zt_m/tau)`, `zt_m ~ (phi + G | argmax = x)`:
/// `g = (2/M) sum_m J((p + s_m)/2) h - (1/2) J(p) h`. Tends to ReinMax(1) as `tau -> 0`; not exact
/// on linear costs otherwise. Complexity: `O(M D K)` beside one oracle gradient.
struct ReinMaxRao: LocallyLinearEstimator, SoftPointEstimator {
  let tau: Double
  let noise: ConditionalGumbels

  var plan: EvaluationPlan {
    EvaluationPlan(gradients: true, probes: ConditionalGumbels.plan)
  }
  var traits: EstimatorTraits {
    EstimatorTraits(
      softPointsVary: false, backwardTemperature: tau, ignoredConstants: [.gradients],
      ragged: .servedByLatent)
  }

  func combine(_ row: RowLogits, _ draws: RowDraws, into estimates: inout [Double]) {
    let size = row.categories
    let distribution = row.probabilities()
    forEachLatent(row, draws) { at in
      var mean = 0.0
      for k in 0..<size { mean += distribution[at.local + k] * draws.gradients[at.base + k] }
      for k in 0..<size {
        estimates[at.base + k] =
          -0.5 * distribution[at.local + k] * (draws.gradients[at.base + k] - mean)
      }
    }
    noise.forEach(row, draws) { at, _, perturbed in
      let s = softmax(perturbed, categories: size, scale: 1 / tau)
      var mean = 0.0
      for k in 0..<size {
        mean += 0.5 * (s[k] + distribution[at.local + k]) * draws.gradients[at.base + k]
      }
      for k in 0..<size {
        estimates[at.base + k] +=
          (s[k] + distribution[at.local + k]) * (draws.gradients[at.base + k] - mean)
          / Double(noise.samples)
      }
    }
  }

  func softPoints(_ row: RowLogits, _ draws: RowDraws) -> [Double]? {
    repeated(row.probabilities(), draws.count)
  }

  func localJacobians(_ row: RowLogits, step: Double) -> LocalJacobians? {
    guard let moments = noise.moments(row, tau: tau, step: step) as? [WinnerMoments] else {
      return nil
    }
    let size = row.categories
    let distribution = row.probabilities()
    let midpoints = moments.enumerated().map { latent, moments in
      let point = Array(distribution[latent * size..<(latent + 1) * size])
      return WinnerMoments((0..<size).map { moments.moments($0).halfway(to: point) })
    }
    var jacobians = LocalJacobians(
      latents: row.latents, categories: size, scale: 2, moments: midpoints,
      draws: noise.samples)
    for latent in 0..<row.latents {
      let plain = softmaxJacobian(distribution[latent * size..<(latent + 1) * size])
      for x in 0..<size {
        for index in plain.indices {
          jacobians.means[(latent * size + x) * size * size + index] -= 0.5 * plain[index]
        }
      }
    }
    return jacobians
  }
}

extension EstimatorDescriptor {
  static let reinMaxRao = EstimatorDescriptor(
    name: "reinmax-rao-v2", family: .straightThrough, bias: .biased,
    summary: "ReinMax with conditional Gumbel-Softmax midpoints (the v2 form of its code).",
    formula:
      "g = (2/M) sum_m J((p + s_m)/2) h - (1/2) J(p) h, s_m = softmax(zt_m/tau), zt_m ~ (phi + G | x)",
    exactOn: "costs quadratic in each latent, in the limit tau -> 0", cost: "1 gradient",
    source: "arXiv 2603.08257; danielwang0452/DiscreteNumericalMethodsASC at 54b6cc7, v2",
    traps: [
      "Unverified: which of its code's variants the paper calls ReinMax-Rao; this is v2.",
      "Not exact on linear costs for tau > 0: its scale is off by a fifth or more at tau 0.5.",
    ],
    parameters: [
      ParameterSpec("tau", .temperature, default: .number(1), "temperature of the surrogate"),
      .conditionalSamples,
    ],
    make: {
      ReinMaxRao(
        tau: $0.number("tau"), noise: ConditionalGumbels(samples: $0.integer("samples")))
    })
}

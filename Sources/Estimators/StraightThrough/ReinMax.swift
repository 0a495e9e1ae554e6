import Discrete

/// ReinMax: `g = 2 J((softmax(phi/tau) + z)/2) h(z) - (1/2) J(p) h(z)`, `z ~ Cat(p)`.
///
/// A second-order (Heun) correction of straight-through; at `tau = 1` exact in expectation on
/// every cost that is quadratic in each latent. There is no factor `1/tau`, as in the published
/// package. Complexity: `O(D K)` per estimate beside one oracle gradient.
public struct ReinMax: LocallyLinearEstimator, FusedEstimator, SoftPointEstimator {
  public let tau: Double

  /// - Throws: `DiscreteError.parameter` for a temperature that is not a finite number above 0.
  public init(tau: Double) throws {
    guard tau > 0 && tau.isFinite else {
      throw DiscreteError.parameter("a temperature must be a finite number above 0, found \(tau)")
    }
    self.tau = tau
  }

  public var plan: EvaluationPlan { EvaluationPlan(gradients: true) }
  public var traits: EstimatorTraits {
    EstimatorTraits(
      softPointsVary: false, backwardTemperature: tau, ignoredConstants: [.gradients],
      ragged: .servedByLatent)
  }

  public func combine(_ row: RowLogits, _ draws: RowDraws, into estimates: inout [Double]) {
    let categories = row.categories
    let width = row.values.count
    let distribution = row.probabilities()
    let tempered = row.probabilities(temperature: tau)
    let codes = draws.codes[0]
    for draw in 0..<draws.count {
      for latent in 0..<row.latents {
        let from = latent * categories
        let base = draw * width + from
        let category = Int(codes[draw * row.latents + latent])
        // With m = (t + z)/2: J(m) h = m h - m <m, h>.
        var meanTempered = 0.0
        var meanDistribution = 0.0
        for k in 0..<categories {
          meanTempered += tempered[from + k] * draws.gradients[base + k]
          meanDistribution += distribution[from + k] * draws.gradients[base + k]
        }
        let mean = 0.5 * (meanTempered + draws.gradients[base + category])
        for k in 0..<categories {
          let h = draws.gradients[base + k]
          let m = 0.5 * (tempered[from + k] + (k == category ? 1 : 0))
          estimates[base + k] =
            2 * m * (h - mean) - 0.5 * distribution[from + k] * (h - meanDistribution)
        }
      }
    }
  }

  public func fusedRule(_ row: RowLogits) -> FusedRule? {
    .mixture(
      CodeMixture(
        points: row.probabilities(temperature: tau), mix: 0.5, scale: 2,
        distribution: row.probabilities(),
        distributionScale: -0.5))
  }

  public func softPoints(_ row: RowLogits, _ draws: RowDraws) -> [Double]? {
    let points = row.probabilities(temperature: tau)
    return (0..<draws.count).flatMap { _ in points }
  }

  /// Nil where the maps would take more than 128 MiB: the moments are then summed estimate by
  /// estimate.
  public func localJacobians(_ row: RowLogits, step: Double) -> LocalJacobians? {
    let categories = row.categories
    guard categories <= 256, categories * categories * row.values.count <= 1 << 24 else {
      return nil
    }
    let distribution = row.probabilities()
    let tempered = row.probabilities(temperature: tau)
    var means: [Double] = []
    means.reserveCapacity(row.latents * categories * categories * categories)
    for latent in 0..<row.latents {
      let range = latent * categories..<(latent + 1) * categories
      let plain = softmaxJacobian(distribution[range])
      for x in 0..<categories {
        var middle = tempered[range].map { 0.5 * $0 }
        middle[x] += 0.5
        let corrected = softmaxJacobian(middle[...])
        for index in plain.indices { means.append(2 * corrected[index] - 0.5 * plain[index]) }
      }
    }
    return LocalJacobians(
      latents: row.latents, categories: categories, dependsOnCategory: true, means: means)
  }
}

extension EstimatorDescriptor {
  static let reinMax = EstimatorDescriptor(
    name: "reinmax", family: .straightThrough, bias: .biased,
    summary: "Straight-through with a second-order correction; at tau = 1 also known as ZGR.",
    formula: "g = 2 J((softmax(phi/tau) + z)/2) h(z) - (1/2) J(p) h(z), z ~ Cat(p)",
    exactOn: "costs quadratic in each latent, at tau = 1", cost: "1 gradient",
    source: "Liu et al., arXiv 2304.08612; ZGR: Shekhovtsov, ICML 2023, openreview 9GjM8UzCYN",
    traps: [
      "Not exact on quadratics for tau other than 1.",
      "The published package refuses tau below 1; here any temperature above 0 is measured.",
    ],
    parameters: [
      ParameterSpec("tau", .temperature, default: .number(1), "temperature of the midpoint")
    ],
    make: { try ReinMax(tau: $0.number("tau")) })
}

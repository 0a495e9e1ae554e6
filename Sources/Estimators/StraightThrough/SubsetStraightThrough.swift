import Discrete

/// SIMPLE: straight-through for subsets of `k` of `D` binary latents, with exact marginals.
///
/// The forward draws `S` from `P(S) = exp(sum psi) / e_k` by the dynamic programme, one uniform per
/// latent; the backward is the Jacobian of the exact marginals `mu(psi)`:
/// `g_psi = Cov(b) h_b(S)`, `h_b = h_1 - h_0`, returned as `(-g_psi, g_psi)`. Its target is the
/// gradient of the subset expectation (problem kind `k-subset`), exact there on linear costs; with
/// `k = 1` it is softmax straight-through over the `D` latents. Complexity: `O(D^2 k)` once per row
/// and `O(D^2)` per estimate beside one oracle gradient.
struct SubsetStraightThrough: ProbingEstimator, ExactEstimator {
  let size: Int

  static let maximumLatents = 256

  var plan: EvaluationPlan {
    EvaluationPlan(samples: 0, probes: ProbePlan(latentUniforms: 1, codes: 1, codeGradients: true))
  }

  func probes(_ row: RowLogits, _ draws: RowDraws) -> Probes {
    let distribution = SubsetDistribution(logOdds: row.logOdds(), size: size)
    return Probes(
      codes: (0..<draws.count).flatMap {
        distribution.subset(uniforms: draws.uniforms[$0 * row.latents..<($0 + 1) * row.latents])
      })
  }
  var traits: EstimatorTraits {
    EstimatorTraits(
      ignoredConstants: [.level, .gradients], ragged: .refused(RaggedLayers.binaryAlone))
  }

  func combine(_ row: RowLogits, _ draws: RowDraws, into estimates: inout [Double]) {
    let covariance = SubsetDistribution(logOdds: row.logOdds(), size: size).covariance()
    for draw in 0..<draws.count {
      estimate(covariance, row.latents, draws.probes.codeGradients, draw, &estimates)
    }
  }

  /// Sums over the joint codes with `k` latents on.
  func exactMoments(_ row: RowLogits, _ jointCodes: RowJointCodes) -> ExactMoments? {
    guard !jointCodes.gradients.isEmpty else { return nil }
    let distribution = SubsetDistribution(logOdds: row.logOdds(), size: size)
    let covariance = distribution.covariance()
    var vectors = [Double](repeating: 0, count: jointCodes.count * jointCodes.width)
    let weights = (0..<jointCodes.count).map { jointCode -> Double in
      let weight = distribution.probability(
        jointCodes.codes[jointCode * row.latents..<(jointCode + 1) * row.latents])
      if weight > 0 { estimate(covariance, row.latents, jointCodes.gradients, jointCode, &vectors) }
      return weight
    }
    return ExactMoments(RowMoments(weights: weights, vectors: vectors, width: jointCodes.width))
  }

  func hasExactMoments(on shape: LayerShape) -> Bool? { shape.categories == 2 }

  /// Estimate number `draw` from the gradients of the same number.
  private func estimate(
    _ covariance: [Double], _ latents: Int, _ gradients: [Double], _ draw: Int,
    _ estimates: inout [Double]
  ) {
    let base = 2 * draw * latents
    for latent in 0..<latents {
      var g = 0.0
      for other in 0..<latents {
        let gradient = gradients[base + 2 * other + 1] - gradients[base + 2 * other]
        g += covariance[latent * latents + other] * gradient
      }
      estimates[base + 2 * latent] = -g
      estimates[base + 2 * latent + 1] = g
    }
  }
}

extension EstimatorDescriptor {
  static let subsetStraightThrough = EstimatorDescriptor(
    name: "simple", family: .straightThrough, domain: .binary, bias: .biased,
    summary: "SIMPLE: straight-through for k-subsets, through their exact marginals.",
    formula: "S ~ exp(sum psi)/e_k, g_psi = Cov(b) (h_1 - h_0)(S)",
    exactOn: "linear costs, against the target of the problem kind 'k-subset'",
    cost: "1 gradient", source: "Ahmed et al., arXiv 2210.01941",
    traps: [
      "Unverified: k above 1 was not compared with the published program.",
      "Its draws are subsets of k latents, not independent bits: measure it on 'k-subset' with the same k; elsewhere its bias is against another distribution.",
    ],
    invariants: EstimatorInvariants(permutation: false),
    parameters: [
      ParameterSpec("k", .integer(1...64), default: .integer(2), "latents that are on")
    ],
    layerRefusal: { shape, parameters in
      let size = parameters.integer("k")
      if shape.latents < size {
        return
          "'simple' draws \(size) latents at once, and this problem has \(shape.latents); give k: \(shape.latents) or less"
      }
      return shape.latents > SubsetStraightThrough.maximumLatents
        ? "'simple' handles at most \(SubsetStraightThrough.maximumLatents) latents, and this problem has \(shape.latents)"
        : nil
    },
    make: { SubsetStraightThrough(size: $0.integer("k")) })
}

import Discrete

/// Uniform path: the cost's gradient at a uniformly drawn place of the half-path that ends in the drawn
/// vertex.
///
/// `b ~ Bernoulli(pi)`, `t = 1/2 + (2 b - 1) u/2`, `u ~ U(0, 1)`:
/// `g_psi = pi (1 - pi)/(2 pi_b) (h_1 - h_0)(t)`, returned as `(-g_psi, g_psi)`. Path `one`: one
/// latent, drawn uniformly, is relaxed while the others stay hard, times `D`; path `each`: every
/// latent so by itself, in `D` points: both unbiased on every smooth cost. Path `all`: all are
/// relaxed together: biased. `u = 1` is the 1/2-estimator. Complexity: `O(D)`, or `O(D^2)` for
/// `each`, beside the oracle gradients.
struct UniformPath: ProbingEstimator {
  enum Path: String, CaseIterable {
    /// One latent, drawn uniformly.
    case one
    /// Every latent by itself.
    case each
    /// All latents at one point.
    case all
  }

  let path: Path

  var plan: EvaluationPlan {
    EvaluationPlan(
      probes: ProbePlan(
        sharedUniforms: path == .one ? 1 : 0, latentUniforms: 1, soft: 1, softGradients: true))
  }

  func plan(for shape: LayerShape) -> EvaluationPlan {
    var plan = plan
    if path == .each { plan.probes?.soft = shape.latents }
    return plan
  }

  /// The latents that are relaxed in the points of one draw; nil: all of them.
  private func relaxed(_ row: RowLogits, _ draws: RowDraws, _ draw: Int) -> [Int?] {
    switch path {
    case .all: return [nil]
    case .each: return Array(0..<row.latents)
    case .one:
      let u = draws.uniforms[draw * (row.latents + 1)]
      return [min(Int(u * Double(row.latents)), row.latents - 1)]
    }
  }

  func probes(_ row: RowLogits, _ draws: RowDraws) -> Probes {
    let shared = path == .one ? 1 : 0
    var soft: [Double] = []
    for draw in 0..<draws.count {
      let start = draw * (row.latents + shared) + shared
      for relaxed in relaxed(row, draws, draw) {
        for latent in 0..<row.latents {
          let b = Double(draws.codes[0][draw * row.latents + latent])
          let u = draws.uniforms[start + latent]
          let on = relaxed == nil || relaxed == latent ? 0.5 + (2 * b - 1) * 0.5 * u : b
          soft += [1 - on, on]
        }
      }
    }
    return Probes(soft: soft)
  }
  var traits: EstimatorTraits {
    EstimatorTraits(
      ignoredConstants: [.level, .gradients], ragged: .refused(RaggedLayers.binaryAlone))
  }

  func combine(_ row: RowLogits, _ draws: RowDraws, into estimates: inout [Double]) {
    let distribution = row.probabilities()
    let factor = path == .one ? Double(row.latents) : 1
    for index in 0..<draws.count * row.values.count { estimates[index] = 0 }
    var point = 0
    for draw in 0..<draws.count {
      for relaxed in relaxed(row, draws, draw) {
        for latent in 0..<row.latents where relaxed == nil || relaxed == latent {
          let place = draw * row.latents + latent
          let from = 2 * (point * row.latents + latent)
          let other = distribution[2 * latent + 1 - Int(draws.codes[0][place])]
          let g =
            0.5 * factor * other
            * (draws.probes.softGradients[from + 1] - draws.probes.softGradients[from])
          estimates[2 * place] = -g
          estimates[2 * place + 1] = g
        }
        point += 1
      }
    }
  }
}

extension EstimatorDescriptor {
  static let uniformPath = EstimatorDescriptor(
    name: "uniform-path", family: .relaxation, domain: .binary, bias: .biased,
    summary: "Slope of the cost at a uniform place of the half-path to the drawn vertex.",
    formula:
      "t = 1/2 + (2b - 1) u/2, g_psi = pi (1 - pi)/(2 pi_b) (h_1 - h_0)(t), one latent (times D), each, or all",
    exactOn:
      "every smooth cost with paths 'one' and 'each'; with 'all' costs with one latent, or separable",
    cost: "1 gradient at a soft point; D with path 'each'",
    source: "GradientFidelity; after Pervez et al., ICML 2020, PMLR 119:7632",
    traps: [
      "Unverified: FouST's full algorithm was not available; this is its sampling step alone.",
      "Needs the cost inside the simplex; unbiased on whatever smooth extension it has there.",
      "A cost with kinks or jumps inside the simplex has no gradient that integrates to its difference at a jump.",
    ],
    parameters: [
      ParameterSpec(
        "path", .choice(UniformPath.Path.allCases.map(\.rawValue)), default: .text("one"),
        "relax one latent, drawn uniformly; each by itself; or all together")
    ],
    make: { UniformPath(path: UniformPath.Path(rawValue: $0.text("path")) ?? .one) })
}

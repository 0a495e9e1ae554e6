import Discrete

/// Uniform path: the cost's slope at a uniformly drawn place of the half-path that ends in the drawn
/// vertex.
///
/// `b ~ Bernoulli(pi)`, `t = 1/2 + (2 b - 1) u/2`, `u ~ U(0, 1)`:
/// `g_psi = pi (1 - pi)/(2 pi_b) (h_1 - h_0)(t)`, returned as `(-g_psi, g_psi)`. Path `one`: one
/// latent, drawn uniformly, is relaxed while the others stay hard, times `D`: unbiased on every
/// smooth cost. Path `all`: all are relaxed together: biased. `u = 1` is the 1/2-estimator.
/// Complexity: `O(D)` beside one oracle gradient.
struct UniformPath: GradientEstimator {
  let single: Bool

  var plan: EvaluationPlan {
    EvaluationPlan(
      probes: ProbePlan(
        sharedUniforms: single ? 1 : 0, latentUniforms: 1, soft: 1, softGradients: true))
  }

  /// The latent of one draw that is relaxed; nil: all.
  private func relaxed(_ row: RowLogits, _ draws: RowDraws, _ draw: Int) -> Int? {
    guard single else { return nil }
    let u = draws.uniforms[draw * (row.latents + 1)]
    return min(Int(u * Double(row.latents)), row.latents - 1)
  }

  func probes(_ row: RowLogits, _ draws: RowDraws) -> Probes {
    let stride = row.latents + (single ? 1 : 0)
    var soft: [Double] = []
    soft.reserveCapacity(draws.count * row.values.count)
    for draw in 0..<draws.count {
      let relaxed = relaxed(row, draws, draw)
      for latent in 0..<row.latents {
        let b = Double(draws.codes[0][draw * row.latents + latent])
        let u = draws.uniforms[draw * stride + stride - row.latents + latent]
        let on = relaxed == nil || relaxed == latent ? 0.5 + (2 * b - 1) * 0.5 * u : b
        soft += [1 - on, on]
      }
    }
    return Probes(soft: soft)
  }

  func combine(_ row: RowLogits, _ draws: RowDraws, into estimates: inout [Double]) {
    let law = row.probabilities()
    for draw in 0..<draws.count {
      let relaxed = relaxed(row, draws, draw)
      for latent in 0..<row.latents {
        let place = draw * row.latents + latent
        let other = law[2 * latent + 1 - Int(draws.codes[0][place])]
        var g =
          0.5 * other
          * (draws.probes.softGradients[2 * place + 1] - draws.probes.softGradients[2 * place])
        if let relaxed { g = relaxed == latent ? g * Double(row.latents) : 0 }
        estimates[2 * place] = -g
        estimates[2 * place + 1] = g
      }
    }
  }
}

extension EstimatorDescriptor {
  static let uniformPath = EstimatorDescriptor(
    name: "uniform-path", family: .relaxation, domain: .binary, bias: .biased,
    summary: "Slope of the cost at a uniform place of the half-path to the drawn vertex.",
    formula:
      "t = 1/2 + (2b - 1) u/2, g_psi = pi (1 - pi)/(2 pi_b) (h_1 - h_0)(t), one latent (times D) or all",
    exactOn: "every smooth cost with path 'one'; with 'all' costs with one latent, or separable",
    cost: "1 gradient at a soft point",
    source: "GradientFidelity; after Pervez et al., ICML 2020, PMLR 119:7632",
    traps: [
      "Unverified: FouST's full algorithm was not available; this is its sampling step alone.",
      "Needs the cost inside the simplex; unbiased on whatever smooth extension it has there.",
      "A cost with kinks or jumps inside the simplex has no slope that integrates to its difference at a jump.",
    ],
    parameters: [
      ParameterSpec(
        "path", .choice(["one", "all"]), default: .text("one"),
        "relax one latent, drawn uniformly, or all together")
    ],
    make: { UniformPath(single: $0.text("path") == "one") })
}

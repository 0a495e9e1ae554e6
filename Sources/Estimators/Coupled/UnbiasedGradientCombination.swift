import Discrete

/// UGC: DisARM for latents near the middle, one flip for those near the boundary.
///
/// Latents with `min(pi, 1 - pi) < threshold` form the flip set `S`. An antithetic pair `b, b'` as in
/// `disarm` serves the others; of `S` one latent is drawn uniformly and summed out at the other latents
/// of `b`: `g_psi = |S| pi (1 - pi) (f(b[d <- 1]) - f(b[d <- 0]))`, 0 for the rest of `S`. Unbiased on
/// every cost for a fixed split; threshold 0 is `disarm`, 1/2 and more is `bitflip-1` in its mean and
/// variance. Complexity: `O(D)` beside three oracle values.
public struct UnbiasedGradientCombination: LatentwiseEstimator {
  public let threshold: Double

  public init(threshold: Double) { self.threshold = threshold }

  public var plan: EvaluationPlan {
    EvaluationPlan(
      samples: 0, probes: ProbePlan(sharedUniforms: 1, latentUniforms: 1, codes: 3))
  }

  private func flips(_ pi: [Double]) -> [Int] {
    pi.indices.filter { min(pi[$0], 1 - pi[$0]) < threshold }
  }

  private func chosen(_ flips: [Int], _ uniform: Double) -> Int? {
    flips.isEmpty ? nil : flips[min(Int(uniform * Double(flips.count)), flips.count - 1)]
  }

  /// The pair, and the first of it with the chosen latent flipped.
  public func probes(_ row: RowLogits, _ draws: RowDraws) -> Probes {
    let pi = row.onProbabilities()
    let flips = flips(pi)
    var points: [Int32] = []
    for draw in 0..<draws.count {
      let from = draw * (1 + row.latents)
      let u = draws.uniforms[from + 1..<from + 1 + row.latents]
      let first = zip(u, pi).map { $0 > 1 - $1 ? Int32(1) : 0 }
      points += first
      points += zip(u, pi).map { $0 < $1 ? 1 : 0 }
      points += first
      if let latent = chosen(flips, draws.uniforms[from]) {
        points[points.count - row.latents + latent] = 1 - first[latent]
      }
    }
    return Probes(codes: points)
  }
  public var traits: EstimatorTraits {
    EstimatorTraits(ignoredConstants: [.level], ragged: .refused(RaggedLayers.binaryAlone))
  }

  public func combine(_ row: RowLogits, _ draws: RowDraws, into estimates: inout [Double]) {
    clear(&estimates)
    let pi = row.onProbabilities()
    let flips = flips(pi)
    let latents = row.latents
    for draw in 0..<draws.count {
      let point = 3 * draw
      let values = draws.probes.codeValues
      func set(_ latent: Int, _ g: Double) {
        estimates[2 * (draw * latents + latent)] = -g
        estimates[2 * (draw * latents + latent) + 1] = g
      }
      for latent in 0..<latents where min(pi[latent], 1 - pi[latent]) >= threshold {
        let first = draws.probes.codes[point * latents + latent]
        let second = draws.probes.codes[(point + 1) * latents + latent]
        set(
          latent,
          0.5 * (values[point] - values[point + 1]) * Double(first - second)
            * max(pi[latent], 1 - pi[latent]))
      }
      if let latent = chosen(flips, draws.uniforms[draw * (1 + latents)]) {
        let on = draws.probes.codes[point * latents + latent] == 1
        let difference = values[point] - values[point + 2]
        set(
          latent,
          Double(flips.count) * pi[latent] * (1 - pi[latent]) * (on ? difference : -difference))
      }
    }
  }

  public func uniformAtoms(_ row: RowLogits) -> UniformAtoms? {
    let pi = row.onProbabilities()
    let count = max(1, flips(pi).count)
    return UniformAtoms(
      shared: (0..<count).map {
        UniformAtom(
          weight: 1 / Double(count), uniforms: [(Double($0) + 0.5) / Double(count)])
      },
      latents: pi.map { UniformAtom.pieces(cuts: [$0, 1 - $0], nodes: 1) })
  }

  /// One latent is flipped at most.
  public func hasExactMoments(on shape: LayerShape) -> Bool? {
    pairsFit(shape, shared: max(1, shape.latents))
  }
}

extension EstimatorDescriptor {
  static let unbiasedGradientCombination = EstimatorDescriptor(
    name: "ugc", family: .coupled, domain: .binary, bias: .unbiased,
    summary: "DisARM for latents near the middle, one flip for those near the boundary.",
    formula:
      "min(pi,1-pi) >= t: disarm; else, for one uniform d of that set S: g_psi = |S| pi(1-pi) (f(b[d<-1]) - f(b[d<-0]))",
    exactOn: "every cost", cost: "3 values", source: "arXiv 2208.06124",
    traps: [
      "The split depends on pi alone, never on the draw.",
      "Unverified: the published threshold rule; here latents with min(pi, 1-pi) below a constant are flipped.",
    ],
    parameters: [
      ParameterSpec(
        "threshold", .number(minimum: 0, maximum: 1, exclusive: false), default: .number(0.1),
        "latents with min(pi, 1-pi) below it are flipped")
    ],
    make: { UnbiasedGradientCombination(threshold: $0.number("threshold")) })
}

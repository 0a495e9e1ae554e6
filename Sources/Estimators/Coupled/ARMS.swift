import Discrete
import Foundation

/// ARMS: `n` antithetic Bernoulli draws from a Dirichlet copula.
///
/// `b_i = 1[u_i < pi]` for `pi < 1/2` and `1[1 - u_i < pi]` otherwise, `u` from the copula,
/// `rho = pi (1 - pi) / (pi - P(b_i = b_j = 1))`:
/// `g_psi = rho / (n - 1) sum_i (f_i - fbar) b_i`, returned as `(-g_psi, g_psi)`. Unbiased on every
/// cost; unchanged by a constant added to it; for `n = 2` it has the distribution of `disarm`.
/// Complexity: `O(n D)` beside `n` oracle values.
public struct ARMS: ProbingEstimator, ExactEstimator {
  public let samples: Int

  public init(samples: Int) { self.samples = min(max(samples, 2), 64) }

  private var copula: DirichletCopula { DirichletCopula(samples: samples) }

  public var plan: EvaluationPlan {
    EvaluationPlan(samples: 0, probes: ProbePlan(latentUniforms: samples, codes: samples))
  }

  public func probes(_ row: RowLogits, _ draws: RowDraws) -> Probes {
    let pi = row.onProbabilities()
    let latents = row.latents
    var points = [Int32](repeating: 0, count: draws.count * samples * latents)
    for draw in 0..<draws.count {
      for latent in 0..<latents {
        let from = (draw * latents + latent) * samples
        let coupled = copula.uniforms(draws.uniforms[from..<from + samples])
        let rare = min(pi[latent], 1 - pi[latent])
        for (sample, u) in coupled.enumerated() {
          points[(draw * samples + sample) * latents + latent] =
            (u < rare) == (pi[latent] < 0.5) ? 1 : 0
        }
      }
    }
    return Probes(codes: points)
  }
  public var traits: EstimatorTraits {
    EstimatorTraits(ignoredConstants: [.level], ragged: .refused(RaggedLayers.binaryAlone))
  }

  public func combine(_ row: RowLogits, _ draws: RowDraws, into estimates: inout [Double]) {
    let latents = row.latents
    let weights = weights(row.onProbabilities())
    for draw in 0..<draws.count {
      let values = draws.probes.codeValues[draw * samples..<(draw + 1) * samples]
      let mean = values.reduce(0, +) / Double(samples)
      for latent in 0..<latents {
        var g = 0.0
        for sample in draw * samples..<(draw + 1) * samples
        where draws.probes.codes[sample * latents + latent] == 1 {
          g += values[sample] - mean
        }
        g *= weights[latent]
        estimates[2 * (draw * latents + latent)] = -g
        estimates[2 * (draw * latents + latent) + 1] = g
      }
    }
  }

  /// `rho / (n - 1)` of every latent.
  private func weights(_ pi: [Double]) -> [Double] {
    pi.map { pi in
      // The pair's probability of the rarer value; for the other one pi - c_2 is the same.
      let rare = min(pi, 1 - pi)
      let parted = rare - copula.below(rare, count: 2)
      return parted > 0 ? rare * (1 - rare) / parted / Double(samples - 1) : 0
    }
  }

  /// Every pattern of bits of a latent, with uniforms that give it.
  public func uniformAtoms(_ row: RowLogits) -> UniformAtoms? {
    guard samples <= 8 else { return nil }
    return UniformAtoms(
      latents: row.onProbabilities().map { pi in
        let rare = min(pi, 1 - pi)
        return (0..<1 << samples).compactMap { pattern -> UniformAtom? in
          let chosen = (0..<samples).map { pattern & (1 << $0) != 0 }
          let inside = chosen.count { $0 }
          let weight = copula.pattern(rare, inside: inside, outside: samples - inside)
          guard weight > 1e-15 else { return nil }
          return UniformAtom(weight: weight, uniforms: copula.representative(below: chosen, rare))
        }
      })
  }

  /// The draws are exchangeable and each latent has a copula of its own: moments need the distributions of up
  /// to four of a latent's draws, for every `n`.
  public func exactMoments(_ row: RowLogits, _ jointCodes: RowJointCodes) -> ExactMoments? {
    guard hasExactMoments(on: jointCodes.shape) == true else { return nil }
    var moments = CoupledMoments(jointCodes, centred: true)
    let pi = row.onProbabilities()
    let weights = weights(pi)
    let n = Double(samples)
    moments.add(
      zip(pi, weights).map { single($0, weight: $1) }, count: n, same: true)
    moments.add(
      zip(pi, weights).map { pair($0, weight: $1) }, count: n * (n - 1), same: false)
    return moments.moments
  }

  public func hasExactMoments(on shape: LayerShape) -> Bool? {
    shape.categories == 2 && CoupledMoments.fits(shape, pairs: 2)
  }

  /// One draw with itself: `W = weight (s - S/n)` up to a sign, `s = 1[u < rare]`, `S` the sum of all `s`.
  private func single(_ pi: Double, weight: Double) -> CoupledPair {
    let rare = min(pi, 1 - pi)
    let n = Double(samples)
    var pair = CoupledPair(categories: 2)
    for s in 0...1 {
      func distribution(_ more: Int) -> Double {
        copula.pattern(rare, inside: s + more, outside: 1 - s)
      }
      // Sum of the other draws, and its square.
      let others = (n - 1) * distribution(1)
      let square = others + (n - 1) * (n - 2) * distribution(2)
      let own = Double(s) * (1 - 1 / n)
      set(
        &pair, pi, s, s, distribution: distribution(0),
        first: weight * (own * distribution(0) - others / n),
        second: weight * (own * distribution(0) - others / n),
        product: weight * weight
          * (own * own * distribution(0) - 2 * own * others / n + square / (n * n)))
    }
    return pair
  }

  /// Two different draws.
  private func pair(_ pi: Double, weight: Double) -> CoupledPair {
    let rare = min(pi, 1 - pi)
    let n = Double(samples)
    var pair = CoupledPair(categories: 2)
    for s in 0...1 {
      for t in 0...1 {
        func distribution(_ more: Int) -> Double {
          copula.pattern(rare, inside: s + t + more, outside: 2 - s - t)
        }
        let others = (n - 2) * distribution(1)
        let square = others + (n - 2) * (n - 3) * distribution(2)
        let one = Double(s) - Double(s + t) / n
        let two = Double(t) - Double(s + t) / n
        set(
          &pair, pi, s, t, distribution: distribution(0),
          first: weight * (one * distribution(0) - others / n),
          second: weight * (two * distribution(0) - others / n),
          product: weight * weight
            * (one * two * distribution(0) - (one + two) * others / n + square / (n * n)))
      }
    }
    return pair
  }

  /// From `s`, the rarer value, to categories: a gradient `g` is `(-g, g)`, or `(g, -g)` where "off" is rarer.
  private func set(
    _ pair: inout CoupledPair, _ pi: Double, _ s: Int, _ t: Int, distribution: Double,
    first: Double,
    second: Double, product: Double
  ) {
    let rareOn = pi < 0.5
    let place = 2 * (rareOn ? s : 1 - s) + (rareOn ? t : 1 - t)
    pair.distribution[place] = distribution
    for k in 0..<2 {
      let sign = (k == 1) == rareOn ? 1.0 : -1.0
      pair.first[4 * k + place] = sign * first
      pair.second[4 * k + place] = sign * second
      for l in 0..<2 {
        pair.product[4 * (2 * k + l) + place] = k == l ? product : -product
      }
    }
  }
}

extension EstimatorDescriptor {
  static let arms = EstimatorDescriptor(
    name: "arms", family: .coupled, domain: .binary, bias: .unbiased,
    summary: "Antithetic Bernoulli draws from a Dirichlet copula.",
    formula:
      "g_psi = rho/(n-1) sum_i (f_i - fbar) (b_i - pi), rho = pi(1-pi)/(pi - P(b_i = b_j = 1))",
    exactOn: "every cost", cost: "n values", source: "Dimitriev and Zhou, arXiv 2105.14141",
    traps: [
      "The published code adds 1e-6 to the denominator, a small bias where pi is near 0 or 1; here it is exact.",
      "The copula must be mirrored for pi above 1/2, else pi - P(b_i = b_j = 1) vanishes as pi nears 1.",
    ],
    parameters: [
      ParameterSpec("samples", .integer(2...64), default: .integer(4), "coupled draws, n")
    ],
    make: { ARMS(samples: $0.integer("samples")) })
}

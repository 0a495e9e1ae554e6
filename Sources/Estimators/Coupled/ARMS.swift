import Discrete
import Foundation

/// ARMS: `n` antithetic Bernoulli draws from a Dirichlet copula.
///
/// `b_i = 1[u_i < pi]` for `pi < 1/2` and `1[1 - u_i < pi]` otherwise, `u` from the copula,
/// `rho = pi (1 - pi) / (pi - P(b_i = b_j = 1))`:
/// `g_psi = rho / (n - 1) sum_i (f_i - fbar) b_i`, returned as `(-g_psi, g_psi)`. Unbiased on every
/// cost; unchanged by a constant added to it; for `n = 2` it has the law of `disarm`.
/// Complexity: `O(n D)` beside `n` oracle values.
public struct ARMS: GradientEstimator {
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

  public func combine(_ row: RowLogits, _ draws: RowDraws, into estimates: inout [Double]) {
    let latents = row.latents
    let weights = row.onProbabilities().map { pi -> Double in
      // The pair's probability of the rarer value; for the other one pi - c_2 is the same.
      let rare = min(pi, 1 - pi)
      let parted = rare - copula.below(rare, count: 2)
      return parted > 0 ? rare * (1 - rare) / parted / Double(samples - 1) : 0
    }
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

  /// Every pattern of bits of a latent, with uniforms that give it.
  public func uniformAtoms(_ row: RowLogits) -> UniformAtoms? {
    guard samples <= 8 else { return nil }
    return UniformAtoms(
      latents: row.onProbabilities().map { pi in
        let rare = min(pi, 1 - pi)
        return (0..<1 << samples).compactMap { pattern -> UniformAtom? in
          let chosen = (0..<samples).map { pattern & (1 << $0) != 0 }
          let inside = chosen.count { $0 }
          // Inclusion and exclusion over the draws that stay above.
          var weight = 0.0
          var binomial = 1.0
          for extra in 0...samples - inside {
            weight += binomial * copula.below(rare, count: inside + extra)
            binomial *= -Double(samples - inside - extra) / Double(extra + 1)
          }
          guard weight > 1e-15 else { return nil }
          return UniformAtom(weight: weight, uniforms: copula.representative(below: chosen, rare))
        }
      })
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

import Discrete
import Foundation

/// DisARM, also known as U2G: an antithetic pair of Bernoulli draws, with the uniform integrated
/// out.
///
/// `psi = phi_1 - phi_0`, `pi = sigmoid(psi)`, `b = 1[u > 1 - pi]`, `b' = 1[u < pi]` with the same
/// `u ~ U(0, 1)` in every latent: `g_psi = (1/2) (f(b) - f(b')) (b - b') max(pi, 1 - pi)`, returned
/// as `(-g_psi, g_psi)`. Unbiased on every cost. Complexity: `O(D)` beside two oracle values.
public struct DisARM: LatentwiseEstimator {
  public init() {}

  public var plan: EvaluationPlan {
    EvaluationPlan(samples: 0, probes: ProbePlan(latentUniforms: 1, codes: 2))
  }

  public func probes(_ row: RowLogits, _ draws: RowDraws) -> Probes {
    let pi = row.onProbabilities()
    var codes: [Int32] = []
    codes.reserveCapacity(2 * draws.uniforms.count)
    for draw in 0..<draws.count {
      let u = draws.uniforms[draw * row.latents..<(draw + 1) * row.latents]
      codes += zip(u, pi).map { $0 > 1 - $1 ? 1 : 0 }
      codes += zip(u, pi).map { $0 < $1 ? 1 : 0 }
    }
    return Probes(codes: codes)
  }
  public var traits: EstimatorTraits {
    EstimatorTraits(ignoredConstants: [.level], ragged: .refused(RaggedLayers.binaryAlone))
  }

  public func combine(_ row: RowLogits, _ draws: RowDraws, into estimates: inout [Double]) {
    let pi = row.onProbabilities()
    let latents = row.latents
    for draw in 0..<draws.count {
      let difference = draws.probes.codeValues[2 * draw] - draws.probes.codeValues[2 * draw + 1]
      for latent in 0..<latents {
        let first = draws.probes.codes[2 * draw * latents + latent]
        let second = draws.probes.codes[(2 * draw + 1) * latents + latent]
        let weight = max(pi[latent], 1 - pi[latent])
        let g = 0.5 * difference * Double(first - second) * weight
        estimates[2 * (draw * latents + latent)] = -g
        estimates[2 * (draw * latents + latent) + 1] = g
      }
    }
  }

  /// The pair changes at `pi` and `1 - pi` only.
  public func uniformAtoms(_ row: RowLogits) -> UniformAtoms? {
    UniformAtoms(
      latents: row.onProbabilities().map { UniformAtom.pieces(cuts: [$0, 1 - $0], nodes: 1) })
  }
}

extension EstimatorDescriptor {
  static let disARM = EstimatorDescriptor(
    name: "disarm", family: .coupled, domain: .binary, bias: .unbiased,
    summary: "Antithetic pair of Bernoulli draws with the uniform integrated out (U2G).",
    formula: "g_psi = (1/2) (f(b) - f(b')) (b - b') max(pi, 1-pi), b, b' antithetic",
    exactOn: "every cost", cost: "2 values",
    source: "Dong, Mnih and Tucker, arXiv 2006.10680; Yin et al., arXiv 2006.06448",
    make: { _ in DisARM() })
}

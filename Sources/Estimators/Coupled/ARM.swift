import Discrete

/// ARM: an antithetic pair of Bernoulli draws, weighted by the uniform they share.
///
/// `b = 1[u > 1 - pi]`, `b' = 1[u < pi]` with the same `u ~ U(0, 1)` in every latent:
/// `g_psi = (f(b) - f(b')) (u - 1/2)`, returned as `(-g_psi, g_psi)`. Unbiased on every cost; `disarm` is
/// its mean given the pair. Complexity: `O(D)` beside two oracle values.
public struct ARM: LatentwiseEstimator {
  public init() {}

  public var plan: EvaluationPlan { DisARM().plan }

  public func probes(_ row: RowLogits, _ draws: RowDraws) -> Probes { DisARM().probes(row, draws) }
  public var traits: EstimatorTraits {
    EstimatorTraits(ignoredConstants: [.level], ragged: .refused(RaggedLayers.binaryAlone))
  }

  public func combine(_ row: RowLogits, _ draws: RowDraws, into estimates: inout [Double]) {
    for draw in 0..<draws.count {
      let difference = draws.probes.codeValues[2 * draw] - draws.probes.codeValues[2 * draw + 1]
      for index in draw * row.latents..<(draw + 1) * row.latents {
        let g = difference * (draws.uniforms[index] - 0.5)
        estimates[2 * index] = -g
        estimates[2 * index + 1] = g
      }
    }
  }

  /// Linear in the uniform between the places where the pair changes.
  public func uniformAtoms(_ row: RowLogits) -> UniformAtoms? {
    UniformAtoms(
      latents: row.onProbabilities().map { UniformAtom.pieces(cuts: [$0, 1 - $0], nodes: 2) })
  }
}

extension EstimatorDescriptor {
  static let arm = EstimatorDescriptor(
    name: "arm", family: .coupled, domain: .binary, bias: .unbiased,
    summary: "Antithetic pair of Bernoulli draws, weighted by their common uniform.",
    formula: "g_psi = (f(b) - f(b')) (u - 1/2), b = 1[u > 1-pi], b' = 1[u < pi]",
    exactOn: "every cost", cost: "2 values", source: "Yin and Zhou, arXiv 1807.11143",
    traps: ["'disarm' has the same mean and cost and never more variance."],
    make: { _ in ARM() })
}

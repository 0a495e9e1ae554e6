import Discrete

/// One latent summed out, chosen at random (bitflip-1): `g[d] = D J(p_d) F_d` for one uniform `d`,
/// 0 elsewhere, `F_dk = f(z[d <- k])`, `z ~ Cat(p)`.
///
/// Unbiased on every cost; unchanged by a constant added to it. Complexity: `O(D + K)` beside `K`
/// oracle values.
public struct Bitflip: ProbingEstimator {
  public init() {}

  public var plan: EvaluationPlan {
    EvaluationPlan(values: true, probes: ProbePlan(sharedUniforms: 1))
  }

  public func plan(for shape: LayerShape) -> EvaluationPlan {
    var plan = plan
    plan.probes?.codes = shape.categories - 1
    return plan
  }

  public func probes(_ row: RowLogits, _ draws: RowDraws) -> Probes {
    var points: [Int32] = []
    for draw in 0..<draws.count {
      let chosen = latent(draws.uniforms[draw], row)
      let first = draw * row.latents
      let own = draws.codes[0][first + chosen]
      let size = row.categories(of: chosen)
      for category in 0..<Int32(size) where category != own {
        points.append(contentsOf: draws.codes[0][first..<first + row.latents])
        points[points.count - row.latents + chosen] = category
      }
      // Of a latent with fewer categories than others the rest are the draw itself, unused.
      for _ in size..<row.categories {
        points.append(contentsOf: draws.codes[0][first..<first + row.latents])
      }
    }
    return Probes(codes: points)
  }
  public var traits: EstimatorTraits {
    EstimatorTraits(ignoredConstants: [.level], ragged: .served)
  }

  public func combine(_ row: RowLogits, _ draws: RowDraws, into estimates: inout [Double]) {
    clear(&estimates)
    let distribution = row.probabilities()
    let categories = row.categories
    for draw in 0..<draws.count {
      let chosen = latent(draws.uniforms[draw], row)
      let own = Int(draws.codes[0][draw * row.latents + chosen])
      let value = draws.values[0][draw]
      // Costs relative to the draw's own, which cancels.
      let differences = (0..<row.categories(of: chosen)).map { k -> Double in
        k == own
          ? 0 : draws.probes.codeValues[draw * (categories - 1) + (k < own ? k : k - 1)] - value
      }
      var mean = 0.0
      for k in differences.indices {
        mean += distribution[chosen * categories + k] * differences[k]
      }
      for k in differences.indices {
        estimates[draw * distribution.count + chosen * categories + k] =
          Double(row.latents) * distribution[chosen * categories + k] * (differences[k] - mean)
      }
    }
  }

  public func uniformAtoms(_ row: RowLogits) -> UniformAtoms? {
    var atoms = UniformAtoms.none(latents: row.latents)
    atoms.shared = (0..<row.latents).map {
      UniformAtom(
        weight: 1 / Double(row.latents),
        uniforms: [(Double($0) + 0.5) / Double(row.latents)])
    }
    return atoms
  }

  private func latent(_ uniform: Double, _ row: RowLogits) -> Int {
    min(Int(uniform * Double(row.latents)), row.latents - 1)
  }
}

extension EstimatorDescriptor {
  static let bitflip = EstimatorDescriptor(
    name: "bitflip-1", family: .scoreFunction, bias: .unbiased,
    summary: "One latent, chosen at random, summed out with the others sampled.",
    formula: "g[d] = D J(p_d) F_d for one uniform d, 0 elsewhere; F_dk = f(z[d<-k]), z ~ Cat(p)",
    exactOn: "every cost", cost: "K values", source: "arXiv 2208.06124",
    traps: [
      "The factor D is part of the estimate: without it the mean is g*/D.",
      "Unverified: the form for more than two categories is the natural extension of the binary one.",
    ],
    make: { _ in Bitflip() })
}

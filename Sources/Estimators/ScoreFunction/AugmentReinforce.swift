import Discrete
import Foundation

/// Augment-REINFORCE (AR): the score of the noise instead of that of the draw.
///
/// `w ~ Dirichlet(1_K)` per latent, `x = argmin_i w_i e^(-phi_i)`, which has the distribution `Cat(p)`:
/// `g_k = f(z) (1 - K w_k)`. Unbiased on every cost. Complexity: `O(D K)` beside one oracle value.
public struct AugmentReinforce: ProbingEstimator, ExactEstimator {
  public init() {}

  public var plan: EvaluationPlan {
    EvaluationPlan(samples: 0, probes: ProbePlan(latentUniforms: 1, codes: 1))
  }

  public func plan(for shape: LayerShape) -> EvaluationPlan {
    var plan = plan
    plan.probes?.latentUniforms = shape.categories
    return plan
  }

  public func probes(_ row: RowLogits, _ draws: RowDraws) -> Probes {
    var points: [Int32] = []
    points.reserveCapacity(draws.count * row.latents)
    let width = row.values.count
    for base in stride(from: 0, to: draws.count * width, by: row.categories) {
      var best = 0
      var least = Double.infinity
      for i in 0..<row.categories {
        let value = log(-log(draws.uniforms[base + i])) - row.values[base % width + i]
        if value < least { (best, least) = (i, value) }
      }
      points.append(Int32(best))
    }
    return Probes(codes: points)
  }
  public var traits: EstimatorTraits {
    EstimatorTraits(ignoredConstants: [.levelOfMean], ragged: .servedByLatent)
  }

  public func combine(_ row: RowLogits, _ draws: RowDraws, into estimates: inout [Double]) {
    let categories = row.categories
    for draw in 0..<draws.count {
      for latent in 0..<row.latents {
        let base = (draw * row.latents + latent) * categories
        let exponentials = draws.uniforms[base..<base + categories].map { -log($0) }
        let sum = exponentials.reduce(0, +)
        for k in 0..<categories {
          estimates[base + k] =
            draws.probes.codeValues[draw] * (1 - Double(categories) * exponentials[k] / sum)
        }
      }
    }
  }

  /// For two categories the noise is one uniform, in which the estimate is linear between cuts.
  public func uniformAtoms(_ row: RowLogits) -> UniformAtoms? {
    guard row.categories == 2 else { return nil }
    return UniformAtoms(
      latents: row.onProbabilities().map { pi in
        UniformAtom.pieces(cuts: [1 - pi], nodes: 2).map {
          UniformAtom(weight: $0.weight, uniforms: [exp(-$0.uniforms[0]), exp($0.uniforms[0] - 1)])
        }
      })
  }

  public func exactMoments(_ row: RowLogits, _ jointCodes: RowJointCodes) -> ExactMoments? {
    guard hasExactMoments(on: jointCodes.shape) == true else { return nil }
    let size = row.categories
    let factors = (0..<size * size).map { $0 % (size + 1) == 0 ? 1.0 : 0 }
    return SwappedNoise.moments(
      row, jointCodes, groups: [(1, [((0, 0), factors)])], centred: false)
  }

  public func hasExactMoments(on shape: LayerShape) -> Bool? {
    CoupledMoments.fits(shape, pairs: 1)
  }
}

extension EstimatorDescriptor {
  static let augmentReinforce = EstimatorDescriptor(
    name: "augment-reinforce", family: .scoreFunction, bias: .unbiased,
    summary: "The score of Dirichlet noise instead of that of the draw (AR).",
    formula: "g_k = f(z) (1 - K w_k), w ~ Dirichlet(1), z = argmin_i w_i exp(-phi_i)",
    exactOn: "every cost", cost: "1 value", source: "Yin and Zhou, arXiv 1807.11143",
    traps: ["More variance than 'reinforce', whose estimate is its mean given the draw."],
    invariants: EstimatorInvariants(costShift: false),
    make: { _ in AugmentReinforce() })
}

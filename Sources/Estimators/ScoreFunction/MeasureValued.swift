import Discrete
import Foundation

/// Measure-valued derivative: each partial derivative as a difference of two costs.
///
/// `g[d, k] = p_dk (1 - p_dk) (f(z[d <- k]) - f(z[d <- y]))`, `z ~ Cat(p)`, `y ~ p_d` given `y != k`.
/// One uniform per latent draws all `y` of that latent by inversion. Unbiased on every cost; its
/// mean over `y` is `leg`. Complexity: `O(D K^2)` beside `1 + D (K - 1)` oracle values: the points of
/// all differences are neighbours of `z`.
public struct MeasureValued: ProbingEstimator, ExactEstimator {
  public init() {}

  public var plan: EvaluationPlan {
    EvaluationPlan(values: true, probes: ProbePlan(latentUniforms: 1))
  }

  public func plan(for shape: LayerShape) -> EvaluationPlan {
    var plan = plan
    plan.probes?.codes = Neighbours(shape).count
    return plan
  }

  public func probes(_ row: RowLogits, _ draws: RowDraws) -> Probes {
    Neighbours(row).probes(of: draws.codes[0], count: draws.count)
  }
  public var traits: EstimatorTraits {
    EstimatorTraits(ignoredConstants: [.level], ragged: .served)
  }

  /// A distribution function for every category of every latent.
  public func tableNumbers(on shape: LayerShape) -> Double {
    Double(shape.width) * Double(shape.categories)
  }

  public func combine(_ row: RowLogits, _ draws: RowDraws, into estimates: inout [Double]) {
    let neighbours = Neighbours(row)
    let distribution = row.probabilities()
    let others = negativeParts(row, distribution)
    for draw in 0..<draws.count {
      let costs = neighbours.costs(
        draws.values[0][draw], draws.codes[0], at: draw * row.latents,
        neighbours: draws.probes.codeValues, at: draw * neighbours.count)
      for latent in 0..<row.latents {
        let vector = estimate(
          latent, row.categories, distribution, others, costs: costs[...],
          uniform: draws.uniforms[draw * row.latents + latent])
        for (k, value) in vector.enumerated() {
          estimates[draw * distribution.count + latent * row.categories + k] = value
        }
      }
    }
  }

  public func uniformAtoms(_ row: RowLogits) -> UniformAtoms? {
    // A piece for every category of every negative part; `exactMoments` has a vector for each.
    let pieces = row.categories * row.categories
    guard UniformAtoms.fit(row, perLatent: pieces, each: row.categories) else { return nil }
    let others = negativeParts(row, row.probabilities())
    return UniformAtoms(
      latents: (0..<row.latents).map { latent in
        UniformAtom.pieces(
          cuts: others[latent * row.categories..<(latent + 1) * row.categories]
            .flatMap(\.cumulative), nodes: 1)
      })
  }

  /// Given the draw, the latents' uniforms are independent: the covariance is that of `leg` plus the
  /// mean covariance within each latent.
  public func exactMoments(_ row: RowLogits, _ jointCodes: RowJointCodes) throws -> ExactMoments? {
    guard let atoms = uniformAtoms(row)?.latents else { return nil }
    let distribution = row.probabilities()
    let others = negativeParts(row, distribution)
    let costs = jointCodes.neighbourCosts()
    let categories = row.categories
    var means = [Double](repeating: 0, count: costs.count)
    var within = [Double](repeating: 0, count: jointCodes.width * jointCodes.width)
    for jointCode in 0..<jointCodes.count {
      for latent in 0..<row.latents {
        let from = latent * categories
        let base = jointCode * jointCodes.width + from
        let vectors = atoms[latent].map {
          estimate(
            latent, categories, distribution, others,
            costs: costs[jointCode * jointCodes.width..<(jointCode + 1) * jointCodes.width],
            uniform: $0.uniforms[0])
        }
        for (atom, vector) in zip(atoms[latent], vectors) {
          for k in 0..<categories { means[base + k] += atom.weight * vector[k] }
        }
        for (atom, vector) in zip(atoms[latent], vectors) {
          let weight = jointCodes.weights[jointCode] * atom.weight
          for i in 0..<categories {
            for j in 0..<categories {
              within[(from + i) * jointCodes.width + from + j] +=
                weight * (vector[i] - means[base + i]) * (vector[j] - means[base + j])
            }
          }
        }
      }
    }
    var moments = RowMoments(weights: jointCodes.weights, vectors: means, width: jointCodes.width)
    for index in within.indices { moments.covariance[index] += within[index] }
    return ExactMoments(moments)
  }

  /// The distribution of `y != k` for every latent and `k`, `[D][K]`.
  private func negativeParts(_ row: RowLogits, _ distribution: [Double]) -> [DistributionFunction] {
    (0..<row.latents).flatMap { latent in
      (0..<row.categories).map { k in
        // Logits without the maximum of the others: no underflow where p_k is almost 1.
        let from = latent * row.categories
        let logits = row.values[from..<from + row.categories]
        var top = -Double.infinity
        for (index, value) in logits.enumerated() where index != k { top = max(top, value) }
        return DistributionFunction(
          logits.enumerated().map { $0 == k ? 0 : exp($1 - top) })
      }
    }
  }

  private func estimate(
    _ latent: Int, _ categories: Int, _ distribution: [Double], _ others: [DistributionFunction],
    costs: ArraySlice<Double>, uniform: Double
  ) -> [Double] {
    let from = latent * categories
    let start = costs.startIndex + from
    return (0..<categories).map { k in
      let p = distribution[from + k]
      let y = others[from + k].outcome(uniform)
      var rest = 0.0
      for j in 0..<categories where j != k { rest += distribution[from + j] }
      return p * rest * (costs[start + k] - costs[start + y])
    }
  }
}

extension EstimatorDescriptor {
  static let measureValued = EstimatorDescriptor(
    name: "mvd", family: .scoreFunction, bias: .unbiased,
    summary: "Measure-valued derivative: a difference of two costs per coordinate.",
    formula: "g[d,k] = p_dk (1 - p_dk) (f(z[d<-k]) - f(z[d<-y])), y ~ p_d given y != k",
    exactOn: "every cost", cost: "1 + D (K - 1) values",
    source: "Mohamed et al., arXiv 1906.10652",
    traps: [
      "The estimate of a latent sums to 0 over its categories in mean only.",
      "One uniform per latent draws the negative parts of all its coordinates.",
    ],
    invariants: EstimatorInvariants(sumsToZero: false),
    make: { _ in MeasureValued() })
}

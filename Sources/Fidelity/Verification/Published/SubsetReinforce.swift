import Discrete
import Foundation

/// Score function without a baseline for `k`-subsets of binary latents: `g_psi = f(S) (1_S - mu)`, returned as
/// `(-g_psi, g_psi)`; `mu` are the marginals of `P(S) = exp(sum psi) / e_k`.
///
/// Unbiased where `S` is drawn from that distribution. Drawn by Gumbel top-k, which is another distribution (the first `k` of
/// a race: draws without replacement one after the other), the same score is biased.
/// Complexity: `O(D k)` per estimate beside one oracle value.
struct SubsetReinforce: ProbingEstimator, ExactEstimator {
  enum Draws { case subsetDistribution, gumbelTopK }

  let size: Int
  let draws: Draws

  var plan: EvaluationPlan {
    EvaluationPlan(samples: 0, probes: ProbePlan(latentUniforms: 1, codes: 1))
  }

  func probes(_ row: RowLogits, _ draws: RowDraws) -> Probes {
    let logOdds = Self.logOdds(row)
    let distribution = SubsetDistribution(logOdds: logOdds, size: size)
    return Probes(
      codes: (0..<draws.count).flatMap { draw -> [Int32] in
        let uniforms = draws.uniforms[draw * row.latents..<(draw + 1) * row.latents]
        switch self.draws {
        case .subsetDistribution: return distribution.subset(uniforms: uniforms)
        case .gumbelTopK: return topK(logOdds, uniforms)
        }
      })
  }

  private func topK(_ logOdds: [Double], _ uniforms: ArraySlice<Double>) -> [Int32] {
    let perturbed = zip(logOdds, uniforms).map { $0 - log(-log($1)) }
    var bits = [Int32](repeating: 0, count: logOdds.count)
    let order = perturbed.indices.sorted { (perturbed[$0], $1) > (perturbed[$1], $0) }
    for bit in order.prefix(size) { bits[bit] = 1 }
    return bits
  }

  func combine(_ row: RowLogits, _ draws: RowDraws, into estimates: inout [Double]) {
    let marginals = SubsetDistribution(logOdds: Self.logOdds(row), size: size).marginals()
    for draw in 0..<draws.count {
      let bits = draws.probes.codes[draw * row.latents..<(draw + 1) * row.latents]
      estimate(
        draws.probes.codeValues[draw], bits, marginals, at: 2 * draw * row.latents, &estimates)
    }
  }

  /// Sums over the joint codes with `k` latents on. Nil for top-k draws, whose distribution has no such table.
  func exactMoments(_ row: RowLogits, _ jointCodes: RowJointCodes) throws -> ExactMoments? {
    guard draws == .subsetDistribution else { return nil }
    let distribution = SubsetDistribution(logOdds: Self.logOdds(row), size: size)
    let marginals = distribution.marginals()
    var vectors = [Double](repeating: 0, count: jointCodes.count * jointCodes.width)
    let weights = (0..<jointCodes.count).map { jointCode -> Double in
      let bits = jointCodes.codes[jointCode * row.latents..<(jointCode + 1) * row.latents]
      let weight = distribution.probability(bits)
      if weight > 0 {
        estimate(
          jointCodes.values[jointCode], bits, marginals, at: jointCode * jointCodes.width, &vectors)
      }
      return weight
    }
    return ExactMoments(RowMoments(weights: weights, vectors: vectors, width: jointCodes.width))
  }

  func hasExactMoments(on shape: LayerShape) -> Bool? {
    draws == .subsetDistribution && shape.categories == 2
  }

  /// Uniforms are ranked, not integrated.
  func uniformAtoms(_ row: RowLogits) -> UniformAtoms? { nil }

  private func estimate(
    _ cost: Double, _ bits: ArraySlice<Int32>, _ marginals: [Double], at base: Int,
    _ estimates: inout [Double]
  ) {
    for (latent, bit) in bits.enumerated() {
      let g = cost * (Double(bit) - marginals[latent])
      estimates[base + 2 * latent] = -g
      estimates[base + 2 * latent + 1] = g
    }
  }

  private static func logOdds(_ row: RowLogits) -> [Double] {
    (0..<row.latents).map { row.values[2 * $0 + 1] - row.values[2 * $0] }
  }

  static let sizeSpec = ParameterSpec("k", .integer(1...64), "latents that are on")
}

import Discrete
import Foundation

/// Score function without a baseline for `k`-subsets of binary latents: `g_psi = f(S) (1_S - mu)`, returned as
/// `(-g_psi, g_psi)`; `mu` are the marginals of `P(S) = exp(sum psi) / e_k`.
///
/// Unbiased where `S` is drawn from that law. Drawn by Gumbel top-k, which is another law (the first `k` of
/// a race: draws without replacement one after the other), the same score is biased.
/// Complexity: `O(D k)` per estimate beside one oracle value.
struct SubsetReinforce: ProbingEstimator, ExactEstimator {
  enum Draws { case subsetLaw, gumbelTopK }

  let size: Int
  let draws: Draws

  var plan: EvaluationPlan {
    EvaluationPlan(samples: 0, probes: ProbePlan(latentUniforms: 1, codes: 1))
  }

  func probes(_ row: RowLogits, _ draws: RowDraws) -> Probes {
    let logOdds = Self.logOdds(row)
    let law = SubsetLaw(logOdds: logOdds, size: size)
    return Probes(
      codes: (0..<draws.count).flatMap { draw -> [Int32] in
        let uniforms = draws.uniforms[draw * row.latents..<(draw + 1) * row.latents]
        switch self.draws {
        case .subsetLaw: return law.subset(uniforms: uniforms)
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
    let marginals = SubsetLaw(logOdds: Self.logOdds(row), size: size).marginals()
    for draw in 0..<draws.count {
      let bits = draws.probes.codes[draw * row.latents..<(draw + 1) * row.latents]
      estimate(
        draws.probes.codeValues[draw], bits, marginals, at: 2 * draw * row.latents, &estimates)
    }
  }

  /// Sums over the joint states with `k` latents on. Nil for top-k draws, whose law has no such table.
  func exactMoments(_ row: RowLogits, _ states: RowStates) throws -> ExactMoments? {
    guard draws == .subsetLaw else { return nil }
    let law = SubsetLaw(logOdds: Self.logOdds(row), size: size)
    let marginals = law.marginals()
    var vectors = [Double](repeating: 0, count: states.count * states.width)
    let weights = (0..<states.count).map { state -> Double in
      let bits = states.codes[state * row.latents..<(state + 1) * row.latents]
      let weight = law.probability(bits)
      if weight > 0 {
        estimate(states.values[state], bits, marginals, at: state * states.width, &vectors)
      }
      return weight
    }
    return ExactMoments(RowMoments(weights: weights, vectors: vectors, width: states.width))
  }

  func hasExactMoments(on shape: LayerShape) -> Bool? {
    draws == .subsetLaw && shape.categories == 2
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

import Foundation
import Tensors
import Testing

/// The distribution of `r_i = exp(z_i - z_x)` given the winner, on which `SoftmaxMoments` rests.
@Suite struct ConditionalGumbelTests {
  private let distribution = [0.5, 0.2, 0.3]
  private let draws = 60_000

  private func ratios(winner: Int) -> [Double] {
    let exponentials = RandomStream(key: RandomKey(seed: 77), row: winner, site: 0)
      .exponentials(from: 0, count: draws * 3)
    let perturbed = CategoricalSampler.conditionalPerturbed(
      logProbabilities: distribution.map { log($0) },
      codes: [Int32](repeating: Int32(winner), count: draws),
      exponentials: exponentials, latents: 1, categories: 3)
    return perturbed.indices.map { exp(perturbed[$0] - perturbed[$0 / 3 * 3 + winner]) }
  }

  /// `P(r_i <= y) = P(E_i/(p_i E_x) >= (1 - y)/y) = y / (y + p_i (1 - y))`.
  /// |z| < 4.5 for 24 scores: false alarm 1.6e-4.
  @Test(arguments: 0..<3)
  func marginalDistribution(winner: Int) {
    let ratios = ratios(winner: winner)
    for i in 0..<3 where i != winner {
      for y in [0.1, 0.4, 0.8, 0.95] {
        let expected = y / (y + distribution[i] * (1 - y))
        let hits = (0..<draws).filter { ratios[$0 * 3 + i] <= y }.count
        let error = (expected * (1 - expected) / Double(draws)).squareRoot()
        #expect(abs(Double(hits) / Double(draws) - expected) < 4.5 * error)
      }
    }
  }

  /// Both below `y`: `P(E_i >= p_i a E_x for both) = 1 / (1 + a (p_i + p_j))`, `a = (1 - y)/y`.
  /// |z| < 4.5 for 9 scores: false alarm 6e-5.
  @Test(arguments: 0..<3)
  func jointDistribution(winner: Int) {
    let ratios = ratios(winner: winner)
    for y in [0.2, 0.5, 0.9] {
      let expected = 1 / (1 + (1 - y) / y * (1 - distribution[winner]))
      let hits = (0..<draws).filter { draw in
        (0..<3).allSatisfy { $0 == winner || ratios[draw * 3 + $0] <= y }
      }.count
      let error = (expected * (1 - expected) / Double(draws)).squareRoot()
      #expect(abs(Double(hits) / Double(draws) - expected) < 4.5 * error)
    }
  }
}

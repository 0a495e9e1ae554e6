import Foundation
import Tensors
import Testing

@Suite struct ConditionalPerturbedTests {
  private let key = RandomKey(seed: 41)

  private func normalised(_ logits: [Double]) -> [Double] {
    var values = logits
    VectorMath.logSoftmax(&values, categories: logits.count)
    return values
  }

  /// Against rejection: unconditional draws of logp + Gumbel, kept when `x` wins.
  /// |z| < 4.5 for 24 scores: false alarm 1.6e-4 in all; the keys are fixed.
  @Test(arguments: [0, 1, 2])
  func distributionIsThatOfRejection(code: Int) {
    let categories = 3
    let logProbabilities = normalised([0.3, -0.9, 1.1])
    let draws = 200_000
    let gumbels = RandomStream(key: key, row: 0, site: code)
      .gumbels(from: 0, count: draws * categories)
    var kept = [[Double]](repeating: [], count: categories)
    for draw in 0..<draws {
      let z = (0..<categories).map {
        logProbabilities[$0] + Double(gumbels[draw * categories + $0])
      }
      if CategoricalSampler.argmax(z, categories: categories) == [Int32(code)] {
        for i in 0..<categories { kept[i].append(z[i]) }
      }
    }
    let exponentials = RandomStream(key: key, row: 1, site: code)
      .exponentials(from: 0, count: draws * categories)
    let drawn = CategoricalSampler.conditionalPerturbed(
      logProbabilities: logProbabilities, codes: [Int32](repeating: Int32(code), count: draws),
      exponentials: exponentials, latents: 1, categories: categories)
    for i in 0..<categories {
      let column = SampleMoments(stride(from: i, to: drawn.count, by: categories).map { drawn[$0] })
      for z in column.scores(against: SampleMoments(kept[i])) { #expect(abs(z) < 4.5) }
    }
  }

  /// The kernel against the formula, with latents that do and do not fill whole chunks.
  @Test(arguments: [1, 2, 5, 70], [1, 2, 3, 10, 300])
  func valuesMatchTheFormula(latents: Int, categories: Int) {
    let draws = 9
    let stream = RandomStream(key: key, row: latents, site: categories)
    var logProbabilities = stream.normals(from: 0, count: latents * categories).map {
      5 * Double($0)
    }
    VectorMath.logSoftmax(&logProbabilities, categories: categories)
    let codes = stream.words(from: 1 << 20, count: draws * latents)
      .map { Int32($0 % UInt32(categories)) }
    let e = stream.exponentials(from: 1 << 30, count: draws * latents * categories)
    let z = CategoricalSampler.conditionalPerturbed(
      logProbabilities: logProbabilities, codes: codes, exponentials: e, latents: latents,
      categories: categories)
    #expect(CategoricalSampler.argmax(z, categories: categories) == codes)
    for row in codes.indices {
      let winner = Double(e[row * categories + Int(codes[row])])
      for i in 0..<categories {
        let p = exp(logProbabilities[row % latents * categories + i])
        let loser = -log(Double(e[row * categories + i]) / p + winner)
        let expected = i == Int(codes[row]) ? -log(winner) : loser
        #expect(abs(z[row * categories + i] - expected) < 1e-13 * max(1, abs(expected)))
      }
    }
  }

  @Test func extremeProbabilitiesKeepTheWinner() {
    let draws = 3000
    let logProbabilities: [Double] = [-700, 0, -30, -.infinity, -745]
    let stream = RandomStream(key: key, row: 7, site: 7)
    let codes = stream.words(from: 0, count: draws).map { Int32($0 % 3) }
    let z = CategoricalSampler.conditionalPerturbed(
      logProbabilities: logProbabilities, codes: codes,
      exponentials: stream.exponentials(from: 1 << 20, count: draws * 5), latents: 1, categories: 5)
    #expect(CategoricalSampler.argmax(z, categories: 5) == codes)
    #expect(z.allSatisfy { !$0.isNaN })
    for row in 0..<draws {
      #expect(z[row * 5 + 3] == -.infinity)
      if codes[row] != 0 { #expect(z[row * 5] < -690) }
      #expect(z[row * 5 + Int(codes[row])] > -3)
    }
  }

  /// Losers that round to the winner's value end one unit in the last place below it.
  @Test(arguments: [Float(10), 3, 0.1])
  func tiesAreNudged(winner: Float) {
    let z = CategoricalSampler.conditionalPerturbed(
      logProbabilities: [-40, 0], codes: [0], exponentials: [winner, 1e-30], latents: 1,
      categories: 2)
    #expect(z[1] == z[0].nextDown)
  }
}

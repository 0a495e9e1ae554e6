import Discrete
import Foundation
import Tensors
import Testing

/// The quadrature against draws: `CategoricalSampler.conditionalPerturbed` given the winner, and
/// plain Gumbel noise without one.
@Suite struct SoftmaxMomentsSamplingTests {
  private static let draws = 40_000
  /// At most 2,900 scores in all; |z| < 5 for each: false alarm about 2e-3 for normal scores. The
  /// keys are fixed and the draws are the same on every machine.
  private static let threshold = 5.0

  private static let cases: [(distribution: [Double], offsets: [Double])] = [
    ([0.35, 0.65], [0, 0]), ([0.35, 0.65], [0.6, -0.4]), ([0.2, 0.5, 0.3], [0, 0.5, -1]),
    ([0.15, 0.4, 0.25, 0.2], [0, 0, 0, 0]), ([0.15, 0.4, 0.25, 0.2], [0.3, -0.2, 0.5, 0]),
    ([0.3, 0.1, 0.2, 0.15, 0.25], [0.2, 0.4, -0.3, 0, -0.1]),
  ]

  @Test(arguments: cases.indices, [1, 0.5, 2, 10])
  func conditionalMoments(index: Int, exponent: Double) {
    let (distribution, offsets) = Self.cases[index]
    let size = distribution.count
    for winner in [0, size - 1] {
      let exponentials = RandomStream(
        key: RandomKey(seed: 90).derived("conditional"), row: index, site: winner
      ).exponentials(from: 0, count: Self.draws * size)
      let perturbed = CategoricalSampler.conditionalPerturbed(
        logProbabilities: distribution.map { log($0) },
        codes: [Int32](repeating: Int32(winner), count: Self.draws), exponentials: exponentials,
        latents: 1, categories: size)
      var scaled = perturbed.map { exponent * $0 }
      for position in scaled.indices { scaled[position] += offsets[position % size] }
      let moments = SoftmaxMoments.conditional(
        logProbabilities: distribution.map { log($0) }, winner: winner, logOffsets: offsets,
        exponent: exponent, step: 0.2)
      expectAgreement(softmax(scaled, categories: size), moments)
    }
  }

  @Test(arguments: [[0.35, 0.65], [0.2, 0.5, 0.3], [0.3, 0.1, 0.2, 0.15, 0.25]], [1, 0.5, 2])
  func unconditionalMoments(distribution: [Double], exponent: Double) {
    let size = distribution.count
    let gumbels = RandomStream(
      key: RandomKey(seed: 91).derived("unconditional"), row: size, site: 0
    ).gumbels(from: 0, count: Self.draws * size)
    let scaled = gumbels.indices.map {
      exponent * (log(distribution[$0 % size]) + Double(gumbels[$0]))
    }
    expectAgreement(
      softmax(scaled, categories: size),
      SoftmaxMoments.unconditional(probabilities: distribution, exponent: exponent, step: 0.2))
  }

  /// `E[J(s) M J(s)]` from the draws themselves. |z| < 5 for 9 scores: false alarm 5e-6.
  @Test func sandwich() {
    let distribution = [0.2, 0.5, 0.3]
    let matrix = [2.0, -0.3, 0.4, -0.3, 1, 0.7, 0.4, 0.7, -1.5]
    let exponentials = RandomStream(key: RandomKey(seed: 92), row: 0, site: 0)
      .exponentials(from: 0, count: Self.draws * 3)
    let perturbed = CategoricalSampler.conditionalPerturbed(
      logProbabilities: distribution.map { log($0) },
      codes: [Int32](repeating: 1, count: Self.draws), exponentials: exponentials, latents: 1,
      categories: 3)
    let points = softmax(perturbed, categories: 3)
    let products = (0..<Self.draws).map { draw -> [Double] in
      let jacobian = softmaxJacobian(points[draw * 3..<draw * 3 + 3])
      return matrixProduct(
        matrixProduct(jacobian, matrix, m: 3, n: 3, k: 3), jacobian, m: 3, n: 3, k: 3)
    }
    let expected = SoftmaxMoments.conditional(
      logProbabilities: distribution.map { log($0) }, winner: 1, logOffsets: [0, 0, 0], exponent: 1,
      step: 0.2
    ).sandwich(matrix)
    for entry in 0..<9 {
      let values = products.map { $0[entry] }
      let n = Double(Self.draws)
      let mean = values.reduce(0, +) / n
      let variance = values.reduce(0.0) { $0 + ($1 - mean) * ($1 - mean) } / n
      #expect(abs(mean - expected[entry]) < Self.threshold * (variance / n).squareRoot())
    }
  }

  /// All distinct second, third and fourth moments.
  private func expectAgreement(_ points: [Double], _ moments: SoftmaxMoments) {
    let size = moments.categories
    let columns = (0..<size).map { i in (0..<Self.draws).map { points[$0 * size + i] } }
    for i in 0..<size {
      for j in i..<size {
        let pair = zip(columns[i], columns[j]).map { $0 * $1 }
        #expect(abs(score(pair, moments.second[i * size + j])) < Self.threshold)
        for k in j..<size {
          let triple = zip(pair, columns[k]).map { $0 * $1 }
          #expect(
            abs(score(triple, moments.third[(i * size + j) * size + k])) < Self.threshold)
          for l in k..<size {
            let quad = zip(triple, columns[l]).map { $0 * $1 }
            #expect(
              abs(score(quad, moments.fourth[((i * size + j) * size + k) * size + l]))
                < Self.threshold)
          }
        }
      }
    }
  }

  private func score(_ values: [Double], _ expected: Double) -> Double {
    let n = Double(values.count)
    let mean = values.reduce(0, +) / n
    let square = values.reduce(0.0) { $0 + $1 * $1 } / n
    // A mean made of a few rare large values is not normal: no score below 400 effective draws.
    if n * mean * mean < 400 * square { return 0 }
    let variance = values.reduce(0.0) { $0 + ($1 - mean) * ($1 - mean) } / (n - 1)
    return (mean - expected) / (variance / n).squareRoot()
  }
}

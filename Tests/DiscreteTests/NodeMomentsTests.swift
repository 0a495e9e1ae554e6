import Discrete
import Foundation
import Tensors
import Testing

/// Contraction at the nodes against tables of fourth moments and against draws.
@Suite struct NodeMomentsTests {
  private func symmetric(_ size: Int, distributions: Int, seed: UInt64) -> [Double] {
    let square = size * size
    let raw = fixedNumbers(distributions * square, seed: seed)
    return raw.indices.map { index in
      let (distribution, cell) = (index / square, index % square)
      return raw[index] + raw[distribution * square + cell % size * size + cell / size]
    }
  }

  /// `alpha = 1` with offsets, and `alpha = 1/tau` without; spread logits make winners rare.
  @Test(arguments: [2, 3, 9], [0.5, 4.0])
  func agreesWithTables(size: Int, spread: Double) {
    for exponent in [1, 0.4, 3] {
      let values = fixedNumbers(size, seed: 51).map { $0 * spread }
      let logs = logSoftmax(values, categories: size)
      let offsets = exponent == 1 ? values.map { 0.7 * $0 } : values.map { _ in 0 }
      let found = NodeMoments.conditional(
        logProbabilities: logs, logOffsets: offsets, exponent: exponent, step: 0.2)
      let expected = WinnerMoments(
        logs.indices.map {
          SoftmaxMoments.conditional(
            logProbabilities: logs, winner: $0, logOffsets: offsets, exponent: exponent, step: 0.2)
        })
      #expect(found.distributions == size)
      #expect(largestDifference(found.jacobianMeans, expected.jacobianMeans) < 1e-12)
      let matrices = symmetric(size, distributions: size, seed: 52)
      #expect(
        largestDifference(found.sandwich(matrices), expected.sandwich(matrices)) < 1e-11,
        "\(exponent)")
    }
  }

  @Test func theMixtureOverWinnersIsASingleDistribution() {
    let distribution = softmax(fixedNumbers(6, seed: 53).map { 2 * $0 }, categories: 6)
    let found = NodeMoments.unconditional(probabilities: distribution, exponent: 1.4, step: 0.2)
    let expected = WinnerMoments.unconditional(
      probabilities: distribution, exponent: 1.4, step: 0.2)
    #expect(found.distributions == 1)
    #expect(largestDifference(found.jacobianMeans, expected.jacobianMeans) < 1e-12)
    let matrix = symmetric(6, distributions: 1, seed: 54)
    #expect(largestDifference(found.sandwich(matrix), expected.sandwich(matrix)) < 1e-11)
  }

  /// Forty categories against 20,000 draws of the softmax: five entries of each winner-averaged moment,
  /// |z| < 5, false-alarm rate 1e-5.
  @Test func agreesWithDrawsOfManyCategories() {
    let size = 40
    let draws = 20_000
    let values = fixedNumbers(size, seed: 55).map { 1.5 * $0 }
    let distribution = softmax(values, categories: size)
    let found = NodeMoments.unconditional(probabilities: distribution, exponent: 1 / 0.8, step: 0.5)
    let vector = fixedNumbers(size, seed: 56)
    let matrix = (0..<size * size).map { vector[$0 / size] * vector[$0 % size] }
    let sandwich = found.sandwich(matrix)
    let exponentials = RandomStream(key: RandomKey(seed: 57), row: 0, site: 0)
      .uniforms(from: 0, count: draws * size).map { -log(Double($0)) }
    let entries = [0, 1, 7, 20, 39]
    var means = [[Double]](repeating: [], count: entries.count)
    var squares = means
    for draw in 0..<draws {
      let perturbed = (0..<size).map { values[$0] - log(exponentials[draw * size + $0]) }
      let s = softmax(perturbed, categories: size, scale: 1 / 0.8)
      let average = (0..<size).reduce(0.0) { $0 + s[$1] * vector[$1] }
      for (place, i) in entries.enumerated() {
        means[place].append(s[i] * (1 - s[i]))
        squares[place].append(s[i] * s[i] * (vector[i] - average) * (vector[i] - average))
      }
    }
    func expectAgreement(_ values: [Double], _ expected: Double, _ name: String) {
      let count = Double(values.count)
      let mean = values.reduce(0, +) / count
      let spread = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count * (count - 1))
      #expect(abs(mean - expected) < 5 * spread.squareRoot(), "\(name): \(mean), \(expected)")
    }
    for (place, i) in entries.enumerated() {
      expectAgreement(means[place], found.jacobianMeans[i * size + i], "mean \(i)")
      expectAgreement(squares[place], sandwich[i * size + i], "sandwich \(i)")
    }
  }

  /// The error falls with the step.
  @Test func convergesWithTheStep() {
    let values = fixedNumbers(20, seed: 58)
    let logs = logSoftmax(values, categories: 20)
    func moments(_ step: Double) -> NodeMoments {
      NodeMoments.conditional(
        logProbabilities: logs, logOffsets: values.map { -0.5 * $0 }, exponent: 1, step: step)
    }
    let fine = moments(0.3)
    let matrices = symmetric(20, distributions: 20, seed: 59)
    let exact = fine.sandwich(matrices)
    #expect(largestDifference(moments(0.5).sandwich(matrices), exact) < 1e-5)
    #expect(largestDifference(moments(0.75).sandwich(matrices), exact) < 1e-3)
  }
}

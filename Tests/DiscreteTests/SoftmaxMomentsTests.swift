import Discrete
import Foundation
import Testing

@Suite struct SoftmaxMomentsTests {
  /// Two categories against the Lomax integral. The kernel's exponential is good to 1e-14.
  @Test(arguments: [0.5, 1, 2, 10], [-300.0, -6, -0.7, -0.01])
  func pairsMatchAnIndependentQuadrature(exponent: Double, logLoser: Double) {
    for winner in 0..<2 {
      for offset in [0.0, 1.3, -2.5] {
        var logs = [Double](repeating: log(-expm1(logLoser)), count: 2)
        logs[1 - winner] = logLoser
        var offsets = [0.0, 0.0]
        offsets[1 - winner] = offset
        let moments = SoftmaxMoments.conditional(
          logProbabilities: logs, winner: winner, logOffsets: offsets, exponent: exponent, step: 0.2
        )
        let expected = SurrogateIntegrals.pairFourth(
          winner: winner, logLoser: logLoser, logOffset: offset, exponent: exponent)
        // A steep power bends the strip of analyticity: 1.2e-10 at exponent 10.
        #expect(largestDifference(moments.fourth, expected) < (exponent > 5 ? 2e-10 : 1e-10))
      }
    }
  }

  /// A forward temperature far below the backward one gives a category of next to no probability
  /// an offset that makes up for it: neither is representable, their product is.
  @Test(arguments: [-300.0, -600, -700, -800, -1000, -1e4], [-30.0, -1, 0, 2, 30])
  func offsetsMayMakeUpForProbabilities(logLoser: Double, excess: Double) {
    for winner in 0..<2 {
      var logs = [0.0, 0.0]
      logs[1 - winner] = logLoser
      var offsets = [0.0, 0.0]
      offsets[winner] = logLoser - excess
      let moments = SoftmaxMoments.conditional(
        logProbabilities: logs, winner: winner, logOffsets: offsets, exponent: 1, step: 0.2)
      let expected = SurrogateIntegrals.pairFourth(
        winner: winner, logLoser: logLoser, logOffset: excess - logLoser, exponent: 1)
      #expect(largestDifference(moments.fourth, expected) < 1e-10)
    }
  }

  /// The Lomax integral itself at a case in closed form: `p -> 1`, `alpha = 1`, equal offsets.
  /// Then `r = 1 - U` and `E s = int_0^1 r / (1 + r) dr = 1 - log 2`.
  @Test func theIndependentQuadratureIsRight() {
    let powers = SurrogateIntegrals.loserPowers(logLoser: 0, logOffset: 0, exponent: 1)
    #expect(abs(powers[0] - 1) < 1e-14)
    #expect(abs(powers[1] - (1 - log(2))) < 1e-14)
  }

  @Test(arguments: [(0, 1.0), (1, 2), (2, 0.5)])
  func triplesMatchAnIndependentQuadrature(winner: Int, exponent: Double) {
    let p = [0.2, 0.5, 0.3]
    let offsets = [0.7, 1.0, 1.9]
    let moments = SoftmaxMoments.conditional(
      logProbabilities: p.map { log($0) }, winner: winner, logOffsets: offsets.map { log($0) },
      exponent: exponent, step: 0.2)
    let expected = SurrogateIntegrals.tripleFourth(
      probabilities: p, winner: winner, offsets: offsets, exponent: exponent)
    #expect(largestDifference(moments.fourth, expected) < 1e-10)
  }

  private static let distributions: [[Double]] = [
    [0.3, 0.7], [0.2, 0.5, 0.3], [0.01, 0.9, 0.05, 0.04], [0.3, 0.1, 0.2, 0.15, 0.25],
  ]

  @Test(arguments: distributions, [0.5, 1, 2, 10])
  func momentsAreThoseOfProbabilities(distribution: [Double], exponent: Double) {
    let size = distribution.count
    let offsets = fixedNumbers(size, seed: 2)
    for winner in 0..<size {
      let moments = SoftmaxMoments.conditional(
        logProbabilities: distribution.map { log($0) }, winner: winner, logOffsets: offsets,
        exponent: exponent, step: 0.2)
      #expect(abs(moments.second.reduce(0, +) - 1) < 1e-12)
      #expect(abs(moments.third.reduce(0, +) - 1) < 1e-12)
      #expect(abs(moments.fourth.reduce(0, +) - 1) < 1e-12)
      #expect(moments.fourth.allSatisfy { $0 >= 0 && $0 <= 1 })
      for i in 0..<size {
        for j in 0..<size {
          #expect(abs(moments.second[i * size + j] - moments.second[j * size + i]) < 1e-15)
        }
        let row = moments.jacobianMean[i * size..<(i + 1) * size]
        var sum = 0.0
        for j in 0..<size where j != i { sum += row[row.startIndex + j] }
        #expect(sum + row[row.startIndex + i] == 0)
      }
      expectSymmetry(moments.fourth, size)
    }
  }

  private func expectSymmetry(_ tensor: [Double], _ size: Int) {
    for index in tensor.indices {
      let digits = [
        index / (size * size * size), index / (size * size) % size, index / size % size,
        index % size,
      ]
      let sorted = digits.sorted().reduce(0) { $0 * size + $1 }
      #expect(tensor[index] == tensor[sorted])
    }
  }

  @Test(arguments: distributions, [0.5, 1, 2, 10])
  func stepsAgree(distribution: [Double], exponent: Double) {
    func moments(_ step: Double) -> [Double] {
      SoftmaxMoments.conditional(
        logProbabilities: distribution.map { log($0) }, winner: 1,
        logOffsets: fixedNumbers(distribution.count, seed: 4), exponent: exponent, step: step
      ).fourth
    }
    #expect(largestDifference(moments(0.2), moments(0.15)) < 1e-10)
    #expect(largestDifference(moments(0.5), moments(0.2)) < 1e-5)
  }

  @Test(arguments: [0.001, 0.5, 1, 10, 1000])
  func extremesStayWithinProbabilities(exponent: Double) {
    let near = log(0.999)
    for logs in [[near, -300.0, log(0.001)], [-300, 0, -1e5], [log(0.5), log(0.5), -300]] {
      for offsets in [[0.0, 0, 0], [100, -100, 0], [-100, 100, 0], [0, -100, 100]] {
        for winner in 0..<3 {
          let moments = SoftmaxMoments.conditional(
            logProbabilities: logs, winner: winner, logOffsets: offsets, exponent: exponent,
            step: 0.2)
          #expect(moments.fourth.allSatisfy { $0.isFinite && $0 >= 0 && $0 <= 1 + 1e-12 })
          #expect(abs(moments.second.reduce(0, +) - 1) < 1e-9)
        }
      }
    }
  }

  @Test func oneCategoryIsCertain() {
    let moments = SoftmaxMoments.conditional(
      logProbabilities: [0], winner: 0, logOffsets: [3], exponent: 2, step: 0.2)
    #expect(moments.second == [1])
    #expect(moments.third == [1])
    #expect(moments.fourth == [1])
    #expect(moments.jacobianMean == [0])
    #expect(moments.sandwich([5]) == [0])
  }

  @Test(arguments: distributions)
  func unconditionalMomentsAreTheMixture(distribution: [Double]) {
    let zero = [Double](repeating: 0, count: distribution.count)
    let parts = distribution.indices.map { winner in
      SoftmaxMoments.conditional(
        logProbabilities: distribution.map { log($0) }, winner: winner, logOffsets: zero,
        exponent: 1.5,
        step: 0.2)
    }
    let moments = SoftmaxMoments.unconditional(
      probabilities: distribution, exponent: 1.5, step: 0.2)
    let mixed = moments.second.indices.map { index in
      distribution.indices.reduce(0.0) { $0 + distribution[$1] * parts[$1].second[index] }
    }
    #expect(largestDifference(moments.second, mixed) < 1e-14)
  }

  /// `s` is the one-hot winner in the limit of a large exponent, `1/K` in that of a small one.
  @Test func limitsOfTheExponent() {
    let distribution = [0.2, 0.5, 0.3]
    let sharp = SoftmaxMoments.unconditional(probabilities: distribution, exponent: 1e6, step: 0.2)
    let flat = SoftmaxMoments.unconditional(probabilities: distribution, exponent: 1e-6, step: 0.2)
    for i in 0..<3 {
      for j in 0..<3 {
        #expect(abs(sharp.second[i * 3 + j] - (i == j ? distribution[i] : 0)) < 1e-5)
        #expect(abs(flat.second[i * 3 + j] - 1.0 / 9) < 1e-5)
      }
    }
  }

  @Test func categoriesOfNoProbabilityTakeNoPart() {
    let full = SoftmaxMoments.unconditional(
      probabilities: [0.4, 0, 0.6], exponent: 1, step: 0.2)
    let pair = SoftmaxMoments.unconditional(probabilities: [0.4, 0.6], exponent: 1, step: 0.2)
    #expect(abs(full.second[0] - pair.second[0]) < 1e-10)
    #expect(abs(full.second[8] - pair.second[3]) < 1e-10)
    #expect(abs(full.second[4]) < 1e-10)
  }

  /// `E[J M J]` term by term: `J_ik = s_i (d_ik - s_k)`.
  @Test(arguments: distributions)
  func sandwichIsTheSumOfItsTerms(distribution: [Double]) {
    let size = distribution.count
    let moments = SoftmaxMoments.conditional(
      logProbabilities: distribution.map { log($0) }, winner: 0,
      logOffsets: fixedNumbers(size, seed: 6),
      exponent: 0.8, step: 0.2)
    let raw = fixedNumbers(size * size, seed: 7)
    let matrix = raw.indices.map { raw[$0] + raw[$0 % size * size + $0 / size] }
    var expected = [Double](repeating: 0, count: size * size)
    for i in 0..<size {
      for j in 0..<size {
        for k in 0..<size {
          for l in 0..<size {
            var term = moments.fourth[((i * size + k) * size + l) * size + j]
            if i == k { term -= moments.third[(i * size + l) * size + j] }
            if l == j { term -= moments.third[(i * size + k) * size + j] }
            if i == k && l == j { term += moments.second[i * size + j] }
            expected[i * size + j] += term * matrix[k * size + l]
          }
        }
      }
    }
    #expect(largestDifference(moments.sandwich(matrix), expected) < 1e-13)
  }
}

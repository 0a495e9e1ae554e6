import Discrete
import Testing

/// A row with arbitrary numbers for costs and gradients at every joint code.
func arbitraryJointCodes(
  latents: Int, categories: Int, distribution: ForwardDistribution = .sample(temperature: 1),
  seed: UInt64 = 1
) -> RowJointCodes {
  let width = latents * categories
  let row = RowLogits(
    latents: latents, categories: categories, values: fixedNumbers(width, seed: seed))
  let joint = JointCodes(latents: latents, categories: categories)
  let count =
    LayerShape(rows: 1, latents: latents, categories: categories)
    .jointCodes(limit: 10_000) ?? 0
  return RowJointCodes(
    row: row, distribution: distribution, codes: joint.codes(0..<count),
    values: fixedNumbers(count, seed: seed + 100),
    gradients: fixedNumbers(count * width, seed: seed + 200), quadratureStep: 0.2)
}

@Suite struct RowJointCodesTests {
  @Test func weightsAndScoresFollowTheDistribution() {
    let jointCodes = arbitraryJointCodes(
      latents: 2, categories: 3, distribution: .sample(temperature: 0.7))
    #expect(jointCodes.count == 9)
    #expect(jointCodes.width == 6)
    let scores = jointCodes.scores()
    for jointCode in 0..<9 {
      let (a, b) = (jointCode / 3, jointCode % 3)
      let weight = jointCodes.probabilities[a] * jointCodes.probabilities[3 + b]
      #expect(abs(jointCodes.weights[jointCode] - weight) < 1e-16)
      for index in 0..<6 {
        let hit = index == a || index == 3 + b ? 1.0 : 0
        #expect(
          abs(scores[jointCode * 6 + index] - (hit - jointCodes.probabilities[index])) < 1e-16)
      }
    }
    for index in 0..<6 {
      let mean = (0..<9).reduce(0.0) { $0 + jointCodes.weights[$1] * scores[$1 * 6 + index] }
      #expect(abs(mean) < 1e-15)
    }
  }

  @Test func theModeIsOneJointCode() {
    let row = RowLogits(latents: 2, categories: 2, values: [0, 1, 3, 2])
    let jointCodes = RowJointCodes(
      row: row, distribution: .mode, codes: JointCodes(latents: 2, categories: 2).codes(0..<4),
      values: [0, 0, 0, 0], gradients: [], quadratureStep: 0.2)
    #expect(jointCodes.weights == [0, 0, 1, 0])
    #expect(jointCodes.gradientMoments == nil)
  }

  @Test func gradientMomentsAreSumsOverJointCodes() throws {
    let jointCodes = arbitraryJointCodes(latents: 2, categories: 3, seed: 4)
    let moments = try #require(jointCodes.gradientMoments)
    let h = jointCodes.gradients
    let means = (0..<6).map { i in
      (0..<9).reduce(0.0) { $0 + jointCodes.weights[$1] * h[$1 * 6 + i] }
    }
    #expect(largestDifference(moments.mean, means) < 1e-15)
    for i in 0..<6 {
      for j in 0..<6 {
        let second = (0..<9).reduce(0.0) {
          $0 + jointCodes.weights[$1] * h[$1 * 6 + i] * h[$1 * 6 + j]
        }
        #expect(abs(moments.covariance[i * 6 + j] - (second - means[i] * means[j])) < 1e-15)
      }
    }
    for latent in 0..<2 {
      for x in 0..<3 {
        for i in 0..<3 {
          for j in 0..<3 {
            var sum = 0.0
            for jointCode in 0..<9 where Int(jointCodes.codes[jointCode * 2 + latent]) == x {
              let from = jointCode * 6 + latent * 3
              sum += jointCodes.weights[jointCode] * h[from + i] * h[from + j]
            }
            let found = moments.secondByCategory[((latent * 3 + x) * 3 + i) * 3 + j]
            #expect(abs(found - sum) < 1e-15)
          }
        }
      }
    }
  }

  @Test func rowMomentsAreMeanAndCovariance() {
    let weights = [0.5, 0.125, 0.375]
    let vectors = [1.0, 2, -1, 0.5, 3, -2]
    let moments = RowMoments(weights: weights, vectors: vectors, width: 2)
    let mean = [0.5 - 0.125 + 1.125, 1 + 0.0625 - 0.75]
    #expect(largestDifference(moments.mean, mean) < 1e-15)
    for i in 0..<2 {
      for j in 0..<2 {
        let expected = (0..<3).reduce(0.0) {
          $0 + weights[$1] * (vectors[$1 * 2 + i] - mean[i]) * (vectors[$1 * 2 + j] - mean[j])
        }
        #expect(abs(moments.covariance[i * 2 + j] - expected) < 1e-15)
      }
    }
  }

  /// A large mean does not spoil a small covariance.
  @Test func covarianceIsCentredFirst() {
    let moments = RowMoments(weights: [0.5, 0.5], vectors: [1e8 + 1, 1e8 - 1], width: 1)
    #expect(abs(moments.covariance[0] - 1) < 1e-15)
  }
}

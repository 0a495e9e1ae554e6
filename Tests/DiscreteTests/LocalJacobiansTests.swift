import Discrete
import Foundation
import Tensors
import Testing

@Suite struct LocalJacobiansTests {
  /// `E g`, `Cov g` with `g_d = A_d(x_d) h_d`, one joint code after another.
  private func plain(_ jointCodes: RowJointCodes, _ map: (Int, Int) -> [Double]) -> RowMoments {
    let (size, width) = (jointCodes.categories, jointCodes.width)
    var vectors: [[Double]] = []
    for jointCode in 0..<jointCodes.count {
      var vector: [Double] = []
      for latent in 0..<jointCodes.latents {
        let matrix = map(latent, Int(jointCodes.codes[jointCode * jointCodes.latents + latent]))
        for i in 0..<size {
          var sum = 0.0
          for j in 0..<size {
            sum +=
              matrix[i * size + j] * jointCodes.gradients[jointCode * width + latent * size + j]
          }
          vector.append(sum)
        }
      }
      vectors.append(vector)
    }
    var mean = [Double](repeating: 0, count: width)
    var covariance = [Double](repeating: 0, count: width * width)
    for (weight, vector) in zip(jointCodes.weights, vectors) {
      for i in 0..<width { mean[i] += weight * vector[i] }
    }
    for (weight, vector) in zip(jointCodes.weights, vectors) {
      for i in 0..<width {
        for j in 0..<width {
          covariance[i * width + j] += weight * (vector[i] - mean[i]) * (vector[j] - mean[j])
        }
      }
    }
    return RowMoments(mean: mean, covariance: covariance)
  }

  @Test(arguments: [(1, 1), (1, 4), (2, 3), (3, 2), (4, 1)])
  func mapsThatDependOnTheCategory(latents: Int, categories: Int) throws {
    let jointCodes = arbitraryJointCodes(latents: latents, categories: categories, seed: 11)
    let square = categories * categories
    let means = fixedNumbers(latents * categories * square, seed: 12)
    let jacobians = LocalJacobians(
      latents: latents, categories: categories, dependsOnCategory: true, means: means)
    let found = try #require(jacobians.moments(jointCodes))
    let expected = plain(jointCodes) { latent, x in
      let from = (latent * categories + x) * square
      return Array(means[from..<from + square])
    }
    #expect(largestDifference(found.mean, expected.mean) < 1e-12)
    #expect(largestDifference(found.covariance, expected.covariance) < 1e-12)
  }

  /// Layers with far more joint codes than pairs of categories, where tables take the sum's place; one
  /// category of one latent never occurs.
  @Test(arguments: [(3, 8), (4, 5), (6, 3), (8, 2)], [1.0, 0.3])
  func pairTablesAreTheSumOverTheJointCodes(_ size: (latents: Int, categories: Int), tau: Double)
    throws
  {
    let (latents, categories) = size
    let width = latents * categories
    let square = categories * categories
    var logits = fixedNumbers(width, seed: 21).map { 2 * $0 }
    logits[categories] = -1e4
    let joint = JointCodes(latents: latents, categories: categories)
    let count = try #require(
      LayerShape(rows: 1, latents: latents, categories: categories).jointCodes(limit: 10_000))
    // A common part of the gradients, a thousand times what varies.
    let gradients = fixedNumbers(count * width, seed: 22).map { 1000 + $0 }
    let jointCodes = RowJointCodes(
      row: RowLogits(latents: latents, categories: categories, values: logits),
      distribution: .sample(temperature: tau), codes: joint.codes(0..<count),
      values: fixedNumbers(count, seed: 23), gradients: gradients, quadratureStep: 0.2)
    let means = fixedNumbers(width * square, seed: 24)
    let found = try #require(
      LocalJacobians(
        latents: latents, categories: categories, dependsOnCategory: true, means: means
      ).moments(jointCodes))
    let expected = plain(jointCodes) { latent, x in
      let from = (latent * categories + x) * square
      return Array(means[from..<from + square])
    }
    let scale = expected.covariance.reduce(1) { max($0, abs($1)) }
    #expect(largestDifference(found.mean, expected.mean) < 1e-10)
    #expect(largestDifference(found.covariance, expected.covariance) < 1e-12 * scale)
    let uniform = fixedNumbers(latents * square, seed: 25)
    let same = try #require(
      LocalJacobians(
        latents: latents, categories: categories, dependsOnCategory: false, means: uniform
      ).moments(jointCodes))
    let expectedSame = plain(jointCodes) { latent, _ in
      Array(uniform[latent * square..<(latent + 1) * square])
    }
    let scaleSame = expectedSame.covariance.reduce(1) { max($0, abs($1)) }
    #expect(largestDifference(same.mean, expectedSame.mean) < 1e-10)
    #expect(largestDifference(same.covariance, expectedSame.covariance) < 1e-12 * scaleSame)
  }

  @Test(arguments: [(1, 1), (1, 4), (2, 3), (3, 2), (4, 1)])
  func uniformMaps(latents: Int, categories: Int) throws {
    let jointCodes = arbitraryJointCodes(latents: latents, categories: categories, seed: 13)
    let square = categories * categories
    let means = fixedNumbers(latents * square, seed: 14)
    let jacobians = LocalJacobians(
      latents: latents, categories: categories, dependsOnCategory: false, means: means)
    let found = try #require(jacobians.moments(jointCodes))
    let expected = plain(jointCodes) { latent, _ in
      Array(means[latent * square..<(latent + 1) * square])
    }
    #expect(largestDifference(found.mean, expected.mean) < 1e-12)
    #expect(largestDifference(found.covariance, expected.covariance) < 1e-12)
  }

  /// With noise: the law of total covariance, joint code by joint code, with the sandwich of `h h^T`.
  @Test(arguments: [true, false])
  func noiseAddsToTheDiagonalBlocks(dependsOnCategory: Bool) throws {
    let (latents, categories, width) = (2, 3, 6)
    let scale = 1.7
    let jointCodes = arbitraryJointCodes(latents: latents, categories: categories, seed: 15)
    let moments = (0..<latents).flatMap { latent -> [SoftmaxMoments] in
      let distribution = Array(jointCodes.probabilities[latent * 3..<latent * 3 + 3])
      guard dependsOnCategory else {
        return [SoftmaxMoments.unconditional(probabilities: distribution, exponent: 1.2, step: 0.2)]
      }
      return (0..<categories).map {
        SoftmaxMoments.conditional(
          logProbabilities: distribution.map { log($0) }, winner: $0, logOffsets: [0.1, 0, -0.4],
          exponent: 1.2, step: 0.2)
      }
    }
    let jacobians = LocalJacobians(
      latents: latents, categories: categories, scale: scale,
      moments: (0..<latents).map {
        let distributions = moments.count / latents
        return WinnerMoments(Array(moments[$0 * distributions..<($0 + 1) * distributions]))
      })
    let found = try #require(jacobians.moments(jointCodes))
    func index(_ latent: Int, _ x: Int) -> Int {
      dependsOnCategory ? latent * categories + x : latent
    }
    var expected = plain(jointCodes) { latent, x in
      moments[index(latent, x)].jacobianMean.map { scale * $0 }
    }
    for jointCode in 0..<jointCodes.count {
      for latent in 0..<latents {
        let from = jointCode * width + latent * categories
        let h = Array(jointCodes.gradients[from..<from + categories])
        let outer = matrixProduct(h, h, m: 3, n: 3, k: 1)
        let distribution = moments[
          index(latent, Int(jointCodes.codes[jointCode * latents + latent]))]
        let square = distribution.sandwich(outer)
        let mean = matrixProduct(distribution.jacobianMean, h, m: 3, n: 1, k: 3)
        for i in 0..<3 {
          for j in 0..<3 {
            expected.covariance[(latent * 3 + i) * width + latent * 3 + j] +=
              jointCodes.weights[jointCode] * scale * scale
              * (square[i * 3 + j] - mean[i] * mean[j])
          }
        }
      }
    }
    #expect(largestDifference(found.mean, expected.mean) < 1e-12)
    #expect(largestDifference(found.covariance, expected.covariance) < 1e-12)
  }

  /// A large common gradient does not spoil, or turn negative, the variance around it.
  @Test func smallVariancesSurviveLargeMeans() throws {
    let row = RowLogits(latents: 1, categories: 2, values: [0, 0])
    let jointCodes = RowJointCodes(
      row: row, distribution: .sample(temperature: 1), codes: [0, 1], values: [0, 0],
      gradients: [1e8 + 1, 0, 1e8 - 1, 0], quadratureStep: 0.2)
    let jacobians = LocalJacobians(
      latents: 1, categories: 2, dependsOnCategory: false, means: [1, 0, 0, 1])
    let moments = try #require(jacobians.moments(jointCodes))
    #expect(abs(moments.covariance[0] - 1) < 1e-14)
    let mode = RowJointCodes(
      row: row, distribution: .mode, codes: [0, 1], values: [0, 0], gradients: [0.3, 0.1, 0.7, 5],
      quadratureStep: 0.2)
    #expect(try #require(jacobians.moments(mode)).covariance == [0, 0, 0, 0])
  }

  @Test func withoutGradientsThereAreNoMoments() {
    let row = RowLogits(latents: 1, categories: 2, values: [0, 1])
    let jointCodes = RowJointCodes(
      row: row, distribution: .sample(temperature: 1), codes: [0, 1], values: [0, 1], gradients: [],
      quadratureStep: 0.2)
    let jacobians = LocalJacobians(
      latents: 1, categories: 2, dependsOnCategory: false, means: [1, 0, 0, 1])
    #expect(jacobians.moments(jointCodes) == nil)
  }
}

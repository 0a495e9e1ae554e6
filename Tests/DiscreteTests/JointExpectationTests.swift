import Discrete
import Tensors
import Testing

struct JointExpectationTests {
  /// Against the sum over the joint codes, one by one.
  @Test(arguments: [(1, 3), (2, 2), (3, 4), (5, 3)])
  func scoreCovarianceIsTheSumOverJointCodes(latents: Int, categories: Int) {
    let stream = RandomStream(key: RandomKey(seed: 9), row: 0, site: 0)
    let width = latents * categories
    let row = RowLogits(
      latents: latents, categories: categories,
      values: stream.normals(from: 0, count: width).map { Double($0) })
    let distribution = row.probabilities()
    let jointCodes = JointCodes(latents: latents, categories: categories)
    let weights = jointCodes.weights(distribution)
    // A constant far above the spread must cancel.
    let values = stream.normals(from: 1000, count: weights.count).map { 1e6 + Double($0) }
    let codes = jointCodes.codes(0..<weights.count)
    var expected = [Double](repeating: 0, count: width)
    for jointCode in weights.indices {
      for latent in 0..<latents {
        for k in 0..<categories {
          let z = codes[jointCode * latents + latent] == Int32(k) ? 1.0 : 0
          expected[latent * categories + k] +=
            weights[jointCode] * (values[jointCode] - 1e6)
            * (z - distribution[latent * categories + k])
        }
      }
    }
    let found = JointExpectation(
      probabilities: distribution, latents: latents, categories: categories
    ).scoreCovariance(values)
    #expect(found.count == width)
    for index in 0..<width { #expect(abs(found[index] - expected[index]) < 1e-9) }
  }
}

import Discrete
import Testing

@Suite struct JointCodesTests {
  @Test func firstLatentIsSlowest() {
    let jointCodes = JointCodes(latents: 2, categories: 3)
    #expect(jointCodes.codes(0..<9) == [0, 0, 0, 1, 0, 2, 1, 0, 1, 1, 1, 2, 2, 0, 2, 1, 2, 2])
    #expect(jointCodes.codes(4..<6) == [1, 1, 1, 2])
    #expect(jointCodes.codes(3..<3) == [])
  }

  @Test func weightsFollowTheOrderOfTheCodes() {
    let jointCodes = JointCodes(latents: 3, categories: 2)
    let p = [0.25, 0.75, 0.5, 0.5, 0.125, 0.875]
    let codes = jointCodes.codes(0..<8)
    let expected = (0..<8).map { jointCode in
      (0..<3).reduce(1.0) { $0 * p[$1 * 2 + Int(codes[jointCode * 3 + $1])] }
    }
    #expect(jointCodes.weights(p) == expected)
  }

  @Test(arguments: [1, 2, 5], [1, 2, 4])
  func weightsSumToOne(latents: Int, categories: Int) {
    let p = softmax(fixedNumbers(latents * categories, seed: 5), categories: categories, scale: 3)
    let weights = JointCodes(latents: latents, categories: categories).weights(p)
    #expect(
      weights.count
        == LayerShape(rows: 1, latents: latents, categories: categories).jointCodes(limit: 5000))
    #expect(abs(weights.reduce(0, +) - 1) < 1e-14)
  }

  @Test func edgesOfOneCategoryAndOneLatent() {
    let single = JointCodes(latents: 4, categories: 1)
    #expect(single.codes(0..<1) == [0, 0, 0, 0])
    #expect(single.weights([1, 1, 1, 1]) == [1])
    let one = JointCodes(latents: 1, categories: 3)
    #expect(one.codes(0..<3) == [0, 1, 2])
    #expect(one.weights([0.5, 0.25, 0.25]) == [0.5, 0.25, 0.25])
  }

  @Test func theNumberOfJointCodesStopsAtTheLimitAndBeforeOverflow() {
    #expect(LayerShape(rows: 7, latents: 3, categories: 4).jointCodes(limit: 64) == 64)
    #expect(LayerShape(rows: 7, latents: 3, categories: 4).jointCodes(limit: 63) == nil)
    #expect(LayerShape(rows: 1, latents: 64, categories: 2).jointCodes(limit: .max) == nil)
    #expect(LayerShape(rows: 1, latents: 5000, categories: 1).jointCodes(limit: 1) == 1)
  }
}

import Discrete
import Models
import Tensors
import Testing

struct JointValuesTests {
  private func numbers(_ label: String, _ count: Int) -> [Double] {
    RandomStream(key: RandomKey(seed: 12).derived(label), row: 0, site: 0)
      .normals(from: 0, count: count).map { Double($0) }
  }

  /// By halves against point by point: rounding of sums of a few dozen terms.
  @Test(arguments: [(1, 4), (2, 3), (3, 2), (4, 5), (5, 3), (8, 2)])
  func halvesAgreeWithPoints(latents: Int, categories: Int) throws {
    let width = latents * categories
    let costs: [any SharedCost] = [
      try CubicCost(
        latents: latents, categories: categories, matrix: numbers("A", width * width),
        factors: numbers("W", 6 * width)),
      try QuadraticCost(
        latents: latents, categories: categories, matrix: numbers("A", width * width),
        weights: numbers("b", width)),
      try LinearCost(
        latents: latents, categories: categories, weights: numbers("a", width), constant: 3),
    ]
    let jointCodes = JointCodes(latents: latents, categories: categories)
    let count = jointCodes.weights([Double](repeating: 1, count: width)).count
    for cost in costs {
      let oracle = try SharedCostOracle(rows: 2, cost: cost)
      let expected = cost.evaluate(
        .hard(jointCodes.codes(0..<count)), count: count, gradients: true)
      let values = try oracle.costs(ofJointCodes: 0..<count, gradients: false).values
      let both = try oracle.costs(ofJointCodes: 0..<count, gradients: true)
      #expect(both.values == values)
      #expect(both.gradients == expected.gradients + expected.gradients)
      #expect(values.count == 2 * count)
      for jointCode in 0..<count {
        let size = 1e-13 * (10 + abs(expected.values[jointCode])) * Double(width)
        #expect(abs(values[jointCode] - expected.values[jointCode]) < size)
        #expect(values[count + jointCode] == values[jointCode])
      }
    }
  }
}

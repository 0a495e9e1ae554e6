import Discrete
import Models
import Testing

@Suite struct CostTests {
  private let shape = LayerShape(rows: 2, latents: 3, categories: 4)

  private func check(_ cost: any SharedCost, gradientTolerance: Double = 1e-8) throws {
    try checkOracle(
      SharedCostOracle(rows: 2, cost: cost), tolerance: 1e-13,
      gradientTolerance: gradientTolerance)
  }

  @Test func linear() throws {
    try check(
      LinearCost(latents: 3, categories: 4, weights: fixedNumbers(12, seed: 1), constant: 0.3))
  }

  @Test func quadratic() throws {
    try check(
      QuadraticCost(
        latents: 3, categories: 4, matrix: fixedNumbers(144, seed: 2),
        weights: fixedNumbers(12, seed: 3)))
  }

  @Test(arguments: [0, 1, 5]) func cubic(rank: Int) throws {
    try check(
      CubicCost(
        latents: 3, categories: 4, matrix: fixedNumbers(144, seed: 4),
        factors: fixedNumbers(12 * rank, seed: 5)))
  }

  @Test(arguments: [1.0, 1.5, 2.0, 3.0]) func absolutePower(power: Double) throws {
    // Centres outside the range of the levels keep differences away from the kink.
    try check(
      AbsolutePowerCost(
        power: power, levels: [0.1, 0.4, -0.3, 0.9], centres: [1.5, -1.2, 1.1]))
  }

  @Test func absolutePowerTurnsAroundItsCentre() throws {
    let cost = try AbsolutePowerCost(power: 1.5, levels: [-1, 0, 2], centres: [0])
    let block = cost.evaluate(.hard([0, 1, 2]), count: 3, gradients: true)
    #expect(block.values == [1, 0, 2 * 2.0.squareRoot()])
    #expect(Array(block.gradients[0..<6]) == [1.5, 0, -3, 0, 0, 0])
  }

  @Test func tanhNetwork() throws {
    try check(
      TanhNetworkCost(
        latents: 3, categories: 4, inputWeights: fixedNumbers(84, seed: 6),
        inputOffset: fixedNumbers(7, seed: 7), outputWeights: fixedNumbers(7, seed: 8),
        constant: -0.2))
  }

  @Test func quadraticValuesAreTheDoubleSum() throws {
    let matrix: [Double] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]
    let cost = try QuadraticCost(
      latents: 2, categories: 2, matrix: matrix, weights: [0.5, 0.25, 0, 8])
    // y = (1, 0, 0, 1): A11 + A14 + A41 + A44 + b1 + b4.
    #expect(cost.evaluate(.hard([0, 1]), count: 1, gradients: false).values == [42.5])
  }

  @Test func manyPointsEqualFewPoints() throws {
    // More points than one product takes: every point has the value that it has alone.
    let cost = try CubicCost(
      latents: 3, categories: 4, matrix: fixedNumbers(144, seed: 4),
      factors: fixedNumbers(60, seed: 5))
    let oracle = try SharedCostOracle(rows: 2, cost: cost)
    let draws = 300
    let numbers = fixedNumbers(6 * draws, seed: 10)
    let codes: [Int32] = numbers.map { $0 < -0.5 ? 0 : $0 < 0 ? 1 : $0 < 0.5 ? 2 : 3 }
    let block = try oracle.costs(
      at: CodeBlock(shape: shape, draws: draws, indices: codes), gradients: true)
    for point in stride(from: 0, to: 2 * draws, by: 41) {
      let one = cost.evaluate(
        .hard(Array(codes[point * 3..<point * 3 + 3])), count: 1, gradients: true)
      #expect(abs(block.values[point] - one.values[0]) < 1e-12)
      let gradients = Array(block.gradients[point * 12..<(point + 1) * 12])
      #expect(relativeDifference(gradients, one.gradients) < 1e-13)
    }
  }

  @Test func tableLooksUpEveryRow() throws {
    let values = (0..<18).map(Double.init)
    let gradients = fixedNumbers(2 * 9 * 6, seed: 9)
    let layer = LayerShape(rows: 2, latents: 2, categories: 3)
    let table = try TableOracle(shape: layer, values: values, gradients: gradients)
    let block = try table.costs(
      at: CodeBlock(shape: layer, draws: 2, indices: [0, 0, 2, 1, 1, 2, 2, 2]), gradients: true)
    #expect(block.values == [0, 7, 14, 17])
    #expect(Array(block.gradients[6..<12]) == Array(gradients[42..<48]))
    #expect(Array(block.gradients[12..<18]) == Array(gradients[84..<90]))
    let all = try table.costs(ofJointCodes: 0..<9, gradients: true)
    #expect(all == CostBlock(values: values, gradients: gradients))
    #expect(!table.capabilities.softPoints && table.capabilities.gradients)
    #expect(throws: DiscreteError.self) {
      try table.costs(
        at: SoftBlock(shape: layer, draws: 0, points: []), gradients: false)
    }
  }

  @Test func tableWithoutGradientsOffersNone() throws {
    let layer = LayerShape(rows: 3, latents: 2, categories: 2)
    let table = try TableOracle(shape: layer, values: [1, 2, 3, 4])
    #expect(!table.capabilities.gradients)
    #expect(
      try table.costs(ofJointCodes: 1..<3, gradients: false).values == [2, 3, 2, 3, 2, 3])
    #expect(throws: DiscreteError.self) { try table.costs(ofJointCodes: 0..<4, gradients: true) }
  }

  @Test func wrongCoefficientsAreRefused() {
    #expect(throws: DiscreteError.self) {
      try LinearCost(latents: 2, categories: 2, weights: [1, 2, 3])
    }
    #expect(throws: DiscreteError.self) {
      try LinearCost(latents: 1, categories: 2, weights: [1, .nan])
    }
    #expect(throws: DiscreteError.self) {
      try CubicCost(latents: 1, categories: 2, matrix: [1, 2, 3, 4], factors: [1, 2, 3])
    }
    #expect(throws: DiscreteError.self) {
      try AbsolutePowerCost(power: 0.5, levels: [0, 1], centres: [0])
    }
  }
}

import Discrete
import Tensors
import Testing

/// Layers whose latents have different numbers of categories.
@Suite struct RaggedLayerTests {
  private let shape = LayerShape(rows: 2, categories: [3, 2, 4])

  @Test func sizes() {
    #expect(shape.isRagged)
    #expect((shape.latents, shape.categories, shape.width, shape.count) == (3, 4, 12, 24))
    #expect((shape.packedWidth, shape.freeCategories) == (9, 6))
    #expect(shape.places == [0, 1, 2, 4, 5, 8, 9, 10, 11])
    #expect(shape.allPlaces == shape.places + shape.places.map { $0 + 12 })
    #expect(shape.jointCodes(limit: 24) == 24)
    #expect(shape.jointCodes(limit: 23) == nil)
    #expect(shape.with(rows: 7).levels == [3, 2, 4])
    #expect(shape.prefix(latents: 2).levels == [3, 2])
    #expect((shape.jointCodesText, shape.sizesText) == ("3 x 2 x 4", "2 x 3 x (3, 2, 4)"))
  }

  /// A layer of the same numbers everywhere is the uniform layer, however it was written.
  @Test func equalNumbersAreAUniformLayer() {
    let uniform = LayerShape(rows: 2, latents: 3, categories: 4)
    #expect(LayerShape(rows: 2, categories: [4, 4, 4]) == uniform)
    #expect(!uniform.isRagged && uniform.levels == [])
    #expect(shape.prefix(latents: 1) == LayerShape(rows: 2, latents: 1, categories: 3))
    #expect((uniform.jointCodesText, uniform.sizesText) == ("4^3", "2 x 3 x 4"))
    #expect(uniform.places == Array(0..<12))
    #expect(uniform.padded([1, 2], filling: 0) == [1, 2])
  }

  @Test func logitsArePadded() throws {
    let logits = try Logits(shape: shape, values: (0..<18).map(Double.init))
    let low = -Double.infinity
    #expect(
      logits.values == [
        0, 1, 2, low, 3, 4, low, low, 5, 6, 7, 8, 9, 10, 11, low, 12, 13, low, low, 14, 15, 16, 17,
      ])
    let row = logits.row(1)
    #expect(row.shape == shape.with(rows: 1))
    #expect(row.latent(1) == RowLogits(latents: 1, categories: 2, values: [12, 13]))
    #expect(row.prefix(latents: 2).values == [9, 10, 11, 12, 13, low])
    #expect(row.places(of: 1) == 4..<6)
    #expect(row.likeliestCodes == [2, 1, 3])
  }

  @Test func wrongLogitsAreRefused() {
    #expect(throws: DiscreteError.self) {
      try Logits(shape: shape, values: .init(repeating: 0, count: 24))
    }
    #expect(throws: DiscreteError.self) {
      try Logits(shape: LayerShape(rows: 1, categories: [1, 2]), values: [0, 0, 0])
    }
    #expect(throws: DiscreteError.self) {
      try Logits(shape: LayerShape(rows: 1, categories: [3, 2]), values: [0, 0, .infinity, 0, 0])
    }
  }

  /// Exactly 0 beyond a latent's own categories, and its own softmax before, at every temperature.
  @Test(arguments: [1e-3, 0.5, 1, 1e6]) func probabilities(temperature: Double) throws {
    let values = fixedNumbers(9, seed: 4)
    let row = try Logits(shape: shape.with(rows: 1), values: values).row(0)
    let distribution = row.probabilities(temperature: temperature)
    var expected: [Double] = []
    for (start, level) in [(0, 3), (3, 2), (5, 4)] {
      expected += softmax(
        Array(values[start..<start + level]), categories: level, scale: 1 / temperature)
      expected += repeatElement(0, count: 4 - level)
    }
    for (found, wanted) in zip(distribution, expected) { #expect(abs(found - wanted) < 1e-15) }
    for (index, found) in distribution.enumerated() where !shape.places.contains(index) {
      #expect(found == 0)
    }
    let logs = logSoftmax(row.values, categories: 4, scale: 1 / temperature)
    for (index, found) in logs.enumerated() {
      #expect(
        shape.places.contains(index) ? found.isFinite : found == -.infinity,
        "\(index): \(found)")
    }
  }

  /// Draws are of a latent's own categories, with their frequencies, and so is the noise given them.
  @Test func draws() throws {
    let row = try Logits(shape: shape.with(rows: 1), values: fixedNumbers(9, seed: 4)).row(0)
    let count = 40_000
    let stream = RandomStream(key: RandomKey(seed: 8), row: 0, site: 0)
    let codes = CategoricalSampler.codes(
      probabilities: row.probabilities(), latents: 3, categories: 4,
      uniforms: stream.uniforms(from: 0, count: 3 * count))
    var counts = [Double](repeating: 0, count: 12)
    for (index, code) in codes.enumerated() { counts[index % 3 * 4 + Int(code)] += 1 }
    for (index, p) in row.probabilities().enumerated() {
      let error = (Double(count) * p * (1 - p)).squareRoot()
      #expect(abs(counts[index] - Double(count) * p) <= 4.5 * error)
    }
    let perturbed = CategoricalSampler.conditionalPerturbed(
      logProbabilities: logSoftmax(row.values, categories: 4), codes: codes,
      exponentials: stream.exponentials(from: 1 << 20, count: 12 * count), latents: 3,
      categories: 4)
    #expect(CategoricalSampler.argmax(perturbed, categories: 4) == codes)
    for (index, value) in perturbed.enumerated() where !shape.places.contains(index % 12) {
      #expect(value == -.infinity)
    }
  }

  @Test func jointCodes() {
    let jointCodes = JointCodes(shape)
    #expect(jointCodes.codes(0..<6) == [0, 0, 0, 0, 0, 1, 0, 0, 2, 0, 0, 3, 0, 1, 0, 0, 1, 1])
    let all = jointCodes.codes(0..<24)
    for jointCode in 0..<24 {
      let codes = all[jointCode * 3..<(jointCode + 1) * 3]
      #expect(jointCodes.index(of: codes) == jointCode)
      #expect(zip(codes, [3, 2, 4]).allSatisfy { $0 < $1 })
    }
    let p = [0.5, 0.3, 0.2, 0, 0.25, 0.75, 0, 0, 0.1, 0.2, 0.3, 0.4]
    let weights = jointCodes.weights(p)
    for jointCode in 0..<24 {
      let codes = Array(all[jointCode * 3..<(jointCode + 1) * 3])
      let wanted = p[Int(codes[0])] * p[4 + Int(codes[1])] * p[8 + Int(codes[2])]
      #expect(abs(weights[jointCode] - wanted) < 1e-16)
    }
  }

  /// Against the sum over the joint codes, one by one.
  @Test(arguments: [[3, 2], [2, 5, 3], [2, 2, 3, 2]]) func scoreCovariance(levels: [Int]) throws {
    let shape = LayerShape(rows: 1, categories: levels)
    let row = try Logits(shape: shape, values: fixedNumbers(shape.packedWidth, seed: 6)).row(0)
    let distribution = row.probabilities()
    let jointCodes = JointCodes(shape)
    let weights = jointCodes.weights(distribution)
    let values = fixedNumbers(weights.count, seed: 7)
    let codes = jointCodes.codes(0..<weights.count)
    var expected = [Double](repeating: 0, count: shape.width)
    for jointCode in weights.indices {
      for index in expected.indices {
        let (latent, k) = (index / shape.categories, index % shape.categories)
        let z = codes[jointCode * levels.count + latent] == Int32(k) ? 1.0 : 0
        expected[index] += weights[jointCode] * values[jointCode] * (z - distribution[index])
      }
    }
    let found = JointExpectation(probabilities: distribution, shape: shape).scoreCovariance(values)
    #expect(found.count == shape.width)
    for index in expected.indices { #expect(abs(found[index] - expected[index]) < 1e-12) }
  }
}

import Foundation
import Tensors
import Testing

@Suite struct CategoricalSamplerTests {
  private let key = RandomKey(seed: 31)

  /// |z| < 4.5 for 12 free cells: false alarm 8e-5 in all; the key is fixed.
  @Test func frequenciesFollowTheProbabilities() {
    let probabilities: [Double] = [
      0.1, 0.2, 0.3, 0.4, 0,
      0, 0.5, 0, 0.5, 0,
      0, 0, 1, 0, 0,
      1, 0, 0, 0, 0,
      0, 0, 0, 0, 1,
      0.001, 0.009, 0.09, 0.2, 0.7,
    ]
    let latents = 6
    let draws = 100_000
    let uniforms = RandomStream(key: key, row: 0, site: 0).uniforms(from: 0, count: draws * latents)
    let codes = CategoricalSampler.codes(
      probabilities: probabilities, latents: latents, categories: 5, uniforms: uniforms)
    var counts = [Double](repeating: 0, count: probabilities.count)
    for (i, code) in codes.enumerated() { counts[i % latents * 5 + Int(code)] += 1 }
    let n = Double(draws)
    for (count, p) in zip(counts, probabilities) {
      if p == 0 || p == 1 {
        #expect(count == n * p)
      } else {
        #expect(abs(count - n * p) / (n * p * (1 - p)).squareRoot() < 4.5)
      }
    }
  }

  /// Places of words and thresholds of uniforms draw the same codes.
  @Test(arguments: [2, 5])
  func placesDrawTheSameCodes(categories: Int) {
    let latents = 3
    let stream = RandomStream(key: key, row: 4, site: 9)
    var probabilities = stream.exponentials(from: 0, count: latents * categories).map(Double.init)
    for latent in 0..<latents {
      let range = latent * categories..<(latent + 1) * categories
      if latent == 1 { probabilities[range.upperBound - 1] = 0 }
      let sum = probabilities[range].reduce(0, +)
      for index in range { probabilities[index] /= sum }
    }
    let count = 9999
    let codes = CategoricalSampler.codes(
      probabilities: probabilities, latents: latents, categories: categories,
      uniforms: stream.uniforms(from: 0, count: count))
    let places = CategoricalSampler.places(probabilities, categories: categories)
    #expect(places.count == latents * (categories - 1))
    for (index, word) in stream.words(from: 0, count: count).enumerated() {
      let own = index % latents * (categories - 1)
      let passed = places[own..<own + categories - 1].count { $0 <= Int32(word >> 9) }
      #expect(passed == Int(codes[index]))
    }
    // Exactly at a uniform, the uniform passes.
    let uniform = 12_345.5 * 0x1p-23
    #expect(CategoricalSampler.places([uniform, 1 - uniform], categories: 2) == [12_345])
    #expect(CategoricalSampler.places([0, 1, 1, 0], categories: 2) == [0, 1 << 23])
  }

  /// The table replication for few latents gives the codes of the plain definition.
  @Test(arguments: [1, 2, 3, 64, 65, 200, 257, 700], [1, 2, 3, 17])
  func codesMatchTheDefinition(latents: Int, categories: Int) {
    let stream = RandomStream(key: key, row: latents, site: categories)
    var probabilities = stream.exponentials(from: 0, count: latents * categories).map(Double.init)
    for latent in 0..<latents {
      let range = latent * categories..<(latent + 1) * categories
      let sum = probabilities[range].reduce(0, +)
      for i in range { probabilities[i] /= sum }
    }
    let uniforms = stream.uniforms(from: 1 << 20, count: latents * 37)
    let expected = uniforms.indices.map { i -> Int32 in
      var sum = 0.0
      for category in 0..<categories - 1 {
        sum += probabilities[i % latents * categories + category]
        if uniforms[i] < Float(sum) { return Int32(category) }
      }
      return Int32(categories - 1)
    }
    #expect(
      CategoricalSampler.codes(
        probabilities: probabilities, latents: latents, categories: categories, uniforms: uniforms)
        == expected)
  }

  @Test func zeroProbabilityAtTheEndsIsNeverDrawn() {
    let extremes: [Float] = [0x1p-24, 1 - 0x1p-24, 0.5]
    let short = 1 - 1e-6
    let codes = CategoricalSampler.codes(
      probabilities: [0, short, 0], latents: 1, categories: 3, uniforms: extremes)
    #expect(codes == [1, 1, 1])
  }

  @Test func emptyInput() {
    #expect(
      CategoricalSampler.codes(probabilities: [], latents: 0, categories: 2, uniforms: []).isEmpty)
    #expect(
      CategoricalSampler.codes(probabilities: [0.5, 0.5], latents: 1, categories: 2, uniforms: [])
        .isEmpty)
    #expect(CategoricalSampler.argmax([], categories: 3).isEmpty)
    #expect(
      CategoricalSampler.conditionalPerturbed(
        logProbabilities: [0], codes: [], exponentials: [], latents: 1, categories: 1
      ).isEmpty)
  }

  @Test func argmaxTakesTheFirstOfEquals() {
    #expect(CategoricalSampler.argmax([1, 3, 3, 2, 2, 2], categories: 3) == [1, 0])
    #expect(CategoricalSampler.argmax([5, -1], categories: 1) == [0, 0])
    let infinite = -Double.infinity
    #expect(CategoricalSampler.argmax([infinite, infinite, 0, infinite], categories: 2) == [0, 0])
  }

  @Test(arguments: [2, 7, 64, 65, 300])
  func argmaxMatchesTheDefinition(categories: Int) {
    let words = RandomStream(key: key, row: 1, site: 1).words(from: 0, count: 100 * categories)
    let values = words.map { Double($0 % 11) }
    let expected = (0..<100).map { row -> Int32 in
      let part = values[row * categories..<(row + 1) * categories]
      let top = part.max() ?? 0
      return Int32((part.firstIndex(of: top) ?? part.startIndex) - part.startIndex)
    }
    #expect(CategoricalSampler.argmax(values, categories: categories) == expected)
  }
}

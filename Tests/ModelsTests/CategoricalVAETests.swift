import Discrete
import Foundation
import Models
import Networks
import TestSupport
import Testing

@Suite struct CategoricalVAETests {
  init() { #expect(oneThread == nil) }

  @Test func oracleFollowsDifferencesInDouble() throws {
    try checkOracle(
      smallVAE(Double.self).oracle, tolerance: 1e-13, differenceStep: 1e-4,
      gradientTolerance: 1e-9)
  }

  @Test func oracleIsTheBernoulliLikelihood() throws {
    let vae = try smallVAE(Double.self, binarised: true)
    let point = innerPoint(vae.shape, seed: 1)
    let points = (0..<vae.shape.rows).flatMap { _ in point }
    let values = try vae.oracle.costs(
      at: SoftBlock(shape: vae.shape, draws: 1, points: points), gradients: false
    ).values
    let y = vae.decoder.forward(point, rows: 1).output
    let images = try smallImages()
    for row in 0..<vae.shape.rows {
      var expected = 0.0
      for (pixel, byte) in images.image(row + 1).enumerated() {
        let p = 1 / (1 + exp(-y[pixel]))
        expected -= byte > 127 ? log(p) : log(1 - p)
      }
      #expect(abs(values[row] - expected) < 1e-13)
    }
  }

  @Test func bothJointCodeRoutesAgreeWithDirectEvaluation() throws {
    // Float32 sums of at most 784 terms: differences of a few units of 1e-7 of the largest entry.
    let images = ImageData.procedural()
    let settings = VAESettings(
      latents: 3, categories: 4, rows: 7, hidden1: 40, hidden2: 30, seed: 2)
    try checkRoutes(
      #require(CategoricalVAE<Float>(settings: settings, images: images).decoderOracle),
      tolerance: 3e-6)
    try checkRoutes(
      #require(CategoricalVAE<Double>(settings: settings, images: images).decoderOracle),
      tolerance: 1e-13)
  }

  private func checkRoutes<Scalar: NetworkScalar>(
    _ oracle: DecoderOracle<Scalar>, tolerance: Double
  ) throws {
    let jointCodes = 5..<64
    let codes = JointCodes(latents: 3, categories: 4).codes(jointCodes)
    let direct = try oracle.costs(
      at: CodeBlock(
        shape: oracle.shape, draws: jointCodes.count, indices: (0..<7).flatMap { _ in codes }),
      gradients: true)
    for route in [JointCodeRoute.backward, .jacobian, .automatic] {
      let shared = oracle.costs(ofJointCodes: jointCodes, gradients: true, route: route)
      #expect(relativeDifference(shared.values, direct.values) < tolerance)
      #expect(relativeDifference(shared.gradients, direct.gradients) < tolerance)
      #expect(oracle.costs(ofJointCodes: jointCodes, gradients: true, route: route) == shared)
    }
  }

  @Test func pullbackFollowsEveryEncoderWeight() throws {
    let vae = try smallVAE(Double.self)
    let gradient = fixedNumbers(vae.shape.count, seed: 6)
    let pullback = try #require(vae.pullback)
    let pulled = pullback.pullBack(gradient)
    #expect(pullback.groups.map(\.name) == ["encoder.1", "encoder.2", "encoder.3"])
    #expect(pullback.groups.map(\.count) == pulled.map(\.count))
    for (index, layer) in vae.encoder.layers.enumerated() {
      let numeric = try differences(at: layer.weights + layer.biases, step: 1e-4) {
        var encoder = vae.encoder
        encoder.layers[index].weights = Array($0[..<layer.weights.count])
        encoder.layers[index].biases = Array($0[layer.weights.count...])
        let moved = try vae.with(encoder: encoder)
        return zip(moved.logits.values, gradient).reduce(0) { $0 + $1.0 * $1.1 }
      }
      #expect(relativeDifference(pulled[index], numeric) < 1e-9)
    }
  }

  @Test func gramsAreProductsOfRowJacobians() throws {
    let vae = try smallVAE(Double.self)
    let pullback = try #require(vae.pullback)
    let width = vae.shape.width
    for row in 0..<vae.shape.rows {
      // Row j of the Jacobian: the pull-back of the unit gradient of logit j.
      let jacobian = (0..<width).map { logit in
        var unit = [Double](repeating: 0, count: vae.shape.count)
        unit[row * width + logit] = 1
        return pullback.pullBack(unit)
      }
      let grams = pullback.rowGrams(row)
      for group in 0..<3 {
        for i in 0..<width {
          for j in 0..<width {
            let product = zip(jacobian[i][group], jacobian[j][group]).reduce(0) {
              $0 + $1.0 * $1.1
            }
            #expect(abs(grams[group][i * width + j] - product) < 1e-12)
          }
        }
      }
    }
  }

  @Test func theSameSettingsGiveTheSameBits() throws {
    let settings = VAESettings(rows: 3, hidden1: 20, hidden2: 10)
    let first = try CategoricalVAE<Float>(settings: settings, images: .procedural())
    let second = try CategoricalVAE<Float>(settings: settings, images: .procedural())
    #expect(first.logits == second.logits && first.decoder == second.decoder)
    var other = settings
    other.seed = 2
    #expect(
      try CategoricalVAE<Float>(settings: other, images: .procedural()).logits != first.logits)
    // More rows do not change which images come first.
    other = settings
    other.offset = 1
    other.rows = 2
    let later = try CategoricalVAE<Double>(settings: other, images: .procedural())
    let all = try CategoricalVAE<Double>(settings: settings, images: .procedural())
    #expect(
      relativeDifference(later.logits.values, Array(all.logits.values.dropFirst(32))) < 1e-14)
  }

  @Test func theKindBuildsFromParameters() throws {
    let vae = try #require(
      try problem(
        "categorical-vae",
        [
          "data": .text("procedural"), "rows": .integer(2), "latents": .integer(2),
          "categories": .integer(5), "hidden-1": .integer(16), "hidden-2": .integer(8),
          "binarise": .text("none"),
        ]) as? CategoricalVAE<Float>)
    #expect(vae.dataName == "procedural")
    #expect(vae.shape == LayerShape(rows: 2, latents: 2, categories: 5))
    #expect(vae.oracle.capabilities.sharesCodesAcrossRows && vae.pullback != nil)
    let text = message {
      _ = try problem(
        "categorical-vae", ["data": .text("procedural"), "offset": .integer(9_950)])
    }
    #expect(
      text == "offset 9950 and rows 100 reach beyond the 10000 images; lower one of them")
  }
}

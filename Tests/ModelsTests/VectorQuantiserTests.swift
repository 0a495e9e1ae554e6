import Discrete
import Foundation
import Models
import Networks
import TestSupport
import Testing

/// A quantiser of 6-7-5-(2 x 3) units with four codes.
private func smallQuantiser<Scalar: NetworkScalar>(
  _ type: Scalar.Type, rows: Int = 4, width: Double = 0.7
) throws -> VectorQuantiser<Scalar> {
  try VectorQuantiser<Scalar>(
    settings: VQSettings(
      network: VAESettings(
        latents: 2, categories: 4, rows: rows, offset: rows == 8 ? 0 : 1, hidden1: 7, hidden2: 5,
        seed: 3),
      dimension: 3, width: width), images: smallImages())
}

@Suite struct VectorQuantiserTests {
  init() { #expect(oneThread == nil) }

  @Test func oracleFollowsDifferencesInDouble() throws {
    try checkOracle(
      smallQuantiser(Double.self).oracle, tolerance: 1e-13, differenceStep: 1e-4,
      gradientTolerance: 1e-9)
  }

  @Test func theCostIsThatOfMixedCodes() throws {
    let problem = try smallQuantiser(Double.self)
    let point = innerPoint(problem.shape, seed: 1)
    let values = try problem.oracle.costs(
      at: SoftBlock(shape: problem.shape, draws: 1, points: (0..<4).flatMap { _ in point }),
      gradients: false
    ).values
    var mixture = [Double](repeating: 0, count: 6)
    for latent in 0..<2 {
      for code in 0..<4 {
        for axis in 0..<3 {
          mixture[latent * 3 + axis] +=
            point[latent * 4 + code] * problem.codes[code * 3 + axis]
        }
      }
    }
    let y = problem.decoder.forward(mixture, rows: 1).output
    for row in 0..<4 {
      let expected = zip(y, try smallImages().image(row + 1)).reduce(0.0) { total, pair in
        let p = 1 / (1 + exp(-pair.0))
        return total - (pair.1 > 127 ? log(p) : log(1 - p))
      }
      #expect(abs(values[row] - expected) < 1e-13)
    }
  }

  @Test func logitsAreDistancesAndTheirModeIsTheNearestCode() throws {
    let problem = try smallQuantiser(Double.self)
    for vector in 0..<8 {
      let z = problem.features[vector * 3..<vector * 3 + 3]
      let phi = problem.logits.values[vector * 4..<vector * 4 + 4]
      let distances = (0..<4).map { code in
        zip(z, problem.codes[code * 3..<code * 3 + 3])
          .reduce(0.0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
      }
      for (value, distance) in zip(phi, distances) {
        #expect(abs(value + distance / (2 * 0.49)) < 1e-13)
      }
      let nearest = try #require(distances.indices.min { distances[$0] < distances[$1] })
      #expect(
        try Array(#require(problem.quantised)[vector * 3..<vector * 3 + 3])
          == Array(problem.codes[nearest * 3..<nearest * 3 + 3]))
    }
  }

  @Test func pullbacksFollowEveryEncoderWeight() throws {
    let problem = try smallQuantiser(Double.self)
    let gradient = fixedNumbers(problem.shape.count, seed: 6)
    let atActivations = fixedNumbers(problem.features.count, seed: 7)
    let pulled = try #require(problem.pullback).pullBack(gradient)
    let pulledActivations = problem.activationPullback.pullBack(atActivations)
    for (index, layer) in problem.encoder.layers.enumerated() {
      func moved(_ weights: [Double]) throws -> VectorQuantiser<Double> {
        var encoder = problem.encoder
        encoder.layers[index].weights = Array(weights[..<layer.weights.count])
        encoder.layers[index].biases = Array(weights[layer.weights.count...])
        return try problem.with(encoder: encoder)
      }
      let start = layer.weights + layer.biases
      let byLogits = try differences(at: start, step: 1e-4) {
        zip(try moved($0).logits.values, gradient).reduce(0) { $0 + $1.0 * $1.1 }
      }
      #expect(relativeDifference(pulled[index], byLogits) < 1e-8)
      let byActivations = try differences(at: start, step: 1e-4) {
        zip(try moved($0).features, atActivations).reduce(0) { $0 + $1.0 * $1.1 }
      }
      #expect(relativeDifference(pulledActivations[index], byActivations) < 1e-9)
    }
  }

  @Test func gramsAreProductsOfRowJacobians() throws {
    let problem = try smallQuantiser(Double.self)
    let pullback = try #require(problem.pullback)
    let width = problem.shape.width
    for row in 0..<problem.shape.rows {
      let jacobian = (0..<width).map { logit in
        var unit = [Double](repeating: 0, count: problem.shape.count)
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
            #expect(abs(grams[group][i * width + j] - product) < 1e-11)
          }
        }
      }
    }
  }

  @Test func bypassGradientsFollowDifferences() throws {
    let problem = try smallQuantiser(Double.self)
    let gradients = try problem.bypassGradients()
    for (points, found) in [
      (try #require(problem.quantised), gradients.quantised),
      (problem.features, gradients.bypassed),
    ] {
      let numeric = try differences(at: points, step: 1e-4) { points in
        let y = problem.decoder.forward(points, rows: 4).output
        return try (0..<4).reduce(0.0) { total, row in
          try zip(y[row * 6..<row * 6 + 6], smallImages().image(row + 1)).reduce(total) {
            sum, pair in
            sum + log(1 + exp(pair.0)) - (pair.1 > 127 ? pair.0 : 0)
          }
        }
      }
      #expect(relativeDifference(found, numeric) < 1e-9)
    }
  }

  @Test func initialCodesAreEncodings() throws {
    let problem = try smallQuantiser(Double.self, rows: 8)
    // Eight images in all: every encoding is one of the measured batch's.
    for code in 0..<4 {
      let entry = Array(problem.codes[code * 3..<code * 3 + 3])
      let near = (0..<16).contains { vector in
        relativeDifference(Array(problem.features[vector * 3..<vector * 3 + 3]), entry) < 1e-12
      }
      #expect(near)
    }
    #expect(try smallQuantiser(Double.self, rows: 8).codes == problem.codes)
  }

  @Test func theKindBuildsFromParameters() throws {
    let parameters: [String: ParameterValue] = [
      "data": .text("procedural"), "rows": .integer(2), "latents": .integer(2),
      "categories": .integer(5), "dimension": .integer(3), "hidden-1": .integer(16),
      "hidden-2": .integer(8),
    ]
    let built = try #require(
      try problem("vq-autoencoder", parameters) as? VectorQuantiser<Float>)
    #expect(built.shape == LayerShape(rows: 2, latents: 2, categories: 5))
    #expect(built.features.count == 12)
    let tiny = message {
      _ = try problem(
        "vq-autoencoder", parameters.merging(["s": .number(1e-300)]) { $1 })
    }
    #expect(tiny.hasSuffix("raise s"))
    let wide = message {
      _ = try problem(
        "vq-autoencoder",
        parameters.merging(["latents": .integer(3000), "dimension": .integer(6)]) { $1 })
    }
    #expect(wide == "latents x dimension must be from 1 to 16384, found 3000 x 6")
  }
}

/// Norms of pull-backs without the gradients of the weights.
@Suite struct SquaredNormTests {
  init() { #expect(oneThread == nil) }

  @Test func normsAreThoseOfThePullBack() throws {
    func check(_ pullback: any ParameterPullback, count: Int, tolerance: Double) {
      let gradient = fixedNumbers(count, seed: 9)
      let direct = pullback.pullBack(gradient).map { $0.reduce(0) { $0 + $1 * $1 } }
      for (found, expected) in zip(pullback.squaredNorms(gradient), direct) {
        #expect(abs(found - expected) < tolerance * expected)
      }
    }
    /// Inner products with a gradient that is 0 outside some rows.
    func checkRows(_ pullback: any ParameterPullback, _ shape: LayerShape, tolerance: Double) {
      let gradient = fixedNumbers(shape.count, seed: 9)
      let rows = [1, shape.rows - 1]
      let some = fixedNumbers(shape.count, seed: 10).enumerated().map {
        rows.contains($0 / shape.width) ? $1 : 0
      }
      let whole = pullback.norms.partial(gradient, rows: nil)
      let part = pullback.norms.partial(some, rows: rows)
      let direct = zip(pullback.pullBack(gradient), pullback.pullBack(some)).map { a, b in
        (zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }, b.reduce(0) { $0 + $1 * $1 })
      }
      let sizes = zip(pullback.norms.squaredNorms(whole), direct).map { ($0 * $1.1).squareRoot() }
      let products = [
        whole.products(pullback.norms.image(part)), part.products(pullback.norms.image(whole)),
      ]
      for group in direct.indices {
        for product in products {
          #expect(abs(product[group] - direct[group].0) < tolerance * sizes[group])
        }
        let square = pullback.norms.squaredNorms(part)[group]
        #expect(abs(square - direct[group].1) < tolerance * direct[group].1)
        let own = part.products(pullback.norms.image(part))[group]
        #expect(abs(own - direct[group].1) < tolerance * direct[group].1)
      }
    }
    let vae = try smallVAE(Double.self)
    try check(#require(vae.pullback), count: vae.shape.count, tolerance: 1e-13)
    try checkRows(#require(vae.pullback), vae.shape, tolerance: 1e-13)
    let quantiser = try smallQuantiser(Double.self)
    try check(#require(quantiser.pullback), count: quantiser.shape.count, tolerance: 1e-13)
    try checkRows(#require(quantiser.pullback), quantiser.shape, tolerance: 1e-13)
    // Both sides of the row limit of the Gram form, in single precision.
    for rows in [512, 513] {
      let large = try CategoricalVAE<Float>(
        settings: VAESettings(latents: 2, categories: 3, rows: rows, hidden1: 12, hidden2: 8),
        images: .procedural())
      try check(#require(large.pullback), count: large.shape.count, tolerance: 1e-4)
      try checkRows(#require(large.pullback), large.shape, tolerance: 1e-4)
    }
    let tied = try #require(problem("three-bernoullis").pullback)
    check(tied, count: 6, tolerance: 1e-14)
  }
}

import Discrete
import Foundation
import Testing

@Suite struct LayerTests {
  @Test func sizes() {
    let shape = LayerShape(rows: 5, latents: 3, categories: 4)
    #expect(shape.width == 12)
    #expect(shape.count == 60)
    #expect(shape.with(rows: 2) == LayerShape(rows: 2, latents: 3, categories: 4))
  }

  @Test func logitsAreCheckedAndSplitIntoRows() throws {
    let shape = LayerShape(rows: 2, latents: 1, categories: 2)
    let logits = try Logits(shape: shape, values: [1, 2, 3, 4])
    #expect(logits.row(1) == RowLogits(latents: 1, categories: 2, values: [3, 4]))
    #expect(throws: DiscreteError.shape("logits need 4 values for 2 x 1 x 2, found 3")) {
      try Logits(shape: shape, values: [1, 2, 3])
    }
    #expect(throws: DiscreteError.notFinite("logit 2 is inf")) {
      try Logits(shape: shape, values: [1, 2, .infinity, 4])
    }
    #expect(throws: DiscreteError.notFinite("logit 0 is nan")) {
      try Logits(shape: shape, values: [.nan, 2, 3, 4])
    }
  }

  /// Against the definition, latent by latent.
  @Test(arguments: [1.0, 0.3, 4.0])
  func softmaxAndItsLogarithm(scale: Double) {
    let values = fixedNumbers(12, seed: 3).map { 5 * $0 }
    let p = softmax(values, categories: 4, scale: scale)
    let logs = logSoftmax(values, categories: 4, scale: scale)
    for latent in 0..<3 {
      let raw = (0..<4).map { exp(scale * values[latent * 4 + $0]) }
      let total = raw.reduce(0, +)
      for k in 0..<4 {
        #expect(abs(p[latent * 4 + k] - raw[k] / total) < 1e-14)
        #expect(abs(logs[latent * 4 + k] - log(raw[k] / total)) < 1e-13)
      }
    }
  }

  @Test func softmaxOfLargeLogitsIsFinite() {
    #expect(softmax([1e5, -1e5, 1e5], categories: 3) == [0.5, 0, 0.5])
    #expect(logSoftmax([1e5, -1e5], categories: 2) == [0, -2e5])
    #expect(softmax([7], categories: 1) == [1])
  }

  @Test func temperatureDividesTheLogits() {
    let row = RowLogits(latents: 1, categories: 3, values: [0.2, -0.4, 1])
    let cold = row.probabilities(temperature: 0.5)
    #expect(largestDifference(cold, softmax([0.4, -0.8, 2], categories: 3)) < 1e-15)
    #expect(ForwardDistribution.sample(temperature: 0.5).probabilities(row) == cold)
  }

  /// The mode is the first of equal maxima.
  @Test func modeIsOneHot() {
    let row = RowLogits(latents: 2, categories: 3, values: [0, 2, 2, 1, 0, 0])
    #expect(ForwardDistribution.mode.probabilities(row) == [0, 1, 0, 1, 0, 0])
  }

  @Test func softmaxJacobianIsTheDerivative() {
    let logits = [0.3, -1.1, 0.8, 0.1]
    let q = softmax(logits, categories: 4)
    let jacobian = softmaxJacobian(q[...])
    for j in 0..<4 {
      let step = 1e-3
      func moved(_ offset: Double) -> [Double] {
        var point = logits
        point[j] += offset
        return softmax(point, categories: 4)
      }
      let (a, b, c, d) = (moved(step), moved(-step), moved(2 * step), moved(-2 * step))
      for i in 0..<4 {
        let gradient = (8 * (a[i] - b[i]) - (c[i] - d[i])) / (12 * step)
        #expect(abs(jacobian[i * 4 + j] - gradient) < 1e-11)
      }
    }
  }

  /// With offsets into longer arrays, as the estimators call it.
  @Test func jacobianProductEqualsTheMatrix() {
    let q = softmax(fixedNumbers(6, seed: 8), categories: 3)
    let v = fixedNumbers(9, seed: 9)
    var out = [Double](repeating: 7, count: 9)
    var span = out.mutableSpan
    softmaxJacobianProduct(q.span, at: 3, v.span, at: 6, categories: 3, factor: -2.5, into: &span)
    let jacobian = softmaxJacobian(q[3..<6])
    #expect(out[0..<6] == [7, 7, 7, 7, 7, 7])
    for i in 0..<3 {
      let expected = -2.5 * (0..<3).reduce(0.0) { $0 + jacobian[i * 3 + $1] * v[6 + $1] }
      #expect(abs(out[6 + i] - expected) < 1e-15)
    }
  }
}

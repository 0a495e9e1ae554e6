import Foundation
import Tensors
import Testing

/// Moments of the variates. |z| < 4.5 for 17 scores: false alarm 1.2e-4 in all; the key is fixed.
@Suite struct RandomVariateTests {
  private let stream = RandomStream(key: RandomKey(seed: 20), row: 3, site: 4)
  private let count = 1 << 19

  private func expectSmall(_ scores: [Double], _ name: Comment) {
    for z in scores { #expect(abs(z) < 4.5, name) }
  }

  @Test func uniforms() {
    let values = stream.uniforms(from: 1, count: count).map(Double.init)
    expectSmall(SampleMoments(values).scores(mean: 0.5, variance: 1.0 / 12), "uniform")
    #expect(values.allSatisfy { $0 > 0 && $0 < 1 })
  }

  @Test func exponentials() {
    let values = stream.exponentials(from: 1, count: count).map(Double.init)
    expectSmall(SampleMoments(values).scores(mean: 1, variance: 1), "exponential")
    #expect(values.allSatisfy { $0 > 0 && $0 < 16.7 })
  }

  @Test func gumbels() {
    let values = stream.gumbels(from: 1, count: count).map(Double.init)
    let euler = 0.577_215_664_901_532_9
    let variance = Double.pi * Double.pi / 6
    expectSmall(SampleMoments(values).scores(mean: euler, variance: variance), "gumbel")
    #expect(values.allSatisfy { $0 > -2.82 && $0 < 16.7 })
  }

  /// Normals, the squares of each half of a pair, and the product within a pair.
  @Test func normals() {
    let values = stream.normals(from: 0, count: count).map(Double.init)
    expectSmall(SampleMoments(values).scores(mean: 0, variance: 1), "normal")
    let cosines = stride(from: 0, to: count, by: 2).map { values[$0] }
    let sines = stride(from: 1, to: count, by: 2).map { values[$0] }
    expectSmall(SampleMoments(cosines).scores(mean: 0, variance: 1), "cosine")
    expectSmall(SampleMoments(sines).scores(mean: 0, variance: 1), "sine")
    let products = zip(cosines, sines).map { $0 * $1 }
    expectSmall(SampleMoments(products).scores(mean: 0, variance: 1), "product")
    expectSmall(
      SampleMoments(values.map { $0 * $0 * $0 }).scores(mean: 0, variance: 15), "third moment")
  }

  /// Box-Muller on the same uniforms in double precision.
  @Test func normalsMatchTheFormula() {
    let u = stream.uniforms(from: 0, count: 20_000).map(Double.init)
    let z = stream.normals(from: 0, count: 20_000).map(Double.init)
    var worst = 0.0
    for pair in stride(from: 0, to: 20_000, by: 2) {
      let radius = (-2 * log(u[pair])).squareRoot()
      let angle = 2 * Double.pi * u[pair + 1]
      worst = max(worst, abs(z[pair] - radius * cos(angle)))
      worst = max(worst, abs(z[pair + 1] - radius * sin(angle)))
    }
    #expect(worst < 1.5e-6)
  }

  /// Gumbels and exponentials against double precision, in units of the last place.
  @Test func logarithmsOfUniforms() {
    let u = stream.uniforms(from: 0, count: 50_000).map(Double.init)
    let e = stream.exponentials(from: 0, count: 50_000)
    let g = stream.gumbels(from: 0, count: 50_000)
    for i in u.indices {
      #expect(abs(Double(e[i]) + log(u[i])) <= 1.1 * Double(e[i].ulp))
      // The rounding of the inner logarithm adds one relative unit: 6e-8 absolute.
      let exact = -log(-log(u[i]))
      #expect(abs(Double(g[i]) - exact) <= 1.1 * Double(g[i].ulp) + 1.3e-7)
    }
  }
}

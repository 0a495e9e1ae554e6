import Discrete
import Models
import Tensors
import Testing

/// A decoder evaluates repeated codes once: each point still gets its own row's numbers.
@Suite struct RepeatedCodesTests {
  /// 4 rows x 200 draws of 9 codes, against each of the points by itself and against the same points
  /// as soft ones, to rounding.
  @Test func everyPointGetsItsOwnNumbers() throws {
    let vae = try smallVAE(Double.self)
    let shape = vae.shape
    let draws = 200
    let indices = RandomStream(key: RandomKey(seed: 5), row: 0, site: 0)
      .uniforms(from: 0, count: shape.rows * draws * 2).map { Int32(3 * $0) }
    let block = CodeBlock(shape: shape, draws: draws, indices: indices)
    let found = try vae.oracle.costs(at: block, gradients: true)
    #expect(try vae.oracle.gradients(at: block) == found.gradients)
    #expect(try vae.oracle.costs(at: block, gradients: false).values == found.values)

    var points = [Double](repeating: 0, count: shape.count * draws)
    for (position, code) in indices.enumerated() { points[position * 3 + Int(code)] = 1 }
    let soft = SoftBlock(shape: shape, draws: draws, points: points)
    let wanted = try vae.oracle.costs(at: soft, gradients: true)
    #expect(try vae.oracle.gradients(at: soft) == wanted.gradients)
    #expect(found.values.count == shape.rows * draws)
    for (a, b) in zip(found.values, wanted.values) { #expect(abs(a - b) <= 1e-13 * abs(b)) }
    for (a, b) in zip(found.gradients, wanted.gradients) { #expect(abs(a - b) <= 1e-13) }
  }
}

/// The oracle's numbers in float32 are those it gives in float64 arrays.
@Suite struct SinglePrecisionOracleTests {
  @Test(arguments: [3, 200])
  func numbersAreTheSame(draws: Int) throws {
    let vae = try smallVAE(Float.self)
    let shape = vae.shape
    let oracle = vae.oracle
    #expect(oracle.capabilities.precision == .single)
    let indices = RandomStream(key: RandomKey(seed: 6), row: 0, site: 0)
      .uniforms(from: 0, count: shape.rows * draws * shape.latents)
      .map { Int32(Float(shape.categories) * $0) }
    let block = CodeBlock(shape: shape, draws: draws, indices: indices)
    let wide = try vae.oracle.costs(at: block, gradients: true)
    let single = try oracle.singleCosts(at: block, values: true, gradients: true)
    #expect(single.values == wide.values)
    #expect(single.gradients.map(Double.init) == wide.gradients)
    let gradients = try oracle.singleCosts(at: block, values: false, gradients: true)
    #expect(gradients == SingleCosts(values: [], gradients: single.gradients))

    let points = RandomStream(key: RandomKey(seed: 7), row: 0, site: 0)
      .uniforms(from: 0, count: shape.count * draws)
    let soft = SoftBlock(shape: shape, draws: draws, points: points.map(Double.init))
    #expect(
      try oracle.singleGradients(at: points, draws: draws).map(Double.init)
        == vae.oracle.gradients(at: soft))
  }
}

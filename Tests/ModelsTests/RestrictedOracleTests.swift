import Discrete
import Models
import Testing

/// The same oracle without ways of its own.
private struct Plain: CostOracle {
  let inner: any CostOracle

  var shape: LayerShape { inner.shape }
  var capabilities: OracleCapabilities { inner.capabilities }
  func costs(at codes: CodeBlock, gradients: Bool) throws -> CostBlock {
    try inner.costs(at: codes, gradients: gradients)
  }
  func costs(at points: SoftBlock, gradients: Bool) throws -> CostBlock {
    try inner.costs(at: points, gradients: gradients)
  }
}

/// Oracles of one row of a layer.
@Suite struct RestrictedOracleTests {
  /// What the row has in the whole layer, at hard and soft points: the default, and those of costs
  /// that all rows share and of a decoder. Products of matrices of another shape round differently.
  @Test func rowsAreThoseOfTheLayer() throws {
    let cost = try QuadraticCost(
      latents: 2, categories: 3, matrix: (0..<36).map { Double($0 % 7) / 5 },
      weights: (0..<6).map(Double.init))
    let vae = try CategoricalVAE<Double>(
      settings: VAESettings(latents: 2, categories: 3, rows: 4, hidden1: 7, hidden2: 5, seed: 4),
      images: .procedural())
    let oracles: [any CostOracle] = [try SharedCostOracle(rows: 4, cost: cost), vae.oracle]
    for oracle in oracles {
      try check(oracle, oracle.restricted(toRow: 2))
      try check(oracle, Plain(inner: oracle).restricted(toRow: 2))
    }
    let own = vae.oracle.restricted(toRow: 1).workPerPoint
    let weights: Double = 6 * 5 + 5 * 7 + 7 * 784
    #expect(own == vae.oracle.workPerPoint && own == 2 * weights)
    let plain = Plain(inner: vae.oracle).restricted(toRow: 1).workPerPoint
    #expect(plain == 4 * 36)
  }

  private func check(_ layer: any CostOracle, _ row: any CostOracle) throws {
    let shape = layer.shape
    #expect(row.shape == shape.with(rows: 1) && row.capabilities == layer.capabilities)
    let codes: [Int32] = [0, 1, 2, 0, 1, 1, 2, 2, 0, 0]
    let points: [Double] = (0..<5 * shape.width).map { Double($0 * $0 % 11) / 10 }
    func costs(_ oracle: any CostOracle) throws -> [CostBlock] {
      let rows = oracle.shape.rows
      let hard = CodeBlock(
        shape: oracle.shape, draws: 5,
        indices: [[Int32]](repeating: codes, count: rows).flatMap(\.self))
      let soft = SoftBlock(
        shape: oracle.shape, draws: 5,
        points: [[Double]](repeating: points, count: rows).flatMap(\.self))
      return [
        try oracle.costs(at: hard, gradients: true), try oracle.costs(at: soft, gradients: true),
        try oracle.costs(ofJointCodes: 0..<5, gradients: true),
      ]
    }
    for (all, own) in zip(try costs(layer), try costs(row)) {
      #expect(own.values.count == 5 && own.gradients.count == 5 * shape.width)
      for index in own.values.indices {
        #expect(abs(own.values[index] - all.values[10 + index]) < 1e-11 * abs(own.values[index]))
      }
      for index in own.gradients.indices {
        #expect(abs(own.gradients[index] - all.gradients[10 * shape.width + index]) < 1e-11)
      }
    }
  }
}

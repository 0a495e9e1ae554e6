import Discrete
import Models
import Networks
import Testing

/// What oracles say of the rounding of their values.
@Suite struct OracleRoundoffTests {
  /// Given numbers have none; sums in double have that of double, networks that of their own
  /// precision; an oracle of one row has that of its layer, and one that does not say that of double.
  @Test func oraclesSayTheirRoundoff() throws {
    let shape = LayerShape(rows: 2, latents: 1, categories: 2)
    let table = try TableOracle(shape: shape, values: [1e15, 1e15 + 1])
    let cost = try LinearCost(latents: 1, categories: 2, weights: [1, 2], constant: 0)
    func decoder<Scalar: NetworkScalar>(_: Scalar.Type) throws -> any CostOracle {
      try CategoricalVAE<Scalar>(
        settings: VAESettings(latents: 1, categories: 2, rows: 2, hidden1: 3, hidden2: 3, seed: 1),
        images: .procedural()
      ).oracle
    }
    let oracles: [(any CostOracle, Double)] = [
      (table, 0), (try SharedCostOracle(rows: 2, cost: cost), OracleCapabilities.computedRoundoff),
      (try decoder(Float.self), OracleCapabilities.singleRoundoff),
      (try decoder(Double.self), OracleCapabilities.computedRoundoff),
    ]
    for (oracle, roundoff) in oracles {
      #expect(oracle.capabilities.roundoff == roundoff)
      #expect(oracle.restricted(toRow: 1).capabilities.roundoff == roundoff)
    }
    #expect(OracleCapabilities().roundoff == OracleCapabilities.computedRoundoff)
  }
}

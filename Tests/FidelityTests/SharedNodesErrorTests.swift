import Discrete
import Estimators
import Fidelity
import TestSupport
import Testing

/// Exact moments of noisy surrogates on a layer too large for the fine quadrature, against that
/// quadrature: the stated error, which comes from some of the rows, has to cover the true one.
@Suite struct SharedNodesErrorTests {
  /// All nine pairs with GRADFID_HEAVY; each value once in the suite.
  private static let temperatures: [(forward: Double, backward: Double)] =
    isHeavy
    ? [0.1, 1, 4].flatMap { forward in [0.25, 1, 3].map { (forward, $0) } }
    : [(0.1, 1), (1, 0.25), (4, 3)]

  @Test(arguments: isHeavy ? ["scaled-logits", "scaled-sum"] : ["scaled-sum"], [26, 5])
  func statedErrorsCoverTrueOnes(placement: String, rows: Int) throws {
    let problem = try trainedVAE(
      ["categories": 8, "latents": 2, "rows": rows, "hidden-1": 16, "hidden-2": 16], steps: 20)
    let table = try OracleTable(oracle: problem.oracle, limit: 64, gradients: true)
    let estimators = try Self.temperatures.map {
      try EstimatorRegistry.make(
        "decoupled-st-gs",
        [
          "tau-forward": .number($0.forward), "tau-backward": .number($0.backward),
          "placement": .text(placement),
        ])
    }
    func measured(step: Double) throws -> [ExactMeasurement?] {
      try ExactEngine(
        problem: problem, table: table,
        geometry: ScopeGeometry(problem: problem, scopes: [.logits, .layers, .all]),
        quadratureStep: step, key: 1, workers: 1
      ).measure(estimators)
    }
    for (index, cells) in zip(try measured(step: 0.5), try measured(step: 0.2)).enumerated() {
      let found = try #require(cells.0)
      let truth = try #require(cells.1)
      let coarse = try #require(found.coarse)
      let name = Comment(rawValue: "\(Self.temperatures[index])")
      for part in truth.traces.indices {
        let stated = abs(coarse.traces[part] - found.traces[part])
        #expect(abs(found.traces[part] - truth.traces[part]) < stated, name)
        // 1,024 draws give 4e-2 of a variance at the least.
        #expect(stated < 1e-2 * truth.traces[part], name)
      }
      let stated = difference(coarse.mean, found.mean)
      #expect(difference(found.mean, truth.mean) < stated, name)
      #expect(stated < 3e-3 * difference(truth.mean, truth.mean.map { _ in 0 }), name)
    }
  }

  /// Of 26 rows every other one is integrated by both rules, and counts twice.
  @Test func changesOfSomeRowsStandForAll() throws {
    let problem = try trainedVAE(
      ["categories": 8, "latents": 2, "rows": 26, "hidden-1": 16, "hidden-2": 16], steps: 5)
    let table = try OracleTable(oracle: problem.oracle, limit: 64, gradients: true)
    let estimator = try EstimatorRegistry.make("decoupled-st-gs", ["tau-backward": .number(0.5)])
    let found = try #require(
      try ExactEngine(
        problem: problem, table: table,
        geometry: ScopeGeometry(problem: problem, scopes: [.logits]), quadratureStep: 0.5, key: 1,
        workers: 1
      ).measure([estimator])[0])
    var changes = 0.0
    for index in stride(from: 0, to: 26, by: 2) {
      let row = problem.logits.row(index)
      let exact = try #require(
        try estimator.exact?.exactMoments(
          row,
          RowJointCodes(
            row: row, distribution: estimator.plan.distribution, codes: table.codes,
            values: table.values(row: index), gradients: table.gradients(row: index),
            quadratureStep: 0.5)))
      let coarse = try #require(exact.coarse)
      let traces = [coarse, exact.moments].map { moments in
        stride(from: 0, to: 16 * 16, by: 17).reduce(0) { $0 + moments.covariance[$1] }
      }
      changes += 2 * abs(traces[0] - traces[1])
    }
    let coarse = try #require(found.coarse)
    let stated = coarse.traces[0] - found.traces[0]
    #expect(abs(stated - changes / (26 * 26)) < 1e-9 * stated)
  }

  private func difference(_ a: [Double], _ b: [Double]) -> Double {
    zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
  }
}

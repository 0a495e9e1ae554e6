import Discrete
import Estimators
import Fidelity
import Models
import Tensors
import TestSupport
import Testing

/// Moments at upstream parameters: through row Grams, and directly.
@Suite struct ParameterMomentsTests {
  /// Eight images of twelve pixels, and a network in double precision.
  private static func network(
    encoder change: (inout ReLUNetwork<Double>) -> Void = { _ in }
  ) throws -> CategoricalVAE<Double> {
    _ = oneThread
    let bytes = RandomStream(key: RandomKey(seed: 8), row: 0, site: 0)
      .uniforms(from: 0, count: 96).map { UInt8(255 * $0) }
    let images = try ImageData(name: "small", pixelCount: 12, bytes: bytes)
    let settings = VAESettings(
      latents: 2, categories: 3, rows: 4, hidden1: 9, hidden2: 7, seed: 3)
    let plain = try CategoricalVAE<Double>(settings: settings, images: images)
    var encoder = plain.encoder
    change(&encoder)
    return try plain.with(encoder: encoder)
  }

  /// Estimates of the whole batch, one `[B][D][K]` vector per draw, with the factor `1/B`.
  private func vectors(
    _ problem: any DiscreteProblem, _ estimator: any GradientEstimator, key: RandomKey, draws: Int
  ) throws -> [[Double]] {
    let source = DrawSource(problem: problem, key: key)
    let rows = try source.draw(
      0..<draws, distribution: estimator.plan.distribution, needs: GroupNeeds([estimator.plan]))
    let width = problem.shape.width
    let estimates = rows.enumerated().map { index, row in
      var own = [Double](repeating: 0, count: draws * width)
      estimator.combine(problem.logits.row(index), row, into: &own)
      return own
    }
    return (0..<draws).map { draw in
      estimates.flatMap { $0[draw * width..<(draw + 1) * width] }
        .map { $0 / Double(problem.shape.rows) }
    }
  }

  /// Rows are independent in the sample itself only in expectation, so the Gram form is held
  /// against the pull-back of each row's own estimates: `sum_b tr Cov(J_b^T g_b)`.
  @Test(arguments: ["reinforce", "reinforce-loo", "st", "st-gs", "reinmax"])
  func gramFormIsTheDirectForm(kind: String) throws {
    let problem = try Self.network()
    let pullback = try #require(problem.pullback)
    let estimator = try EstimatorRegistry.make(kind)
    let key = RandomKey(seed: 12)
    let draws = 96
    let (_, numbers) = try sampledNumbers(
      problem, estimator, target: exactTarget(problem), key: key, blocks: 32, drawsPerBlock: 3,
      scopes: [.logits, .layers, .all])
    let vectors = try vectors(problem, estimator, key: key, draws: draws)
    let width = problem.shape.width
    var direct = [Double](repeating: 0, count: pullback.groups.count)
    for row in 0..<problem.shape.rows {
      // The pull-back of a vector that is zero outside the row.
      let pulled = vectors.map { vector in
        pullback.pullBack(
          vector.indices.map { $0 / width == row ? vector[$0] : 0 })
      }
      for group in direct.indices { direct[group] += covarianceTrace(pulled.map { $0[group] }) }
    }
    for (group, expected) in zip(pullback.groups, direct) {
      let found = try number(numbers, .variance, scope: group.name).value
      #expect(abs(found - expected) < 1e-11 * expected, "\(kind) \(group.name)")
    }
    let all = try number(numbers, .variance, scope: "all").value
    #expect(abs(all - direct.reduce(0, +)) < 1e-11 * all)
    #expect(
      abs(try number(numbers, .variance).value - covarianceTrace(vectors)) < 1e-11
        * covarianceTrace(vectors))
  }

  /// A row of its own has no other rows to correlate with: there the whole-batch covariance is
  /// the Gram form too.
  @Test func oneRowNeedsNoIndependence() throws {
    let problem = try trainedVAE(
      ["categories": 3, "latents": 2, "rows": 1, "hidden-1": 24, "hidden-2": 16], steps: 5)
    let pullback = try #require(problem.pullback)
    let estimator = try EstimatorRegistry.make("st-gs", ["tau": .number(0.6)])
    let key = RandomKey(seed: 2)
    let (_, numbers) = try sampledNumbers(
      problem, estimator, target: exactTarget(problem), key: key, blocks: 16, drawsPerBlock: 8,
      scopes: [.layers])
    let pulled = try vectors(problem, estimator, key: key, draws: 128).map(pullback.pullBack)
    for (index, group) in pullback.groups.enumerated() {
      let direct = covarianceTrace(pulled.map { $0[index] })
      let found = try number(numbers, .variance, scope: group.name).value
      // Single precision.
      #expect(abs(found - direct) < 1e-5 * direct, "\(group.name)")
    }
  }

  /// The exact mean, summed joint code by joint code at the parameters.
  @Test func exactMeansPullBack() throws {
    let problem = try Self.network()
    let pullback = try #require(problem.pullback)
    let table = try OracleTable(oracle: problem.oracle, limit: 100, gradients: true)
    let geometry = ScopeGeometry(problem: problem, scopes: [.logits, .layers, .all])
    let engine = ExactEngine(
      problem: problem, table: table, geometry: geometry, quadratureStep: 0.2, key: 1, workers: 1)
    let estimator = try EstimatorRegistry.make("reinmax")
    let mean = try #require(try engine.measure([estimator])[0]).mean
    var direct = pullback.groups.map { [Double](repeating: 0, count: $0.count) }
    let rows = problem.shape.rows
    let width = problem.shape.width
    for row in 0..<rows {
      let logits = problem.logits.row(row)
      let weights = JointCodes(latents: 2, categories: 3).weights(logits.probabilities())
      let draws = RowDraws(
        count: table.jointCodes, codes: [table.codes], values: [table.values(row: row)],
        gradients: table.gradients(row: row))
      var estimates = [Double](repeating: 0, count: table.jointCodes * width)
      estimator.combine(logits, draws, into: &estimates)
      for jointCode in 0..<table.jointCodes {
        var vector = [Double](repeating: 0, count: rows * width)
        for index in 0..<width {
          vector[row * width + index] = estimates[jointCode * width + index] / Double(rows)
        }
        for (group, part) in pullback.pullBack(vector).enumerated() {
          for index in part.indices { direct[group][index] += weights[jointCode] * part[index] }
        }
      }
    }
    for (found, expected) in zip(geometry.parts(of: mean).dropFirst(), direct) {
      #expect(relativeDifference(found, expected) < 1e-12)
    }
  }

  /// The exact target at the parameters against differences of the enumerated objective.
  @Test func pulledBackTargetIsTheGradientOfTheObjective() throws {
    let problem = try Self.network()
    let pullback = try #require(problem.pullback)
    let gradient = try pullback.pullBack(exactTarget(problem).gradient)
    func objective(_ layer: Int, _ weight: Int, _ offset: Double) throws -> Double {
      let moved = try Self.network { $0.layers[layer].weights[weight] += offset }
      let table = try OracleTable(oracle: moved.oracle, limit: 100, gradients: false)
      var total = 0.0
      for row in 0..<moved.shape.rows {
        let weights = JointCodes(latents: 2, categories: 3)
          .weights(moved.logits.row(row).probabilities())
        total += zip(weights, table.values(row: row)).reduce(0) { $0 + $1.0 * $1.1 }
      }
      return total / Double(moved.shape.rows)
    }
    let step = 1e-3
    for layer in 0..<3 {
      let scale = gradient[layer].map(abs).max() ?? 0
      for weight in [0, 5, 11, 23, 37] {
        let numeric =
          try
          (8 * (objective(layer, weight, step) - objective(layer, weight, -step))
          - (objective(layer, weight, 2 * step) - objective(layer, weight, -2 * step)))
          / (12 * step)
        #expect(abs(numeric - gradient[layer][weight]) < 1e-8 * scale)
      }
    }
  }

  private func covarianceTrace(_ vectors: [[Double]]) -> Double {
    let count = Double(vectors.count)
    guard let width = vectors.first?.count else { return 0 }
    var total = 0.0
    for index in 0..<width {
      let mean = vectors.reduce(0) { $0 + $1[index] } / count
      total += vectors.reduce(0) { $0 + ($1[index] - mean) * ($1[index] - mean) } / (count - 1)
    }
    return total
  }

}

import Discrete
import Estimators
import Fidelity
import Models
import Tensors
import TestSupport
import Testing

/// Quantised against bypassed, on a network of double precision.
@Suite struct BypassGapTests {
  private func images() throws -> ImageData {
    let bytes = RandomStream(key: RandomKey(seed: 8), row: 0, site: 0)
      .uniforms(from: 0, count: 96).map { UInt8(255 * $0) }
    return try ImageData(name: "small", pixelCount: 12, bytes: bytes)
  }

  private func quantiser(rows: Int = 4) throws -> VectorQuantiser<Double> {
    _ = oneThread
    return try VectorQuantiser(
      settings: VQSettings(
        network: VAESettings(
          latents: 2, categories: 4, rows: rows, hidden1: 9, hidden2: 7, seed: 3),
        dimension: 3), images: images())
  }

  private func measured(
    _ problem: any DiscreteProblem, gap: Bool = true, scopes: [MeasureScope] = [.layers, .all]
  ) throws -> [FidelityNumber] {
    let session = FidelitySession(
      problem: problem, target: TargetSettings(),
      measure: MeasureSettings(scopes: scopes, draws: 64, blocks: 8, perDrawSamples: 0, gap: gap),
      key: RandomKey(seed: 4))
    return try session.run(FidelityRequest.list("st", "reinforce"))[0].get().numbers
  }

  @Test func gapsAreNormsOfDifferences() throws {
    let problem = try quantiser()
    let found = try measured(problem)
    let gradients = try problem.bypassGradients()
    let difference = zip(gradients.quantised, gradients.bypassed).map { ($0 - $1) / 4 }
    let reference = gradients.bypassed.map { $0 / 4 }
    func check(_ metric: Metric, _ scope: String, _ expected: Double) throws {
      let number = try number(found, metric, scope: scope)
      #expect(abs(number.value - expected) < 1e-12 * expected, "\(metric) \(scope)")
      #expect(number.standardError == 0 && number.interval == "exact")
      #expect(number.low == number.value && number.high == number.value)
    }
    let gap = squaredNorm(difference).squareRoot()
    #expect(gap > 0)
    try check(.gapBypassLatent, "logits", gap)
    try check(.gapBypassLatentRelative, "logits", gap / squaredNorm(reference).squareRoot())
    let parts = problem.activationPullback.pullBack(difference).map(squaredNorm)
    let norms = problem.activationPullback.pullBack(reference).map(squaredNorm)
    for (index, scope) in ["encoder.1", "encoder.2", "encoder.3"].enumerated() {
      try check(.gapBypassLayer, scope, parts[index].squareRoot())
      try check(.gapBypassLayerRelative, scope, (parts[index] / norms[index]).squareRoot())
    }
    try check(.gapBypassLayer, "all", parts.reduce(0, +).squareRoot())
  }

  @Test func rowsGiveASpread() throws {
    let problem = try quantiser()
    let found = try measured(problem)
    let gradients = try problem.bypassGradients()
    var rows: [String: [Double]] = [:]
    for row in 0..<4 {
      // What the row alone contributes: a gradient that is zero elsewhere.
      let own = gradients.quantised.indices.map { index in
        index / 6 == row ? gradients.quantised[index] - gradients.bypassed[index] : 0
      }
      rows["logits", default: []].append(squaredNorm(own).squareRoot())
      let parts = problem.activationPullback.pullBack(own).map(squaredNorm)
      rows["encoder.2", default: []].append(parts[1].squareRoot())
      rows["all", default: []].append(parts.reduce(0, +).squareRoot())
    }
    for (scope, values) in rows {
      let expected = RepeatMoments(values)
      let number = try number(found, .gapBypassRow, scope: scope)
      #expect(abs(number.value - expected.mean) < 1e-12 * expected.mean)
      #expect(abs(number.standardError - expected.meanError) < 1e-11 * expected.mean)
      #expect(number.interval == "student-t" && number.draws == 4)
    }
    let single = try measured(quantiser(rows: 1))
    #expect(single.contains { $0.metric == .gapBypassLatent })
    #expect(!single.contains { $0.metric == .gapBypassRow })
  }

  /// Codes that are the encodings themselves quantise without loss.
  @Test func noGapWhereTheQuantiserIsExact() throws {
    let plain = try quantiser(rows: 2)
    let exact = try plain.with(codes: plain.features)
    let found = try measured(exact)
    for metric in [Metric.gapBypassLatent, .gapBypassLayer, .gapBypassRow] {
      #expect(found.filter { $0.metric == metric }.allSatisfy { $0.value == 0 })
    }
    #expect(try number(measured(plain), .gapBypassLatent).value > 0)
  }

  @Test func onlyQuantisersHaveIt() throws {
    let metrics: Set<Metric> = [.gapBypassLatent, .gapBypassLayer, .gapBypassRow]
    let off = try measured(quantiser(), gap: false)
    #expect(!off.contains { metrics.contains($0.metric) })
    let toy = try measured(registered("bernoulli-toy"))
    #expect(!toy.contains { metrics.contains($0.metric) })
    let logits = try measured(quantiser(), scopes: [.logits])
    #expect(Set(logits.map(\.scope)) == ["logits"])
  }

  /// The target of a quantiser is the gradient of the soft assignment's expected cost with respect
  /// to the encoder, codes held fixed: against differences of that objective.
  @Test func theTargetIsTheGradientOfTheSoftAssignment() throws {
    let problem = try quantiser()
    let pullback = try #require(problem.pullback)
    let gradient = try pullback.pullBack(exactTarget(problem).gradient)
    func objective(_ layer: Int, _ weight: Int, _ offset: Double) throws -> Double {
      var encoder = problem.encoder
      encoder.layers[layer].weights[weight] += offset
      let moved = try problem.with(encoder: encoder)
      let table = try OracleTable(oracle: moved.oracle, limit: 100, gradients: false)
      return (0..<4).reduce(0) { total, row in
        let weights = JointCodes(latents: 2, categories: 4)
          .weights(moved.logits.row(row).probabilities())
        return total + zip(weights, table.values(row: row)).reduce(0) { $0 + $1.0 * $1.1 } / 4
      }
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
        #expect(abs(numeric - gradient[layer][weight]) < 1e-7 * scale)
      }
    }
  }
}

extension FidelityRequest {
  fileprivate static func list(_ kinds: String...) throws -> [FidelityRequest] {
    try kinds.map { FidelityRequest(estimator: try EstimatorRegistry.make($0), distribution: .own) }
  }
}

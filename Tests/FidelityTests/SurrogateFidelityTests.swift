import Discrete
import Estimators
import Fidelity
import Foundation
import Models
import Tensors
import TestSupport
import Testing

/// Surrogates as estimators of a session: against independent values of files, and on an autoencoder of double
/// precision against finite differences and plain draws.
@Suite struct SurrogateFidelityTests {
  private typealias Object = [String: Any]

  private static func session(
    _ problem: any DiscreteProblem, scopes: [MeasureScope] = [.logits, .layers, .all],
    target: TargetSettings = TargetSettings(), workers: Int = 2
  ) -> FidelitySession {
    FidelitySession(
      problem: problem, target: target,
      measure: MeasureSettings(scopes: scopes, draws: 256, blocks: 16, perDrawSamples: 8),
      key: RandomKey(seed: 4), workers: workers)
  }

  private static func request(
    _ kind: String, _ parameters: [String: ParameterValue] = [:]
  ) throws -> FidelityRequest {
    FidelityRequest(
      estimator: try EstimatorRegistry.make(kind, parameters), distribution: .own, name: kind)
  }

  // MARK: Files

  /// Bias and direction of every surrogate of the reference file against every target, from a file of the problem to
  /// the session's numbers.
  @Test(
    arguments: [
      "pub-scalar-5555", "pub-scalar-ragged-354", "pub-fsq-54", "pub-sign-2x3", "pub-vq-2x2-k6",
      "pub-residual-2x2-m2k4", "pub-product-2x4-g2k4", "pub-multihead-2x4-h2k5",
    ]) func filesAgreeWithReferenceValues(_ name: String) throws
  {
    let document = try #require(
      JSONSerialization.jsonObject(
        with: Data(contentsOf: URL(fileURLWithPath: Golden.path("golden_quantisers_public"))))
        as? Object)
    let problems = try #require(document["problems"] as? [Object])
    let golden = try #require(problems.first { $0["name"] as? String == name })
    let fields = [
      "kind", "z_e", "cost", "levels", "walls", "level_counts", "eps", "codebook", "codebooks",
      "groups", "heads",
    ]
    let file = golden.filter { fields.contains($0.key) }
    let surrogates = try #require(golden["surrogates"] as? [Object])
    let widths: [(String, Double)] = [("soft", 0.5), ("gaussian", 0.25), ("gaussian", 1)]
    var checked = 0
    for (smoothing, width) in widths where name.contains("residual") == false || smoothing != "soft"
    {
      let problem = try withFolder { folder in
        try JSONSerialization.data(withJSONObject: file)
          .write(to: URL(fileURLWithPath: folder + "/q.json"))
        return try registered(
          "json",
          ["file": .text("q.json"), "smoothing": .text(smoothing), "s": .number(width)],
          directory: folder)
      }
      let chosen = surrogates.filter { $0["id"] as? String != "nsvq" || width == 0.25 }
      let requests = try chosen.map { entry -> FidelityRequest in
        let params = try #require(entry["params"] as? Object)
        var parameters: [String: ParameterValue] = [:]
        for (key, value) in params where !["bound", "eps"].contains(key) {
          parameters[key] =
            try (value as? String).map { .text($0) } ?? .number(#require(value as? Double))
        }
        return try Self.request(#require(entry["id"] as? String), parameters)
      }
      let reports = try Self.session(problem, scopes: [.layers, .all]).run(requests)
      for (entry, report) in zip(chosen, reports) {
        let against = try #require(entry["against"] as? [Object]).first {
          $0["target"] as? String == (smoothing == "soft" ? "T2" : "T1")
            && $0["s_rel"] as? Double == width
        }
        let expected = try #require(against)
        let report = try report.get()
        #expect(report.route == "surrogate")
        let isRandom = entry["id"] as? String == "nsvq"
        for scope in ["z_e", "all"] {
          for (metric, field) in [(Metric.relativeBias, "rel_bias"), (.cosineOfMean, "cosine")] {
            let number = try number(report.numbers, metric, scope: scope)
            let value = try #require(expected[field] as? Double)
            let error = expected["\(field)_se"] as? Double ?? 0
            #expect(
              abs(number.value - value)
                <= 1e-10 * max(1, value) + number.standardError + 5 * error,
              "\(entry["id"] ?? "") \(field) at \(scope), \(smoothing) \(width): \(number.value) \(value) \(number.standardError)"
            )
            checked += 1
          }
          let variance = try number(report.numbers, .variance, scope: scope)
          if isRandom {
            let value = try #require(entry["trace_var"] as? Double)
            let error = try #require(entry["trace_var_se"] as? Double)
            #expect(
              abs(variance.value - value) <= variance.standardError + 5 * error,
              "\(variance.value) \(value)")
            #expect(variance.standardError > 0 && report.moments == .quadrature)
          } else {
            #expect(variance.value == 0 && variance.standardError == 0)
            #expect(variance.low == 0 && variance.high == 0)
          }
        }
      }
    }
    #expect(checked >= 4 * surrogates.count)
  }

  // MARK: Autoencoder

  private static func quantiser() throws -> VectorQuantiser<Double> {
    _ = oneThread
    let bytes = RandomStream(key: RandomKey(seed: 8), row: 0, site: 0)
      .uniforms(from: 0, count: 96).map { UInt8(255 * $0) }
    return try VectorQuantiser(
      settings: VQSettings(
        network: VAESettings(latents: 2, categories: 4, rows: 4, hidden1: 9, hidden2: 7, seed: 3),
        dimension: 3, width: 0.7),
      images: ImageData(name: "small", pixelCount: 12, bytes: bytes))
  }

  /// The decoder of each row: its value at codes is the oracle's, its gradient that of its values.
  @Test func rowsDecodeLikeTheOracle() throws {
    let problem = try Self.quantiser()
    let table = try OracleTable(oracle: problem.oracle, limit: 100, gradients: false)
    for (row, point) in problem.quantisedPoints.enumerated() {
      let categories = point.quantiser.categories(of: point.points)
      let code = 4 * categories[0] + categories[1]
      let (value, gradient) = try point.decoded(point.quantised)
      #expect(abs(value - table.values(row: row)[code]) < 1e-12)
      for axis in gradient.indices {
        let values = try [-1e-5, 1e-5].map { step in
          var moved = point.quantised
          moved[axis] += step
          return try point.decoded(moved).value
        }
        #expect(abs((values[1] - values[0]) / 2e-5 - gradient[axis]) < 1e-8)
      }
    }
  }

  /// `grad E L` at `z_e` and at every weight of the encoder, by differences of sums over all codes.
  private struct Differences {
    let problem: VectorQuantiser<Double>
    let tables: [[Double]]

    init(_ problem: VectorQuantiser<Double>) throws {
      self.problem = problem
      let table = try OracleTable(oracle: problem.oracle, limit: 100, gradients: false)
      tables = (0..<4).map { table.values(row: $0) }
    }

    /// `(1/B) sum_b E f_b` of features `[B][2][3]`, from distances to the codes.
    func objective(_ features: [Double]) -> Double {
      (0..<4).reduce(0) { total, row in
        let p = (0..<2).map { latent -> [Double] in
          let z = features[row * 6 + latent * 3..<row * 6 + latent * 3 + 3]
          let weights = (0..<4).map { code -> Double in
            let e = Array(problem.codes[code * 3..<code * 3 + 3])
            let square = squaredNorm(zip(z, e).map { $0 - $1 })
            return exp(-square / (2 * 0.49))
          }
          let sum = weights.reduce(0, +)
          return weights.map { $0 / sum }
        }
        var own = 0.0
        for code in 0..<16 { own += p[0][code / 4] * p[1][code % 4] * tables[row][code] }
        return total + own / 4
      }
    }

    func atFeatures() -> [Double] {
      problem.features.indices.map { index in
        func value(_ step: Double) -> Double {
          var features = problem.features
          features[index] += step
          return objective(features)
        }
        return (8 * (value(1e-3) - value(-1e-3)) - (value(2e-3) - value(-2e-3))) / 12e-3
      }
    }

    /// Differences of a function of the features in every weight and bias, layer by layer.
    func atWeights(_ function: ([Double]) -> Double) throws -> [[Double]] {
      try problem.encoder.layers.indices.map { layer in
        let own = problem.encoder.layers[layer]
        return try (0..<own.weights.count + own.biases.count).map { index in
          func value(_ step: Double) throws -> Double {
            var encoder = problem.encoder
            if index < own.weights.count {
              encoder.layers[layer].weights[index] += step
            } else {
              encoder.layers[layer].biases[index - own.weights.count] += step
            }
            return function(try problem.with(encoder: encoder).features)
          }
          return try (value(1e-4) - value(-1e-4)) / 2e-4
        }
      }
    }
  }

  /// Bias at `z_e`, at every layer and at all of them.
  @Test(arguments: ["straight-through", "rotation", "diveq"])
  func biasesFollowDifferencesInWeights(_ kind: String) throws {
    let problem = try Self.quantiser()
    let differences = try Differences(problem)
    let surrogate = try #require(EstimatorRegistry.make(kind).surrogate)
    let estimate = try problem.quantisedPoints.flatMap { try surrogate.estimate($0).points }
      .map { $0 / 4 }
    if kind == "straight-through" {
      let quantised = try problem.bypassGradients().quantised.map { $0 / 4 }
      #expect(zip(estimate, quantised).allSatisfy { abs($0 - $1) < 1e-12 })
    }
    let own = try differences.atWeights { features in
      zip(features, estimate).reduce(0) { $0 + $1.0 * $1.1 }
    }
    let target = try differences.atWeights(differences.objective)
    let numbers = try Self.session(problem).run([Self.request(kind)])[0].get().numbers
    func check(_ scope: String, _ mean: [Double], _ target: [Double]) throws {
      let difference = squaredNorm(zip(mean, target).map { $0 - $1 })
      let expected: [(Metric, Double)] = [
        (.biasSquared, difference),
        (.relativeBias, (difference / squaredNorm(target)).squareRoot()),
        (.estimateNorm, squaredNorm(mean).squareRoot()),
        (.targetNorm, squaredNorm(target).squareRoot()), (.mse, difference), (.variance, 0),
        (
          .cosineOfMean,
          zip(mean, target).reduce(0) { $0 + $1.0 * $1.1 }
            / (squaredNorm(mean) * squaredNorm(target)).squareRoot()
        ),
      ]
      for (metric, value) in expected {
        let number = try number(numbers, metric, scope: scope)
        #expect(
          abs(number.value - value) <= 1e-6 * abs(value) + 1e-9,
          "\(metric.rawValue) at \(scope): \(number.value) \(value)")
        #expect(number.moments == .exact)
      }
    }
    try check("z_e", estimate, differences.atFeatures())
    for layer in 0..<3 { try check("encoder.\(layer + 1)", own[layer], target[layer]) }
    try check("all", own.flatMap(\.self), target.flatMap(\.self))
    #expect(Set(numbers.filter { $0.metric == .variance }.map(\.scope)).count == 5)
  }

  /// A network of float32 numbers against the same one in double: every number within the error that is stated for it,
  /// which is not loose.
  @Test(arguments: ["straight-through", "rotation", "diveq"])
  func singlePrecisionIsWithinItsErrors(_ kind: String) throws {
    _ = oneThread
    let bytes = RandomStream(key: RandomKey(seed: 3), row: 0, site: 0)
      .uniforms(from: 0, count: 200).map { UInt8(255 * $0) }
    let images = try ImageData(name: "small", pixelCount: 20, bytes: bytes)
    let settings = VQSettings(
      network: VAESettings(latents: 3, categories: 5, rows: 3, hidden1: 11, hidden2: 8, seed: 6),
      dimension: 2)
    // No token is its code.
    let start = try VectorQuantiser<Float>(settings: settings, images: images)
    let single = try start.with(
      codes: start.codes.enumerated().map { $1 + 0.1 * Float(($0 * 7) % 5 - 2) })
    func layers(_ network: ReLUNetwork<Float>) -> ReLUNetwork<Double> {
      ReLUNetwork(
        layers: network.layers.map {
          DenseLayer(
            inputs: $0.inputs, outputs: $0.outputs, weights: $0.weights.map { Double($0) },
            biases: $0.biases.map { Double($0) })
        })
    }
    let double = try VectorQuantiser<Double>(settings: settings, images: images).with(
      encoder: layers(single.encoder), decoder: layers(single.decoder),
      codes: single.codes.map { Double($0) })
    let own = try Self.session(single).run([Self.request(kind)])[0].get().numbers
    let known = try Self.session(double).run([Self.request(kind)])[0].get().numbers
    var checked = 0
    for scope in ["z_e", "encoder.1", "encoder.2", "encoder.3", "all"] {
      for metric in [
        Metric.biasSquared, .relativeBias, .cosineOfMean, .estimateNorm, .targetNorm, .mse,
      ] {
        let value = try number(known, metric, scope: scope)
        let found = try number(own, metric, scope: scope)
        #expect(
          abs(found.value - value.value) <= found.standardError,
          "\(metric.rawValue) at \(scope): \(found.value) \(value.value) \(found.standardError)")
        #expect(abs(found.value - value.value) <= 1e-4 * abs(value.value))
        if found.standardError < 0.1 * abs(found.value) { checked += 1 }
      }
      let variance = try number(own, .variance, scope: scope)
      #expect(variance.value == 0 && variance.standardError == 0)
    }
    #expect(checked > 15)
  }

  /// Mean and variance of a rule with noise, at the features and on layers, by plain draws of whole estimates.
  /// Twelve z-scores below 5: one false alarm in 100,000 keys.
  @Test func noiseIsIntegratedLikeItIsDrawn() throws {
    let problem = try Self.quantiser()
    let numbers = try Self.session(problem).run([Self.request("nsvq")])[0].get().numbers
    let pullback = problem.activationPullback
    let draws = 40_000
    let normals = RandomStream(key: RandomKey(seed: 5), row: 0, site: 0)
      .normals(from: 0, count: draws * 24).map(Double.init)
    let points = problem.quantisedPoints
    var sums = [[Double]](repeating: [], count: 5)
    var squares: [[Double]] = [[], [], [], [], []]
    var batch = [Double](repeating: 0, count: draws * 24)
    for (row, point) in points.enumerated() {
      let q = point.quantised
      var forwards: [[Double]] = []
      var turns: [[(u: [Double], v: [Double])]] = []
      for draw in 0..<draws {
        var forward = point.points
        var own: [(u: [Double], v: [Double])] = []
        for latent in 0..<2 {
          let n = normals[draw * 24 + row * 6 + latent * 3..<draw * 24 + row * 6 + latent * 3 + 3]
          let size = n.reduce(0) { $0 + $1 * $1 }.squareRoot()
          let step = (0..<3).map { q[latent * 3 + $0] - point.points[latent * 3 + $0] }
          let length = step.reduce(0) { $0 + $1 * $1 }.squareRoot()
          // A token that is its code has no direction.
          own.append((step.map { length > 0 ? $0 / length : 0 }, n.map { $0 / size }))
          for axis in 0..<3 { forward[latent * 3 + axis] += length * own[latent].v[axis] }
        }
        forwards.append(forward)
        turns.append(own)
      }
      for (draw, h) in try point.decoded(forwards).gradients.enumerated() {
        for latent in 0..<2 {
          let along = (0..<3).reduce(0) { $0 + turns[draw][latent].v[$1] * h[latent * 3 + $1] }
          for axis in 0..<3 {
            batch[draw * 24 + row * 6 + latent * 3 + axis] =
              (h[latent * 3 + axis] - turns[draw][latent].u[axis] * along) / 4
          }
        }
      }
    }
    func parts(_ vector: [Double]) -> [[Double]] {
      let layers = pullback.pullBack(vector)
      return [vector] + layers + [layers.flatMap(\.self)]
    }
    // Pull-backs of whole networks: of a tenth of the draws.
    let own = (0..<draws / 10).map { parts(Array(batch[$0 * 24..<($0 + 1) * 24])) }
    for part in 0..<5 {
      sums[part] = own[0][part].indices.map { index in
        own.reduce(0) { $0 + $1[part][index] } / Double(own.count)
      }
      squares[part] = own.map { vector in
        zip(vector[part], sums[part]).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
      }
    }
    let scopes = ["z_e", "encoder.1", "encoder.2", "encoder.3", "all"]
    for (part, scope) in scopes.enumerated() {
      let spread = RepeatMoments(squares[part])
      let variance = try number(numbers, .variance, scope: scope)
      #expect(
        abs(spread.mean - variance.value) < 5 * spread.meanError + variance.standardError,
        "variance at \(scope): \(spread.mean) \(variance.value)")
      // ||mean of n draws||^2 exceeds ||m||^2 by tr(S)/n.
      let noise = variance.value / Double(own.count)
      let norm = try number(numbers, .estimateNorm, scope: scope)
      let found = squaredNorm(sums[part]) - noise
      #expect(
        abs(found - norm.value * norm.value)
          < 5 * 2 * norm.value * noise.squareRoot() + 5 * noise,
        "norm at \(scope): \(found) \(norm.value * norm.value)")
    }
  }

  // MARK: Settings

  /// The same bits with other workers, alone and beside others.
  @Test func numbersDependOnTheRequestAlone() throws {
    let problem = try Self.quantiser()
    let requests = try ["nsvq", "st", "rotation"].map { try Self.request($0) }
    let together = try Self.session(problem, workers: 3).run(requests).map { try $0.get().numbers }
    for (request, numbers) in zip(requests, together) {
      let alone = try Self.session(problem, workers: 1).run([request])[0].get().numbers
      #expect(alone == numbers)
    }
  }

  /// A sampled target moves the intervals of what is exact else.
  @Test func sampledTargetsAreInTheIntervals() throws {
    let problem = try Self.quantiser()
    let requests = try ["rotation", "nsvq"].map { try Self.request($0) }
    let exact = try Self.session(problem).run(requests).map { try $0.get() }
    let sampled = try Self.session(
      problem, target: TargetSettings(kind: .monteCarlo, draws: 4096)
    ).run(requests).map { try $0.get() }
    for (exact, sampled) in zip(exact, sampled) {
      #expect(sampled.target == .monteCarlo && exact.target == .exact)
      for scope in ["z_e", "encoder.1", "all"] {
        for metric in [Metric.biasSquared, .relativeBias, .cosineOfMean, .targetNorm] {
          let known = try number(exact.numbers, metric, scope: scope)
          let own = try number(sampled.numbers, metric, scope: scope)
          // Intervals of 95 %, twice as wide.
          let (low, high) = (own.value - own.low, own.high - own.value)
          #expect(low > 0 && high > 0)
          #expect(
            known.value > own.value - 2 * low && known.value < own.value + 2 * high,
            "\(metric.rawValue) at \(scope): \(known.value) \(own.low) \(own.high)")
        }
      }
    }
  }

  /// Differences of two surrogates are those of their numbers.
  @Test func surrogatesAreCompared() throws {
    let problem = try Self.quantiser()
    let requests = try ["rotation", "straight-through", "st"].map { try Self.request($0) }
    let session = Self.session(problem)
    let reports = try session.run(requests).map { try $0.get().numbers }
    let differences = try session.compare(
      requests[0], requests[1], metrics: [.biasSquared, .variance])
    #expect(differences.count == 10)
    for difference in differences where difference.metric == .biasSquared {
      let own = try number(reports[0], .biasSquared, scope: difference.scope).value
      let other = try number(reports[1], .biasSquared, scope: difference.scope).value
      #expect(abs(difference.difference - (own - other)) < 1e-12 * abs(own))
    }
    #expect(throws: DiscreteError.self) {
      try session.compare(requests[0], requests[2], metrics: [.biasSquared])
    }
  }

  /// What a target in float32 may be off by is in every difference, whether a side is integrated or not.
  @Test func roundingIsInDifferences() throws {
    let problem = try registered(
      "vq-autoencoder",
      [
        "data": .text("procedural"), "latents": .integer(2), "categories": .integer(4),
        "rows": .integer(3), "hidden-1": .integer(8), "hidden-2": .integer(6), "s": .number(4),
      ])
    let requests = try ["rotation", "straight-through", "nsvq"].map { try Self.request($0) }
    let session = Self.session(problem)
    func half(_ other: Int) throws -> Double {
      let found = try session.compare(requests[0], requests[other], metrics: [.relativeBias])
      let all = try #require(found.first { $0.scope == "all" })
      return (all.high - all.low) / 2
    }
    let exact = try half(1)
    #expect(exact > 0)
    #expect(try half(2) > 0.4 * exact)
  }

  @Test func whatCannotBeMeasuredIsRefused() throws {
    let toy = try registered("bernoulli-toy")
    let own = try Self.session(toy, scopes: [.logits])
      .run([Self.request("rotation"), Self.request("st")])
    #expect(throws: DiscreteError.self) { try own[0].get() }
    #expect(try own[1].get().moments == .exact)
    let wrong = try Self.session(Self.quantiser()).run([Self.request("residual")])
    #expect(throws: DiscreteError.self) { try wrong[0].get() }
    let single = FidelitySession(
      problem: try Self.quantiser(), target: TargetSettings(),
      measure: MeasureSettings(scopes: [.all], draws: 64, blocks: 8, parameters: true),
      key: RandomKey(seed: 4))
    #expect(throws: DiscreteError.self) {
      try single.run([Self.request("rotation")])[0].get()
    }
  }

  /// There is no estimate at the logits, and none is made up.
  @Test func nothingIsCombinedAtTheLogits() throws {
    let problem = try Self.quantiser()
    let estimator = try EstimatorRegistry.make("rotation")
    var estimates = [Double](repeating: 0, count: problem.shape.width)
    estimator.combine(
      problem.logits.row(0), RowDraws(count: 1), into: &estimates)
    #expect(estimates.allSatisfy { $0.isNaN })
  }
}

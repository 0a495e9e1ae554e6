import Discrete
import Estimators
import Fidelity
import Models
import Tensors
import Testing

/// Targets that are sampled: their error is subtracted where it biases and counted in intervals.
@Suite struct SampledTargetTests {
  private static let repeats = 200
  private static let blocks = 32
  private static let perBlock = 8
  private static let targetPerBlock = 2

  private static func targetEngine(
    _ problem: any DiscreteProblem, _ index: Int, scopes: [MeasureScope] = [.logits]
  ) throws -> MonteCarloEngine {
    try MonteCarloEngine(
      source: DrawSource(
        problem: problem, key: RandomKey(seed: 41).derived(UInt64(index))),
      geometry: ScopeGeometry(problem: problem, scopes: scopes), workers: 1)
  }

  private static func sampledTarget(
    _ engine: MonteCarloEngine, temperature: Double = 1
  ) throws -> TargetGradient {
    try TargetGradient.monteCarlo(
      engine: engine, samples: 3, temperature: temperature, blocks: blocks,
      drawsPerBlock: targetPerBlock)
  }

  private static func exactMoments(
    _ problem: any DiscreteProblem, _ estimator: any GradientEstimator
  ) throws -> ExactMeasurement {
    let table = try OracleTable(oracle: problem.oracle, limit: 100, gradients: true)
    let measured = try ExactEngine(
      problem: problem, table: table,
      geometry: ScopeGeometry(problem: problem, scopes: [.logits]), quadratureStep: 0.2, key: 1,
      workers: 1
    ).measure([estimator])
    return try #require(measured[0])
  }

  /// A coarse integral states its error against a sampled target too: at least what it states against the
  /// exact one, at every scope of toys and of networks in float32.
  @Test(arguments: ["test-problem", "categorical-vae", "vq-autoencoder"])
  func errorsOfIntegralsCount(_ kind: String) throws {
    let isToy = kind == "test-problem"
    let problem = try registered(kind, isToy ? [:] : EveryScopeTests.sizes)
    let table = try OracleTable(oracle: problem.oracle, limit: 100, gradients: true)
    let engine = try Self.targetEngine(
      problem, 0, scopes: isToy ? [.logits] : [.logits, .layers, .all])
    var measured = try #require(
      try ExactEngine(
        problem: problem, table: table, geometry: engine.geometry, quadratureStep: 0.2, key: 1,
        workers: 1
      ).measure([EstimatorRegistry.make("st-gs")])[0])
    measured.coarse = (measured.mean.map { 1.001 * $0 }, measured.traces.map { 1.01 * $0 })
    let exact = try MeasurementAssembly(
      geometry: engine.geometry, target: exactTarget(problem), engine: nil, level: 0.95
    ).numbers(measured)
    let sampled = try MeasurementAssembly(
      geometry: engine.geometry, target: Self.sampledTarget(engine), engine: engine, level: 0.95
    ).numbers(measured)
    for scope in engine.geometry.scopes.map(\.name) {
      for metric in [Metric.variance, .biasSquared, .estimateNorm] {
        let (own, wanted) = (
          try number(sampled, metric, scope: scope), try number(exact, metric, scope: scope)
        )
        #expect(wanted.standardError > 1e-9 * wanted.value)
        #expect(own.standardError >= 0.99 * wanted.standardError, "\(scope) \(metric)")
        #expect(own.high - own.low >= 1.98 * wanted.standardError, "\(scope) \(metric)")
      }
    }
  }

  /// The sampled target is unbiased at every temperature and its stated error is its own:
  /// |z| < 5 for 6 coordinates and 1 error at each of 3 temperatures, false-alarm rate 1e-5.
  @Test(arguments: [0.6, 1, 2]) func agreesWithTheExactTarget(temperature: Double) throws {
    let problem = try registered("test-problem")
    let exact = try exactTarget(problem, temperature: temperature).gradient
    let measurement = try Self.exactMoments(problem, EstimatorRegistry.make("st"))
    var deviations = [[Double]](repeating: [], count: exact.count)
    var excess: [Double] = []
    for index in 0..<Self.repeats {
      let engine = try Self.targetEngine(problem, index)
      let target = try Self.sampledTarget(engine, temperature: temperature)
      #expect(target.method == .monteCarlo)
      let difference = zip(target.gradient, exact).map { $0 - $1 }
      for (coordinate, value) in difference.enumerated() { deviations[coordinate].append(value) }
      let numbers = try MeasurementAssembly(
        geometry: engine.geometry, target: target, engine: engine, level: 0.95
      ).numbers(measurement)
      excess.append(squaredNorm(difference) - (try number(numbers, .targetErrorSquared).value))
    }
    for values in deviations + [excess] {
      let moments = RepeatMoments(values)
      #expect(abs(moments.mean) < 5 * moments.meanError)
    }
  }

  /// Exact moments against a sampled target, and both sampled: the bias is unbiased, plain norms
  /// are not; intervals have a width and cover. |z| < 5; coverage at least 5 standard deviations
  /// below 0.95.
  @Test(arguments: ["st", "reinforce"], [true, false])
  func itsErrorIsCounted(kind: String, sampledMoments: Bool) throws {
    let problem = try registered("test-problem")
    let exact = try exactTarget(problem)
    let estimator = try EstimatorRegistry.make(kind)
    let geometry = ScopeGeometry(problem: problem, scopes: [.logits])
    let measurement = try Self.exactMoments(problem, estimator)
    let truth = squaredNorm(zip(measurement.mean, exact.gradient).map { $0 - $1 })
    var biases: [Double] = []
    var plugIns: [Double] = []
    var covered = 0.0
    var widths: [Double] = []
    var widthsWithExactTarget: [Double] = []
    for index in 0..<Self.repeats {
      let engine = try Self.targetEngine(problem, index)
      let target = try Self.sampledTarget(engine)
      var mean = measurement.mean
      let bias: FidelityNumber
      if sampledMoments {
        let key = RandomKey(seed: 42).derived(UInt64(index))
        let (sampled, numbers) = try sampledNumbers(
          problem, estimator, target: target, key: key, blocks: Self.blocks,
          drawsPerBlock: Self.perBlock, targetEngine: engine)
        mean = sampled.mean
        bias = try number(numbers, .biasSquared)
        let plain = try sampledNumbers(
          problem, estimator, target: exact, key: key, blocks: Self.blocks,
          drawsPerBlock: Self.perBlock)
        let narrow = try number(plain.numbers, .biasSquared)
        widthsWithExactTarget.append(narrow.high - narrow.low)
      } else {
        bias = try number(
          MeasurementAssembly(geometry: geometry, target: target, engine: engine, level: 0.95)
            .numbers(measurement), .biasSquared)
        #expect(bias.interval == "score-t" && bias.standardError > 0)
      }
      biases.append(bias.value)
      widths.append(bias.high - bias.low)
      plugIns.append(squaredNorm(zip(mean, target.gradient).map { $0 - $1 }))
      if bias.low <= truth && truth <= bias.high { covered += 1 }
    }
    let moments = RepeatMoments(biases)
    #expect(abs(moments.mean - truth) < 5 * moments.meanError)
    let plain = RepeatMoments(plugIns)
    // A bias of zero shows best that a plain norm is none.
    if kind == "reinforce" { #expect(plain.mean - truth > 5 * plain.meanError) }
    let rate = covered / Double(Self.repeats)
    #expect(rate > 0.95 - 5 * (0.95 * 0.05 / Double(Self.repeats)).squareRoot(), "\(rate)")
    if sampledMoments {
      #expect(RepeatMoments(widths).mean > 1.1 * RepeatMoments(widthsWithExactTarget).mean)
    }
  }

  /// Target and estimates are drawn independently: with the very same estimator on both sides the
  /// bias is 0 within |z| < 5 over 150 keys, and by far not `-tr(S)/n - tr(S_r)/n_r`, which common
  /// draws would give.
  @Test func theSessionDrawsTheTargetIndependently() throws {
    let problem = try registered("test-problem")
    let requests = try Zoo.requests([("reinforce-loo", ["samples": .integer(3)])])
    let biases = try (0..<150).map { index in
      let report = try FidelitySession(
        problem: problem, target: TargetSettings(kind: .monteCarlo, draws: 64, samples: 3),
        measure: MeasureSettings(moments: .monteCarlo, draws: 64, perDrawSamples: 0, gap: false),
        key: RandomKey(seed: 14).derived(UInt64(index))
      ).run(requests)[0].get()
      return try number(report.numbers, .biasSquared).value
    }
    let moments = RepeatMoments(biases)
    #expect(abs(moments.mean) < 5 * moments.meanError)
    #expect(biases.contains { $0 > 0 })
  }

  /// The session's sampled target at a temperature of the estimator's own: |z| < 5.
  @Test func theSessionSamplesTheOwnTarget() throws {
    let problem = try registered("test-problem")
    func numbers(_ kind: TargetKind, _ distribution: TargetDistribution) throws -> [FidelityNumber]
    {
      let report = try FidelitySession(
        problem: problem, target: TargetSettings(kind: kind, draws: 32_768, samples: 3),
        measure: MeasureSettings(moments: .exact, perDrawSamples: 0), key: RandomKey(seed: 9)
      ).run(
        Zoo.requests(
          [("decoupled-st", ["tau-forward": .number(2), "tau-backward": .number(0.5)])],
          distribution: distribution)
      )[0].get()
      #expect(report.target == (kind == .exact ? .exact : .monteCarlo))
      return report.numbers
    }
    for distribution in TargetDistribution.allCases {
      let exact = try numbers(.exact, distribution)
      let sampled = try numbers(.monteCarlo, distribution)
      for metric in [Metric.biasSquared, .targetNorm, .cosineOfMean, .scale, .mse] {
        let found = try number(sampled, metric)
        let z = (found.value - (try number(exact, metric).value)) / found.standardError
        #expect(abs(z) < 5, "\(distribution) \(metric)")
      }
      // The variance has nothing to do with the target.
      #expect(
        abs(try number(sampled, .variance).value - number(exact, .variance).value)
          < 1e-15)
      #expect(try number(sampled, .targetErrorSquared).value > 0)
    }
  }

  /// The cosine of single draws with a target of few draws: its noise, which all draws share, is most
  /// of the error here. Intervals that leave it out cover half the time. Coverage at least
  /// five standard deviations below 0.95.
  @Test func itsErrorIsCountedInCosinesOfDraws() throws {
    let problem = try registered("test-problem")
    let requests = try Zoo.requests([("st", [:])])
    func cosine(_ target: TargetSettings, draws: Int, key: RandomKey) throws -> FidelityNumber {
      let report = try FidelitySession(
        problem: problem, target: target,
        measure: MeasureSettings(moments: .exact, perDrawSamples: draws, gap: false), key: key
      ).run(requests)[0].get()
      return try number(report.numbers, .cosineOfDraw)
    }
    let truth = try cosine(
      TargetSettings(kind: .exact), draws: 1 << 18, key: RandomKey(seed: 5))
    let repeats = 150
    let found = try (0..<repeats).map {
      try cosine(
        TargetSettings(kind: .monteCarlo, draws: 256), draws: 4096,
        key: RandomKey(seed: 51).derived(UInt64($0)))
    }
    let covered = found.filter { $0.low <= truth.value && truth.value <= $0.high }.count
    let rate = Double(covered) / Double(repeats)
    #expect(rate > 0.95 - 5 * (0.95 * 0.05 / Double(repeats)).squareRoot(), "\(rate)")
    let moments = RepeatMoments(found.map(\.value))
    #expect(abs(moments.mean - truth.value) < 5 * moments.meanError)
  }
}

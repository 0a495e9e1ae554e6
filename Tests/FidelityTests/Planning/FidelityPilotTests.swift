import Discrete
import Estimators
import Fidelity
import Models
import Tensors
import Testing

/// What a pilot foretells, against what a session then does.
@Suite struct FidelityPilotTests {
  private static let measure = MeasureSettings(draws: 128, blocks: 16, perDrawSamples: 8)

  private static func problems() throws -> [any DiscreteProblem] {
    [
      try registered("bernoulli-toy"), try registered("test-problem"),
      try registered("carms-linear"),
      try registered("quadratic-cubic", ["latents": .integer(2), "categories": .integer(2)]),
      try registered("quadratic-cubic", ["latents": .integer(30)]),
      try registered("polynomial-programming", ["latents": .integer(40)]),
      try trainedVAE(
        VAESettings(latents: 3, categories: 4, rows: 2, hidden1: 64, hidden2: 32), steps: 1),
    ]
  }

  /// Routes and targets are those of the session, for the whole zoo on every kind of problem.
  @Test(arguments: 0..<7, MomentsChoice.allCases)
  func routesAreThoseTaken(index: Int, moments: MomentsChoice) throws {
    let problem = try Self.problems()[index]
    let requests = try Zoo.requests()
    var measure = Self.measure
    measure.moments = moments
    let target = TargetSettings(maxDraws: 2048)
    let forecast = try FidelityPilot(
      problem: problem, target: target, measure: measure, key: RandomKey(seed: 1), jobs: 1,
      allowance: 0.05
    ).forecast(requests)
    #expect(forecast.routes.count == requests.count)
    #expect(forecast.seconds > 0 && forecast.peakBytes > 0)
    measure.perDrawSamples = 0
    let results = try FidelitySession(
      problem: problem, target: target, measure: measure, key: RandomKey(seed: 1)
    ).run(requests)
    for (route, result) in zip(forecast.routes, results) {
      guard let report = try? result.get() else {
        #expect(moments == .exact && route == .draws)
        continue
      }
      #expect((report.moments == .monteCarlo) == (route == .draws))
      if route != .draws { #expect(report.route == route.rawValue) }
      #expect((report.routeReason == nil) == (route != .draws || moments == .monteCarlo))
      #expect(report.target == forecast.target)
    }
  }

  /// Finite outcomes, coupled draws, control variates: every registered estimator with its defaults,
  /// and sizes at which sums give way to draws.
  @Test(arguments: [(2, 2), (2, 3), (3, 4), (6, 3)])
  func routesOfTheWholeZooAreThoseTaken(latents: Int, categories: Int) throws {
    let problem = try registered(
      "test-problem", ["latents": .integer(latents), "categories": .integer(categories)])
    var settings: [Zoo.Setting] = EstimatorRegistry.all.compactMap {
      $0.parameters.allSatisfy { $0.defaultValue != nil } ? ($0.name, [:]) : nil
    }
    settings.append(("reinforce-wor", ["k": .integer(2), "baseline": .flag(false)]))
    settings.append(("carms-i", ["samples": .integer(5)]))
    settings.append(("vimco", ["samples": .integer(6)]))
    let requests = try settings.filter { kind, parameters in
      let descriptor = try #require(EstimatorRegistry.named(kind))
      return descriptor.refusal(
        problem.shape, try ResolvedParameters(parameters, specs: descriptor.parameters)) == nil
    }.map { FidelityRequest(estimator: try EstimatorRegistry.make($0, $1), distribution: .own) }
    let measure = MeasureSettings(
      scopes: [.logits], draws: 16, blocks: 8, perDrawSamples: 0, gap: false)
    let forecast = try FidelityPilot(
      problem: problem, target: TargetSettings(), measure: measure, key: RandomKey(seed: 1),
      jobs: 1, allowance: 0.05
    ).forecast(requests)
    // Integrals over many noise variables take seconds; their layers are in NoiseLatticeTests.
    let measured = requests.indices.filter {
      latents * categories <= 4 || !forecast.routes[$0].isIntegral
    }
    let results = try FidelitySession(
      problem: problem, target: TargetSettings(), measure: measure, key: RandomKey(seed: 1)
    ).run(measured.map { requests[$0] })
    for (index, result) in zip(measured, results) {
      guard let report = try? result.get() else { continue }
      #expect(
        forecast.routes[index] == .draws
          ? report.route.hasPrefix("draws") && report.routeReason != nil
          : report.route == forecast.routes[index].rawValue && report.routeReason == nil,
        "\(type(of: requests[index].estimator)) \(report.route) \(forecast.routes[index])")
    }
    #expect(forecast.routes.contains(.jointCodes) && forecast.routes.contains(.draws))
  }

  /// Calls of the oracle, where all of them can be counted beforehand, are those made.
  @Test(arguments: [MomentsChoice.auto, .monteCarlo], ["st", "reinforce-loo", "reinmax"])
  func callsAreThoseMade(moments: MomentsChoice, kind: String) throws {
    let counted = CountedCalls(try registered("test-problem"))
    let requests = try Zoo.requests([(kind, [:])])
    var measure = Self.measure
    measure.moments = moments
    let target = TargetSettings(kind: .monteCarlo, draws: 256, samples: 3)
    let forecast = try FidelityPilot(
      problem: counted, target: target, measure: measure, key: RandomKey(seed: 1), jobs: 1
    ).forecast(requests)
    counted.oracleCalls.withLock { $0 = 0 }
    _ = try FidelitySession(
      problem: counted, target: target, measure: measure, key: RandomKey(seed: 1)
    ).run(requests)
    let made = Double(counted.oracleCalls.withLock { $0 })
    #expect(abs(forecast.valueCalls + forecast.gradientCalls - made) <= 0.02 * made)
  }

  /// The standard error and the draws of the stop rule are foretold within a factor 3; the pilot
  /// has 128 draws, the run has thousands.
  @Test func errorsAreForetold() throws {
    let problem = try registered("test-problem")
    var measure = MeasureSettings(
      moments: .monteCarlo, draws: 4096, perDrawSamples: 0)
    let requests = try Zoo.requests([("st", ["tau": .number(1)])])
    func both() throws -> (FidelityForecast, FidelityReport) {
      let session = FidelitySession(
        problem: problem, target: TargetSettings(), measure: measure, key: RandomKey(seed: 4))
      let pilot = FidelityPilot(
        problem: problem, target: TargetSettings(), measure: measure, key: RandomKey(seed: 4),
        jobs: 1)
      return (try pilot.forecast(requests), try session.run(requests)[0].get())
    }
    let (plain, report) = try both()
    let error = try #require(plain.error)
    let made = try number(report.numbers, .relativeBias).standardError
    #expect(error / made > 1.0 / 3 && error / made < 3, "\(error) \(made)")
    #expect(plain.draws == nil)
    measure.draws = 64
    measure.precision = PrecisionRule(
      metric: .relativeBias, errorBelow: made, maxDraws: 1 << 20)
    let (ruled, stopped) = try both()
    let draws = Double(try #require(ruled.draws))
    let taken = Double(try #require(number(stopped.numbers, .relativeBias).draws))
    #expect(draws / taken >= 1.0 / 8 && draws / taken <= 8, "\(draws) \(taken)")
    #expect(ruled.isPrecise)
    measure.precision?.maxDraws = 128
    let (short, _) = try both()
    #expect(short.draws == 128 && !short.isPrecise)
  }
}

/// When joint codes can be enumerated, and what is said where they cannot.
@Suite struct EnumerationBoundsTests {
  private static func refusal(
    _ rows: Int, _ latents: Int, _ categories: Int, _ purpose: EnumerationBounds.Purpose,
    limit: Int = 16_384
  ) -> String? {
    EnumerationBounds(
      shape: LayerShape(rows: rows, latents: latents, categories: categories), maxJointCodes: limit
    ).refusal(purpose, gradients: purpose == .moments)
  }

  @Test func remediesAreTheLargestThatFit() {
    #expect(Self.refusal(100, 4, 8, .target) == nil)
    #expect(
      Self.refusal(1, 10, 8, .target)
        == "an exact target needs 8^10 joint codes: use a Monte Carlo target, or at most 4 latents "
        + "(the limit is 16384 joint codes)")
    #expect(
      Self.refusal(1, 200, 200, .moments)
        == "exact moments need 200^200 joint codes: use Monte Carlo moments, or at most 1 latent "
        + "(the limit is 16384 joint codes)")
    #expect(
      Self.refusal(1, 1, 50_000, .target)
        == "an exact target needs 50000^1 joint codes: use a Monte Carlo target, or at most 16384 "
        + "categories (the limit is 16384 joint codes)")
  }

  /// The remedies fit, and one more of each does not.
  @Test func theMemoryBoundHasRemediesThatHold() throws {
    let shape = LayerShape(rows: 40_000, latents: 4, categories: 8)
    let bounds = EnumerationBounds(shape: shape, maxJointCodes: 16_384)
    let rows = bounds.mostRows(gradients: true)
    let latents = bounds.mostLatents(gradients: true)
    #expect(
      bounds.refusal(.moments, gradients: true)
        == "exact moments need a table of 40000 rows and 8^4 joint codes: use Monte Carlo moments, or "
        + "at most \(rows) rows, or at most \(latents) latents (the limit is 4 GiB)")
    func fits(_ rows: Int, _ latents: Int) -> Bool {
      EnumerationBounds(
        shape: LayerShape(rows: rows, latents: latents, categories: 8), maxJointCodes: 16_384
      ).refusal(.moments, gradients: true) == nil
    }
    #expect(fits(rows, 4) && !fits(rows + 1, 4))
    #expect(fits(40_000, latents) && !fits(40_000, latents + 1))
  }
}

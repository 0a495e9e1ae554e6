import Discrete
import Estimators
import Fidelity
import Models
import Tensors
import Testing

/// Continuous noise beside a hard forward: a lattice in every joint code.
@Suite struct NoiseLatticeTests {
  private func problem(_ latents: Int, _ categories: Int) throws -> any DiscreteProblem {
    try registered(
      "test-problem", ["latents": .integer(latents), "categories": .integer(categories)])
  }

  /// Jackknife standard error over the shifts.
  private func error(_ replicates: [Double]) -> Double {
    let count = Double(replicates.count)
    let mean = replicates.reduce(0, +) / count
    return ((count - 1) / count * replicates.reduce(0) { $0 + ($1 - mean) * ($1 - mean) })
      .squareRoot()
  }

  private func fitted(_ setting: ZooSetting, _ problem: any DiscreteProblem) throws
    -> any GradientEstimator
  {
    let estimator = try setting.make()
    guard let learned = estimator.learned else { return estimator }
    return try learned.fitted(TestFittingSource(problem: problem))
  }

  /// The unbiased ones against the exact gradient, in units of the stated error: Student's distribution with
  /// 15 degrees, |t| < 6 for 30 numbers: false alarm below 1e-3.
  @Test(
    arguments: [
      ZooSetting("rebar"), ZooSetting("rebar", ["eta": .number(0.6), "tau": .number(0.1)]),
      ZooSetting("relax", ["fit-draws": .integer(256)]),
    ], [(1, 3), (2, 2)])
  func meansAreExactGradients(setting: ZooSetting, shape: (Int, Int)) throws {
    let problem = try problem(shape.0, shape.1)
    let target = try exactTarget(problem).gradient
    let found = try exactMeasurement(fitted(setting, problem), problem)
    #expect(found.replicates.count == 16)
    for index in target.indices {
      let error = error(found.replicates.map { $0.mean[index] })
      #expect(error > 0 && error < 1e-3)
      #expect(abs(found.mean[index] - target[index]) < 6 * error)
    }
  }

  /// A derivative that takes the conditional noise for a constant is seen.
  @Test func aWrongDerivativeIsSeen() throws {
    let problem = try problem(2, 2)
    let target = try exactTarget(problem).gradient
    let found = try exactMeasurement(Rebar.detachedNoise(tau: 0.5, eta: 1), problem)
    let scores = target.indices.map { index in
      abs(found.mean[index] - target[index]) / error(found.replicates.map { $0.mean[index] })
    }
    #expect((scores.max() ?? 0) > 100)
  }

  /// Means and variances by draws: 40,000 of them, seven settings, up to 6 coordinates and a
  /// variance each, |z| < 5: false alarm below 1e-4.
  @Test(
    arguments: [
      ZooSetting("rebar"), ZooSetting("relax", ["fit-draws": .integer(256)]),
      ZooSetting("gaussian-softmax", ["tau": .number(0.5)]), ZooSetting("redge"),
      ZooSetting("uniform-path"), ZooSetting("uniform-path", ["path": .text("each")]),
      ZooSetting("uniform-path", ["path": .text("all")]),
    ])
  func drawsAgree(setting: ZooSetting) throws {
    let problem = try problem(2, 2)
    let estimator = try fitted(setting, problem)
    let found = try exactMeasurement(estimator, problem)
    let sampled = try SampledZoo(problem, estimator, count: 40_000)
    #expect(sampled.largestScore(found.mean) < 5)
    let width = problem.shape.width
    let count = sampled.estimates.count / width
    let squares = (0..<count).map { draw in
      squaredNorm(
        (0..<width).map { sampled.estimates[draw * width + $0] - found.mean[$0] })
    }
    let mean = squares.reduce(0, +) / Double(count)
    let spread = squares.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count)
    #expect(abs(mean - found.traces[0]) < 5 * (spread / Double(count)).squareRoot())
  }

  /// Closed forms of a perturbed argmax, one from the costs of neighbours and one from a gradient, by
  /// lattices over the same noise: |t| < 6 with 15 degrees for 14 numbers, false alarm below 1e-3.
  @Test(arguments: [
    ZooSetting("direct-optimisation", ["step": .number(0.7)]),
    ZooSetting("aimle", ["lambda": .number(0.7)]),
  ])
  func closedFormsOfAPerturbedArgmax(setting: ZooSetting) throws {
    let problem = try problem(2, 3)
    let estimator = try setting.make()
    let closed = try exactMeasurement(estimator, problem)
    #expect(closed.replicates.isEmpty && closed.coarse == nil)
    let lattice = try exactMeasurement(WithoutMoments(inner: estimator), problem)
    #expect(lattice.replicates.count == 16)
    for index in closed.mean.indices {
      let error = error(lattice.replicates.map { $0.mean[index] })
      #expect(abs(closed.mean[index] - lattice.mean[index]) < 6 * error)
    }
    let spread = error(lattice.replicates.map { $0.traces[0] })
    #expect(abs(closed.traces[0] - lattice.traces[0]) < 6 * spread)
    #expect(spread < 0.01 * closed.traces[0])
  }

  /// Stated errors are those made: REBAR on one binary latent under 60 keys. z-scores over 16 shifts
  /// have mean square 15/13 of standard deviation 0.24; 4.2 of these: false alarm below 1e-4.
  @Test func errorsAreHonest() throws {
    let problem = try problem(1, 2)
    let target = try exactTarget(problem).gradient
    let rebar = try Rebar(tau: 0.5, eta: 1)
    let scores = try (0..<60).map { key -> Double in
      let found = try exactMeasurement(rebar, problem, key: UInt64(key))
      return (found.mean[1] - target[1]) / error(found.replicates.map { $0.mean[1] })
    }
    let moments = RepeatMoments(scores)
    #expect(abs(moments.mean) < 5 * moments.meanError)
    let square = scores.reduce(0) { $0 + $1 * $1 } / 60
    #expect(abs(square - 15.0 / 13) < 4.2 * 0.24, "\(square)")
  }

  /// The same bits whatever the number of workers.
  @Test func workersChangeNothing() throws {
    let problem = try problem(2, 2)
    let rebar = try Rebar(tau: 0.5, eta: 1)
    let (one, three) = (
      try exactMeasurement(rebar, problem), try exactMeasurement(rebar, problem, workers: 3)
    )
    #expect(one.mean == three.mean && one.traces == three.traces)
  }

  /// Infinite variances and uniforms that key streams are no integrals; larger layers are sampled.
  @Test func theRestIsSampled() throws {
    func isMeasured(_ setting: ZooSetting, _ latents: Int, _ categories: Int) throws -> Bool {
      let problem = try problem(latents, categories)
      return try ExactEngine(
        problem: problem,
        table: OracleTable(oracle: problem.oracle, limit: 64, gradients: true),
        geometry: ScopeGeometry(problem: problem, scopes: [.logits]), quadratureStep: 0.2, key: 1,
        workers: 1
      ).measure([setting.make()])[0] != nil
    }
    #expect(try isMeasured(ZooSetting("reinforce-wor"), 2, 2) == false)
    let throughNoise = ZooSetting("gr-mc", ["noise-derivative": .flag(true)])
    #expect(try isMeasured(throughNoise, 1, 4))
    #expect(try isMeasured(throughNoise, 1, 5) == false)
    #expect(try isMeasured(ZooSetting("rebar"), 5, 2) == false)
  }
}

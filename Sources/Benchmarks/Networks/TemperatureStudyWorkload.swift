import GradientFidelity

/// A temperature study of 23 estimators at `tau_f = 1` on one frozen network.
struct TemperatureStudyWorkload {
  let rounds: Int
  let workers: Int

  static let temperatures = [0.1, 0.25, 0.5, 0.75, 1, 1.5, 2, 3, 4]

  static func estimators() throws -> [any GradientEstimator] {
    var estimators: [any GradientEstimator] = []
    for kind in ["decoupled-st", "decoupled-st-gs"] {
      for temperature in temperatures {
        estimators.append(
          try EstimatorRegistry.make(kind, ["tau-backward": .number(temperature)]))
      }
    }
    for kind in ["reinforce-loo", "st", "reinmax", "gst", "darn"] {
      estimators.append(try EstimatorRegistry.make(kind))
    }
    return estimators
  }

  /// 1,024 estimates of each of the 23 on common draws of a layer that cannot be enumerated: sums of
  /// every block, from which all moments at the logits and the encoder's layers follow.
  func sampled(_ problem: CategoricalVAE<Float>) throws {
    let estimators = try Self.estimators()
    var result = BenchmarkResult(workload: "w5-sampled", case: "all 23")
    result.workers = workers
    result.estimates = 1024 * estimators.count
    var sums: [SampledMeasurement] = []
    try result.time(rounds: rounds) {
      sums = try MonteCarloEngine(
        source: DrawSource(problem: problem, key: RandomKey(seed: 1)),
        geometry: ScopeGeometry(problem: problem, scopes: [.logits, .layers, .all]),
        workers: workers
      ).measure(estimators, blocks: 32, drawsPerBlock: 32)
    }
    result.check["finite"] = Double(sums.filter(\.isFinite).count)
    result.show()
  }

  /// The same through a session: with a sampled target of 1,024 leave-one-out estimates of four
  /// draws, and every metric with its interval.
  func session(_ problem: CategoricalVAE<Float>) throws {
    let estimators = try Self.estimators()
    var result = BenchmarkResult(workload: "w5-sampled", case: "session")
    result.workers = workers
    result.estimates = 1024 * estimators.count
    var reports: [Result<FidelityReport, DiscreteError>] = []
    try result.time(rounds: rounds) {
      reports = try FidelitySession(
        problem: problem, target: TargetSettings(kind: .monteCarlo, draws: 1024),
        measure: MeasureSettings(moments: .monteCarlo, perDrawSamples: 0, gap: false),
        key: RandomKey(seed: 1), workers: workers
      ).run(estimators.map { FidelityRequest(estimator: $0, law: .own) })
    }
    result.check["reports"] = Double(reports.filter { (try? $0.get()) != nil }.count)
    result.show()
  }
}

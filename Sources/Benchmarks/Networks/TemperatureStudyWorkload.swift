import GradientFidelity

/// Temperature studies on one frozen network.
struct TemperatureStudyWorkload {
  let rounds: Int
  let workers: Int

  static let temperatures = [0.1, 0.25, 0.5, 0.75, 1, 1.5, 2, 3, 4]

  /// 23 estimators at `tau_f = 1`: the decoupled pair at nine backward temperatures, and five
  /// others.
  static func estimators() throws -> [any GradientEstimator] {
    try decoupled(forward: [1])
      + ["reinforce-loo", "st", "reinmax", "gst", "darn"].map { try EstimatorRegistry.make($0) }
  }

  /// The decoupled pair at all pairs of a forward and a backward temperature.
  private static func decoupled(forward: [Double]) throws -> [any GradientEstimator] {
    try ["decoupled-st", "decoupled-st-gs"].flatMap { kind in
      try forward.flatMap { forward in
        try temperatures.map {
          try EstimatorRegistry.make(
            kind, ["tau-forward": .number(forward), "tau-backward": .number($0)])
        }
      }
    }
  }

  /// Exact moments of the 23 on 4,096 joint codes, and every metric against the exact target.
  func exact(rows: Int) throws {
    try exact("w5", "all 23", Self.estimators(), rows: rows)
  }

  /// The same for the decoupled pair on the grid of 9 x 9 temperatures: 162 cells.
  func grid(rows: Int) throws {
    try exact("w6", "all 162", Self.decoupled(forward: Self.temperatures), rows: rows)
  }

  private func exact(
    _ workload: String, _ name: String, _ estimators: [any GradientEstimator], rows: Int
  ) throws {
    let problem = try NetworkWorkloads.problem(latents: 4, categories: 8, rows: rows)
    var result = BenchmarkResult(
      workload: rows == 100 ? workload : "\(workload) \(rows) rows", case: name)
    result.workers = workers
    result.estimates = 1024 * estimators.count
    result.oracleCalls = 4096 * rows
    var sum = 0.0
    var largest = 0.0
    try result.time(rounds: rounds) {
      sum = 0
      largest = 0
      let session = FidelitySession(
        problem: problem, target: TargetSettings(kind: .exact),
        measure: MeasureSettings(moments: .exact, perDrawSamples: 0, gap: false),
        key: RandomKey(seed: 1), workers: workers)
      for report in try session.run(
        estimators.map { FidelityRequest(estimator: $0, distribution: .own) })
      {
        for number in try report.get().numbers where number.metric == .mse {
          sum += number.value
          largest = max(largest, number.standardError / number.value)
        }
      }
    }
    result.check = ["sum of mse": sum, "largest relative error": largest]
    result.show()
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
      ).run(estimators.map { FidelityRequest(estimator: $0, distribution: .own) })
    }
    result.check["reports"] = Double(reports.filter { (try? $0.get()) != nil }.count)
    result.show()
  }
}

import Discrete
import Fidelity
import ResultStore

/// A small study with every kind of cell.
enum SampleStudy {
  static let study = StudyRecord(
    name: "tau-grid", file: "studies/tau-grid.yaml", contentHash: "aa11",
    resolvedJSON: #"{"format": 1, "seed": 18446744073709551615}"#)

  static let run = RunRecord(
    version: "0.1.0", sourceCommit: "c0ffee", host: "machine", cpu: "cpu model",
    blas: "Cooperlake", toolchain: "Swift 6.3.1", seed: UInt64.max, jobs: 2,
    command: "gradfid run studies/tau-grid.yaml")

  static func cell(_ index: Int, label: String = "st") -> CellRecord {
    let number = String(index)
    return CellRecord(
      hash: number + String(repeating: "f", count: 40 - number.count),
      problem: "categorical-vae 8x4 mnist", problemJSON: #"{"kind": "categorical-vae"}"#,
      weights: "initial", step: 0, estimator: label, estimatorLabel: "\(label)(tau=\(index))",
      estimatorJSON: #"{"tau": \#(index)}"#, tauForward: nil, tauBackward: Double(index) / 2,
      target: "exact", targetDistribution: "own", seed: UInt64.max, resolvedJSON: "{}")
  }

  static func measurement(
    _ metric: String, _ value: Double?, scope: String = "logits"
  ) -> Measurement {
    Measurement(
      scope: scope, metric: metric, unit: "1", value: value, se: 0.5, ciLow: -1, ciHigh: 2,
      ciLevel: 0.95, ciMethod: "jackknife", moments: "monte-carlo", n: 1024, debiased: true,
      resolved: false)
  }

  static func result(
    _ cell: CellRecord, state: ResultState = .done, _ measurements: [Measurement]
  ) -> CellResult {
    CellResult(
      cellHash: cell.hash, state: state, message: state == .done ? nil : "row 3: nan, \"left\"",
      moments: "monte-carlo", seconds: 0.25, measurements: measurements)
  }

  static let trainingStudy = StudyRecord(
    name: "along-training", file: "studies/along-training.yaml", contentHash: "bb22",
    resolvedJSON: "{}")

  static func training(_ name: String = "b", steps: Int = 3) -> TrainingRecord {
    TrainingRecord(
      hash: String(repeating: name, count: 40), problem: "categorical-vae 8x4 mnist",
      estimator: "st", estimatorLabel: "st(tau=1.0)", optimiser: "radam", learningRate: 5e-4,
      batch: 100, seed: UInt64.max, resolvedJSON: "{}", steps: steps)
  }

  static func step(_ number: Int, loss: Double = 1.5) -> TrainingStep {
    TrainingStep(
      step: number, loss: loss, reconstruction: 1.25, kl: 0.25, perplexity: 2, gradientNorm: 0.1)
  }

  /// A study with one training of three steps, all stored.
  @discardableResult
  static func fillTraining(_ store: ResultStore) throws -> RunHandle {
    let handle = try store.beginRun(
      study: trainingStudy, cells: [], trainings: [training()], run: run)
    try store.save((1...3).map { step($0) }, training: training().hash)
    return handle
  }

  /// What is kept of single parameters: two quantiles, the error of one not known.
  static func parameters(_ cell: CellRecord, _ value: Double) -> ParameterRecord {
    ParameterRecord(
      file: "\(cell.hash.prefix(32)).safetensors", bytes: 4096, sha256: "dd44", coordinates: 12,
      quantiles: [
        ParameterRecord.Quantile(
          scope: "all", quantity: "variance", quantile: 0.5, value: value, se: 0.1, count: 12),
        ParameterRecord.Quantile(
          scope: "all", quantity: "variance", quantile: 1, value: 2 * value, se: .nan, count: 12),
      ])
  }

  /// Measurements of as many metrics at the logits.
  static func rows(_ count: Int) -> [Measurement] {
    (0..<count).map { measurement("metric-\(100_000 + $0)", Double($0)) }
  }

  /// Cells 0 and 1 done, 2 failed, 3 diverged, 4 pending.
  @discardableResult
  static func fill(_ store: ResultStore) throws -> RunHandle {
    let cells = (0..<5).map { cell($0) }
    let handle = try store.beginRun(study: study, cells: cells, run: run)
    for index in 0..<2 {
      let value = 0.1 + Double(index)
      var done = result(
        cells[index],
        [
          measurement("rel_bias", value), measurement("bias_sq", value * value),
          measurement("variance", value * 3, scope: "all"),
          measurement("rel_bias", Double.nan, scope: "all"),
        ])
      done.parameters = parameters(cells[index], value)
      try store.save(done, run: handle)
    }
    try store.save(result(cells[2], state: .failed, []), run: handle)
    try store.save(
      result(cells[3], state: .diverged, [measurement("variance", Double.infinity)]), run: handle)
    try store.save(
      [
        CoverageRecord(
          CoverageStudy.Row(
            problem: "bernoulli-toy", estimator: "st tau=1.0", metric: "bias_sq",
            interval: "score-t", draws: 256, repeats: 1000, coverage: 0.948, constant: false),
          level: 0.95)
      ], version: "0.1.0")
    return handle
  }

  /// Cell 0 again, with what the views of sample sizes need.
  static func addMoments(_ store: ResultStore, _ handle: RunHandle) throws {
    try store.save(
      result(
        cell(0),
        [
          measurement("rel_bias", 0.1), measurement("bias_sq", 0.1 * 0.1),
          measurement("variance", 0.3, scope: "all"),
          measurement("rel_bias", Double.nan, scope: "all"), measurement("variance", 2),
          measurement("target_norm", 1.5), measurement("value_calls", 2),
          measurement("gradient_calls", 0),
        ]), run: handle)
  }
}

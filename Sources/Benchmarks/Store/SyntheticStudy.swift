import GradientFidelity

/// A study of made-up numbers in the shape of a measured one: problems x estimators x temperatures,
/// every cell with the metrics of moments on some scopes.
struct SyntheticStudy {
  var name = "synthetic"
  var cellCount: Int
  var measurementsPerCell: Int

  private static let estimators = ["st", "st-gs", "gumbel-softmax", "reinmax", "reinforce-loo"]
  private static let temperatures = [0.1, 0.25, 0.5, 1, 2, 4, 8, 16]
  private static let groups = ["logits", "all"] + (1...).prefix(30).map { "encoder.\($0).weight" }

  var study: StudyRecord {
    StudyRecord(
      name: name, file: "studies/\(name).yaml", contentHash: String(repeating: "ab", count: 32),
      resolvedJSON: #"{"format":1,"name":"\#(name)"}"#)
  }

  var run: RunRecord {
    RunRecord(
      version: "0", sourceCommit: "0", host: "host", cpu: "cpu", blas: "blas", toolchain: "swift",
      seed: 1, jobs: 1, command: "gradfid-bench")
  }

  var cells: [CellRecord] { (0..<cellCount).map(cell) }

  func cell(_ index: Int) -> CellRecord {
    let estimator = Self.estimators[index % Self.estimators.count]
    let tau = Self.temperatures[index / Self.estimators.count % Self.temperatures.count]
    let problem = index / (Self.estimators.count * Self.temperatures.count)
    let problemJSON = #"{"inputs":{},"kind":"quadratic-cubic","parameters":{"seed":\#(problem)}}"#
    let estimatorJSON = #"{"kind":"\#(estimator)","parameters":{"tau":\#(tau)}}"#
    return CellRecord(
      hash: hash(index), problem: "quadratic-cubic latents=8 categories=4 seed=\(problem)",
      problemJSON: problemJSON, weights: "initial", step: nil, estimator: estimator,
      estimatorLabel: "\(estimator)(tau=\(tau))", estimatorJSON: estimatorJSON, tauForward: 1,
      tauBackward: tau, target: "exact", targetDistribution: "own", seed: 1,
      resolvedJSON: #"{"estimator":\#(estimatorJSON),"format":1,"problem":\#(problemJSON)}"#)
  }

  func result(_ index: Int) -> CellResult {
    CellResult(
      cellHash: hash(index), state: .done, moments: "monte-carlo", seconds: 0.01,
      measurements: measurements(index))
  }

  /// The metrics of the first scope, then those of the next, until there are enough.
  private func measurements(_ index: Int) -> [Measurement] {
    let metrics = Self.metrics
    return (0..<measurementsPerCell).map { number in
      let metric = metrics[number % metrics.count]
      let scope = Self.groups[number / metrics.count % Self.groups.count]
      let value = metric.positive ? 1 + wave(index, number) : wave(index, number)
      return Measurement(
        scope: scope, metric: metric.name, unit: metric.unit, value: value,
        se: 0.01 * (1 + value * value), ciLow: value - 0.1, ciHigh: value + 0.1, ciLevel: 0.95,
        ciMethod: "jackknife-t", moments: "monte-carlo", n: 4096, debiased: metric.debiased,
        resolved: metric.isBias ? value > 0.1 : nil)
    }
  }

  /// What the views of sample sizes need stands first, so that small cells have it too.
  private static let metrics:
    [(name: String, unit: String, positive: Bool, debiased: Bool, isBias: Bool)] = {
      let first: [Metric] = [
        .biasSquared, .relativeBias, .variance, .targetNorm, .valueCalls, .gradientCalls,
      ]
      let rest = Metric.allCases.filter { !first.contains($0) }
      return (first + rest).map {
        (
          $0.rawValue, $0.unit, [.variance, .targetNorm, .valueCalls, .gradientCalls].contains($0),
          $0.debiased, $0.isBias
        )
      }
    }()

  /// Full-length doubles between -1 and 1, the same in every run.
  private func wave(_ index: Int, _ number: Int) -> Double {
    var state =
      UInt64(truncatingIfNeeded: index) &* 0x9e37_79b9_7f4a_7c15
      &+ UInt64(truncatingIfNeeded: number) &* 0xbf58_476d_1ce4_e5b9
    state = (state ^ (state >> 30)) &* 0x94d0_49bb_1331_11eb
    state ^= state >> 31
    return Double(state >> 11) / Double(1 << 52) - 1
  }

  /// 64 hexadecimal digits whose first twelve differ from cell to cell.
  private func hash(_ index: Int) -> String {
    let mixed = (UInt64(truncatingIfNeeded: index) &+ 1) &* 0x9e37_79b9_7f4a_7c15
    let word = String(mixed, radix: 16)
    let padded = String(repeating: "0", count: 16 - word.count) + word
    return String(repeating: padded, count: 4)
  }
}

import Discrete
import Estimators
import Models
import Tensors

/// How often the intervals of sampled numbers hold the exact number.
///
/// Every problem, estimator and number of draws is measured many times over under keys of its own,
/// by the path that studies take; the exact number comes from a finite sum or, for means over single
/// draws, from 262,144 draws. A negative control counts the plug-in square `||m - g*||^2` with the
/// jackknife's interval, which is no estimate of the bias.
public struct CoverageStudy: Sendable {
  /// Repeats of each measurement.
  public var repeats: Int
  /// Draws per measurement.
  public var draws: [Int]
  public var level: Double
  public var seed: UInt64
  public var workers: Int

  /// Replicate blocks of each measurement, the default of studies.
  public static let blocks = 32
  /// Name of the negative control.
  public static let control = "plug-in bias_sq"
  /// Draws behind the exact number of means over single draws.
  private static let perDrawTruth = 1 << 18

  public init(
    repeats: Int = 1000, draws: [Int] = [64, 256, 1024], level: Double = 0.95, seed: UInt64 = 1,
    workers: Int = 1
  ) {
    self.repeats = repeats
    self.draws = draws
    self.level = level
    self.seed = seed
    self.workers = workers
  }

  /// The coverage of one metric of one estimator on one problem.
  public struct Row: Sendable, Equatable {
    public var problem: String
    public var estimator: String
    /// Metric, or `CoverageStudy.control`.
    public var metric: String
    public var interval: String
    public var draws: Int
    public var repeats: Int
    /// Share of the intervals that hold the exact number.
    public var coverage: Double
    /// Nothing varies: value and interval are the exact number.
    public var constant: Bool

    public init(
      problem: String, estimator: String, metric: String, interval: String, draws: Int,
      repeats: Int, coverage: Double, constant: Bool
    ) {
      self.problem = problem
      self.estimator = estimator
      self.metric = metric
      self.interval = interval
      self.draws = draws
      self.repeats = repeats
      self.coverage = coverage
      self.constant = constant
    }
  }

  /// The settings that are measured: problems of at least six kinds, eight estimators.
  private static let problems: [(kind: String, parameters: [String: ParameterValue])] = [
    ("bernoulli-toy", [:]),
    ("three-bernoullis", [:]),
    ("carms-linear", [:]),
    ("test-problem", ["latents": .integer(2), "categories": .integer(3)]),
    ("test-problem", ["latents": .integer(3), "categories": .integer(2)]),
    ("quadratic-cubic", ["latents": .integer(3), "categories": .integer(4)]),
  ]
  private static let estimators: [(kind: String, parameters: [String: ParameterValue])] = [
    ("reinforce", [:]), ("reinforce-loo", ["samples": .integer(2)]), ("identity-st", [:]),
    ("st", ["tau": .number(1)]), ("st", ["tau": .number(2)]), ("st-gs", ["tau": .number(1)]),
    ("decoupled-st", ["tau-forward": .number(0.5), "tau-backward": .number(1)]),
    ("reinmax", ["tau": .number(1)]),
  ]

  /// Measures everything.
  ///
  /// The last problem is measured once more against a sampled target of four times the draws.
  /// - Parameter progress: a line before each problem.
  public func run(progress: (String) -> Void = { _ in }) throws -> [Row] {
    var rows: [Row] = []
    for (index, item) in Self.problems.enumerated() {
      rows += try measure(item, sampledTarget: false, index: index, progress)
    }
    rows += try measure(
      Self.problems[3], sampledTarget: true, index: Self.problems.count, progress)
    return rows
  }

  private static func label(_ kind: String, _ parameters: [String: ParameterValue]) -> String {
    ([kind] + parameters.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" })
      .joined(separator: " ")
  }

  private func measure(
    _ item: (kind: String, parameters: [String: ParameterValue]), sampledTarget: Bool, index: Int,
    _ progress: (String) -> Void
  ) throws -> [Row] {
    let name = Self.label(item.kind, item.parameters) + (sampledTarget ? ", sampled target" : "")
    progress(name)
    guard let descriptor = ProblemRegistry.named(item.kind) else {
      throw DiscreteError.parameter("unknown problem kind '\(item.kind)'")
    }
    let problem = try descriptor.make(
      ResolvedParameters(item.parameters, specs: descriptor.parameters),
      ProblemEnvironment(baseDirectory: ".", dataDirectories: [], checkpointDirectory: "."))
    let estimators = try Self.estimators.map { try EstimatorRegistry.make($0.kind, $0.parameters) }
    let names = Self.estimators.map { Self.label($0.kind, $0.parameters) }
    let key = RandomKey(seed: seed).derived("coverage").derived(UInt64(index))
    let truths = try truths(problem, estimators, key: key)
    return try draws.flatMap { draws -> [Row] in
      let one = OneMeasurement(
        problem: problem, estimators: estimators, draws: draws, level: level,
        sampledTarget: sampledTarget)
      let found = try parallelMap(repeats, workers: workers) { repeatIndex in
        try one.numbers(key: key.derived(UInt64(draws)).derived(UInt64(repeatIndex)))
      }
      return estimators.indices.flatMap { estimator in
        tallied(
          found.map { $0[estimator] }, truths[estimator], problem: name,
          estimator: names[estimator], draws: draws)
      }
    }
  }

  /// Exact numbers of every estimator by metric name.
  private func truths(
    _ problem: any DiscreteProblem, _ estimators: [any GradientEstimator], key: RandomKey
  ) throws -> [[String: Double]] {
    let session = FidelitySession(
      problem: problem, target: TargetSettings(kind: .exact),
      measure: MeasureSettings(
        scopes: [.logits], moments: .exact, perDrawSamples: Self.perDrawTruth, level: level),
      key: key.derived("truth"), workers: workers)
    return try session.run(estimators.map { FidelityRequest(estimator: $0, law: .own) }).map {
      var truths: [String: Double] = [:]
      for number in try $0.get().numbers { truths[number.metric.rawValue] = number.value }
      truths[Self.control] = truths[Metric.biasSquared.rawValue]
      return truths
    }
  }

  private func tallied(
    _ repeats: [[FidelityNumber]], _ truths: [String: Double], problem: String, estimator: String,
    draws: Int
  ) -> [Row] {
    guard let first = repeats.first else { return [] }
    return first.indices.compactMap { index -> Row? in
      let isControl = index == first.count - 1
      let metric = isControl ? Self.control : first[index].metric.rawValue
      guard let truth = truths[metric], !truth.isNaN else { return nil }
      let rounding = 1e-9 * max(abs(truth), 1e-3)
      var covered = 0
      var constant = true
      for numbers in repeats {
        let number = numbers[index]
        if number.low - rounding <= truth && truth <= number.high + rounding { covered += 1 }
        constant = constant && !(number.high - number.low > rounding)
      }
      return Row(
        problem: problem, estimator: estimator, metric: metric, interval: first[index].interval,
        draws: draws, repeats: repeats.count, coverage: Double(covered) / Double(repeats.count),
        constant: constant)
    }
  }
}

/// One measurement of all estimators of a problem, as a study would make it.
private struct OneMeasurement: Sendable {
  let problem: any DiscreteProblem
  let estimators: [any GradientEstimator]
  let draws: Int
  let level: Double
  let sampledTarget: Bool

  /// Metrics whose exact numbers are not functions of the settings alone.
  private static let left: Set<Metric> = [
    .valueCalls, .gradientCalls, .mseTimesCost, .targetErrorSquared, .targetErrorRatio,
  ]

  /// Numbers of every estimator; the last one is the negative control.
  func numbers(key: RandomKey) throws -> [[FidelityNumber]] {
    let session = FidelitySession(
      problem: problem,
      target: TargetSettings(kind: sampledTarget ? .monteCarlo : .exact, draws: 4 * draws),
      measure: MeasureSettings(
        scopes: [.logits], moments: .monteCarlo, draws: draws, blocks: CoverageStudy.blocks,
        perDrawSamples: draws, level: level), key: key)
    return try session.run(estimators.map { FidelityRequest(estimator: $0, law: .own) }).map {
      let numbers = try $0.get().numbers
      return numbers.filter { !Self.left.contains($0.metric) }
        + numbers.filter { $0.metric == .biasSquared }.map { control($0, numbers) }
    }
  }

  /// The squared norm with nothing subtracted, in an interval of the same width.
  private func control(_ bias: FidelityNumber, _ numbers: [FidelityNumber]) -> FidelityNumber {
    var plain = bias
    let trace = numbers.first { $0.metric == .variance }?.value ?? 0
    let noise =
      trace / Double(draws) + (numbers.first { $0.metric == .targetErrorSquared }?.value ?? 0)
    plain.value += noise
    plain.low += noise
    plain.high += noise
    return plain
  }
}

import Discrete
import Estimators
import Foundation
import Tensors

/// How often the intervals of sampled numbers hold the exact number.
///
/// Every problem, estimator and number of draws is measured many times over under keys of its own,
/// by the path that studies take; the exact number comes from a finite sum or a quadrature or, for means
/// over single draws, from 262,144 draws. A fifth of the measurements is made at all of `levels` on the
/// same draws: a number is covered at a level where its p-value is above one less the level, so the
/// counts are the distribution of p-values at seven points.
///
/// Two negative controls: the plug-in square `||m - g*||^2` with the interval of `bias_sq`, which is no
/// estimate of the bias; and `estimate_norm` in intervals a fifth too narrow.
public struct CoverageStudy: Sendable {
  /// Repeats of each measurement.
  public var repeats: Int
  /// Draws per measurement.
  public var draws: [Int]
  public var level: Double
  public var seed: UInt64
  public var workers: Int
  /// Names of the problems that are measured; nil: all.
  public var problems: Set<String>?

  /// Levels at which a fifth of the measurements is made, beside `level`.
  public static let levels = [0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99]
  /// Replicate blocks of each measurement, the default of studies.
  public static let blocks = 32
  /// Names of the negative controls.
  public static let control = "plug-in bias_sq"
  public static let narrowControl = "narrow estimate_norm"
  public static let controls = [control, narrowControl]
  /// Draws behind the exact number of means over single draws.
  private static let perDrawTruth = 1 << 18

  public init(
    repeats: Int = 1000, draws: [Int] = [64, 256, 1024], level: Double = 0.95, seed: UInt64 = 1,
    workers: Int = 1, problems: Set<String>? = nil
  ) {
    self.repeats = repeats
    self.draws = draws
    self.level = level
    self.seed = seed
    self.workers = workers
    self.problems = problems
  }

  /// Measurements that are made at all levels.
  var levelRepeats: Int { min(repeats, max(repeats / 5, 20)) }

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
    public var level: Double
    /// Share of the numbers with the warning `tail` or `rare`.
    public var warned: Double
    /// Coverage among the others; nil where there are none.
    public var unwarned: Double?
    /// p-value of a Kolmogorov-Smirnov test of the p-values at all levels, on the measurements that
    /// were made at them: conservative, as distances between the levels are not seen.
    public var uniformity: Double?

    public init(
      problem: String, estimator: String, metric: String, interval: String, draws: Int,
      repeats: Int, coverage: Double, constant: Bool, level: Double = 0.95, warned: Double = 0,
      unwarned: Double? = nil, uniformity: Double? = nil
    ) {
      self.problem = problem
      self.estimator = estimator
      self.metric = metric
      self.interval = interval
      self.draws = draws
      self.repeats = repeats
      self.coverage = coverage
      self.constant = constant
      self.level = level
      self.warned = warned
      self.unwarned = unwarned
      self.uniformity = uniformity
    }
  }

  /// Measures everything: the settings of `CoverageSetting.all`.
  ///
  /// - Parameter progress: a line before each problem.
  public func run(progress: (String) -> Void = { _ in }) throws -> [Row] {
    try CoverageSetting.all().enumerated().flatMap { index, setting -> [Row] in
      guard problems?.contains(setting.name) ?? true else { return [] }
      progress(setting.name)
      return try measure(setting, index: index)
    }
  }

  private func measure(_ setting: CoverageSetting, index: Int) throws -> [Row] {
    let estimators = try setting.estimators.map {
      try EstimatorRegistry.make($0.kind, $0.parameters)
    }
    let names = setting.estimators.map { CoverageSetting.label($0.kind, $0.parameters) }
    let key = RandomKey(seed: seed).derived("coverage").derived(UInt64(index))
    let truths = try truths(setting, estimators, key: key)
    return try draws.flatMap { draws -> [Row] in
      func found(_ level: Double, _ repeats: Int) throws -> [[[FidelityNumber]]] {
        let one = OneMeasurement(
          setting: setting, estimators: estimators, draws: draws, level: level)
        return try parallelMap(repeats, workers: workers) { repeatIndex in
          try one.numbers(key: key.derived(UInt64(draws)).derived(UInt64(repeatIndex)))
        }
      }
      let main = try found(level, repeats)
      let others = try Self.levels.map { other in
        guard other != level else {
          return (level: other, numbers: Array(main.prefix(levelRepeats)))
        }
        return (level: other, numbers: try found(other, levelRepeats))
      }
      return estimators.indices.flatMap { estimator -> [Row] in
        let tally = CoverageTally(
          truths: truths[estimator], problem: setting.name, estimator: names[estimator],
          draws: draws)
        return tally.rows(
          main.map { $0[estimator] }, level: level,
          others: others.map { ($0.level, $0.numbers.map { $0[estimator] }) })
      }
    }
  }

  /// Exact numbers of every estimator by metric name.
  private func truths(
    _ setting: CoverageSetting, _ estimators: [any GradientEstimator], key: RandomKey
  ) throws -> [[String: Double]] {
    let session = FidelitySession(
      problem: setting.problem, target: TargetSettings(kind: .exact),
      measure: MeasureSettings(
        scopes: [.logits], moments: .exact,
        perDrawSamples: setting.perDraw ? Self.perDrawTruth : 0, level: level),
      key: key.derived("truth"), workers: workers)
    return try session.run(estimators.map { FidelityRequest(estimator: $0, distribution: .own) })
      .map {
        var truths: [String: Double] = [:]
        for number in try $0.get().numbers { truths[number.metric.rawValue] = number.value }
        truths[Self.control] = truths[Metric.biasSquared.rawValue]
        truths[Self.narrowControl] = truths[Metric.estimateNorm.rawValue]
        return truths
      }
  }
}

/// One measurement of all estimators of a problem, as a study would make it.
private struct OneMeasurement: Sendable {
  let setting: CoverageSetting
  let estimators: [any GradientEstimator]
  let draws: Int
  let level: Double

  /// Metrics whose exact numbers are not functions of the settings alone.
  /// Numbers of every estimator; the last ones are the negative controls.
  func numbers(key: RandomKey) throws -> [[FidelityNumber]] {
    let session = FidelitySession(
      problem: setting.problem,
      target: TargetSettings(
        kind: setting.hasSampledTarget ? .monteCarlo : .exact, draws: 4 * draws),
      measure: MeasureSettings(
        scopes: [.logits], moments: .monteCarlo, draws: draws, blocks: CoverageStudy.blocks,
        perDrawSamples: setting.perDraw ? draws : 0, level: level), key: key)
    return try session.run(estimators.map { FidelityRequest(estimator: $0, distribution: .own) })
      .map {
        let numbers = try $0.get().numbers
        return numbers.filter { $0.metric.descriptor.isCovered }
          + numbers.filter { $0.metric == .biasSquared }.map { control($0, numbers) }
          + numbers.filter { $0.metric == .estimateNorm }.map(narrowed)
      }
  }

  /// The ends a fifth nearer.
  private func narrowed(_ number: FidelityNumber) -> FidelityNumber {
    var narrow = number
    narrow.low = number.value - 0.8 * (number.value - number.low)
    narrow.high = number.value + 0.8 * (number.high - number.value)
    return narrow
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

import Discrete
import Estimators
import Foundation
import Models
import Tensors

/// What a check found: a number, the limit it is held against, and whether it passes.
public struct CheckOutcome: Sendable, Equatable {
  public let value: Double
  public let limit: Double
  public let passes: Bool

  /// Passes up to the limit.
  static func atMost(_ limit: Double, _ value: Double) -> CheckOutcome {
    CheckOutcome(value: value, limit: limit, passes: value <= limit)
  }

  /// Passes from the limit on.
  static func atLeast(_ limit: Double, _ value: Double) -> CheckOutcome {
    CheckOutcome(value: value, limit: limit, passes: value >= limit)
  }
}

/// The product's own checks, on single estimators.
struct SelfTestChecks {
  let key: RandomKey
  let workers: Int

  /// Draws of the random checks, in blocks.
  static let draws = 1 << 16
  static let blocks = 32
  /// Nominal rate at which a check of a bias flags an unbiased estimator.
  static let falseAlarms = 1e-6
  /// Limit of a z-score of 32 blocks, some ten of them a check: 7e-8 each by Student's distribution.
  static let zLimit = 7.0
  /// Repeats of small measurements, and the draws of each.
  static let repeats = 400
  static let smallDraws = 64

  /// The lower end of the sampled relative bias at a level of `1 - falseAlarms`: above 0 it is resolved.
  func sampledBias(
    _ problem: any DiscreteProblem, _ estimator: any GradientEstimator
  ) throws -> CheckOutcome {
    let number = try sampled(
      problem, estimator, draws: Self.draws, level: 1 - Self.falseAlarms, key: key
    ).first { $0.metric == .relativeBias }
    return .atMost(0, number?.low ?? .infinity)
  }

  /// The relative bias of a sum over all joint codes.
  func exactBias(
    _ problem: any DiscreteProblem, _ estimator: any GradientEstimator
  ) throws -> CheckOutcome {
    let report = try FidelitySession(
      problem: problem, target: TargetSettings(),
      measure: MeasureSettings(
        scopes: [.logits], moments: .exact, perDrawSamples: 0, gap: false), key: key
    ).run([FidelityRequest(estimator: estimator, distribution: .own)])[0].get()
    return .atMost(
      1e-9, report.numbers.first { $0.metric == .relativeBias }?.value ?? .infinity)
  }

  /// The largest z-score of sampled means and of the sampled variance against exact moments.
  func exactAgainstSampled(
    _ problem: any DiscreteProblem, _ estimator: any GradientEstimator
  ) throws -> CheckOutcome {
    let geometry = ScopeGeometry(problem: problem, scopes: [.logits])
    let table = try OracleTable(
      oracle: problem.oracle, limit: 1 << 14,
      gradients: problem.oracle.capabilities.gradients)
    guard
      let exact = try ExactEngine(
        problem: problem, table: table, geometry: geometry, quadratureStep: 0.2, key: key.value,
        workers: workers
      ).measure([estimator])[0]
    else { throw DiscreteError.unsupported("this estimator has no exact moments") }
    let engine = try MonteCarloEngine(
      source: DrawSource(problem: problem, key: key), geometry: geometry, workers: workers)
    let sums = try engine.measure(
      [estimator], blocks: Self.blocks, drawsPerBlock: Self.draws / Self.blocks)[0]
    let spread = SampleSpread(sums, engine: engine)
    let blocks = Double(Self.blocks)
    var worst = 0.0
    func add(_ difference: Double, _ squares: Double) {
      let rounding = 1e-9 * (1 + abs(difference))
      worst = max(worst, abs(difference) / max(squares.squareRoot(), rounding))
    }
    for index in exact.mean.indices {
      let squares = spread.deviations.reduce(0) { $0 + $1[index] * $1[index] }
      add(spread.mean[index] - exact.mean[index], squares / (blocks * (blocks - 1)))
    }
    let without = spread.tracesWithout.map { $0[0] }
    let mean = without.reduce(0, +) / blocks
    let squares = without.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    add(spread.traces[0] - exact.traces[0], squares * (blocks - 1) / blocks)
    return .atMost(Self.zLimit, worst)
  }

  /// The largest change of single estimates, over the largest of them, when the cost is changed in a way
  /// that multiplies them by `factor`.
  func invariance(
    _ problem: any DiscreteProblem, _ changed: any CostOracle, factor: Double, limit: Double,
    _ estimator: any GradientEstimator
  ) throws -> CheckOutcome {
    let other = try CostProblem(logits: problem.logits, oracle: changed)
    let (plain, moved) = (try estimates(problem, estimator), try estimates(other, estimator))
    let largest = plain.map { abs(factor * $0) }.max() ?? 1
    let worst = zip(plain, moved).map { abs(factor * $0 - $1) }.max() ?? .infinity
    return .atMost(limit, worst / largest)
  }

  private func estimates(
    _ problem: any DiscreteProblem, _ estimator: any GradientEstimator
  ) throws -> [Double] {
    let row = problem.logits.row(0)
    let count = 1024
    let draws = try DrawSource(problem: problem, key: key).draw(
      0..<count, distribution: estimator.plan.distribution, needs: GroupNeeds([estimator.plan]))[0]
    var estimates = [Double](repeating: 0, count: count * row.values.count)
    estimator.combine(row, draws, into: &estimates)
    return estimates
  }

  /// Digits of the certified number that is worst off, of a row of the shipped sets.
  func certified(
    set: String, problem: String, _ named: (PublishedRow) -> Bool,
    _ estimator: any GradientEstimator
  ) throws -> CheckOutcome {
    guard let file = try CertifiedSets.all().first(where: { $0.name == set }),
      let item = file.problems.first(where: { $0.name == problem }),
      let row = item.rows.first(where: named)
    else { throw DiscreteError.parameter("there is no such certified row") }
    let numbers = try PublishedVerification.numbers(
      file, row, CertifiedNumbers(item), estimator)
    let worst = numbers.min {
      $0.digits.found - $0.digits.certified < $1.digits.found - $1.digits.certified
    }
    guard let worst else { throw DiscreteError.parameter("the certified row is empty") }
    return .atLeast(worst.digits.certified, worst.digits.found)
  }

  /// How `bias_sq` is formed from a measurement.
  enum BiasStatistic { case debiased, plugIn }

  /// z-score of the mean of `repeats` sampled squares of the bias against the exact one.
  func meanOfBias(
    _ problem: any DiscreteProblem, _ estimator: any GradientEstimator, _ statistic: BiasStatistic
  ) throws -> CheckOutcome {
    let (truth, numbers) = try repeated(problem, estimator, statistic)
    let count = Double(numbers.count)
    let mean = numbers.reduce(0) { $0 + $1.value } / count
    let squares = numbers.reduce(0) { $0 + ($1.value - mean) * ($1.value - mean) }
    return .atMost(Self.zLimit, abs(mean - truth) / (squares / (count * (count - 1))).squareRoot())
  }

  /// Share of `repeats` intervals of level 0.95 that hold the exact square of the bias; five binomial
  /// standard deviations are allowed.
  func coverageOfBias(
    _ problem: any DiscreteProblem, _ estimator: any GradientEstimator, _ statistic: BiasStatistic
  ) throws -> CheckOutcome {
    let (truth, numbers) = try repeated(problem, estimator, statistic)
    let count = Double(numbers.count)
    let held = numbers.filter { $0.low <= truth && truth <= $0.high }.count
    return .atLeast(0.95 - 5 * (0.95 * 0.05 / count).squareRoot(), Double(held) / count)
  }

  private func repeated(
    _ problem: any DiscreteProblem, _ estimator: any GradientEstimator, _ statistic: BiasStatistic
  ) throws -> (truth: Double, numbers: [FidelityNumber]) {
    let exact = try FidelitySession(
      problem: problem, target: TargetSettings(),
      measure: MeasureSettings(
        scopes: [.logits], moments: .exact, perDrawSamples: 0, gap: false), key: key
    ).run([FidelityRequest(estimator: estimator, distribution: .own)])[0].get().numbers
    let truth = exact.first { $0.metric == .biasSquared }?.value ?? .nan
    let numbers = try parallelMap(Self.repeats, workers: workers) { index -> FidelityNumber in
      let numbers = try sampled(
        problem, estimator, draws: Self.smallDraws, level: 0.95, key: key.derived(UInt64(index)))
      guard var bias = numbers.first(where: { $0.metric == .biasSquared }),
        let variance = numbers.first(where: { $0.metric == .variance })
      else { throw DiscreteError.unsupported("the report has no bias") }
      if statistic == .plugIn {
        let noise = variance.value / Double(Self.smallDraws)
        bias.value += noise
        bias.low += noise
        bias.high += noise
      }
      return bias
    }
    return (truth, numbers)
  }

  private func sampled(
    _ problem: any DiscreteProblem, _ estimator: any GradientEstimator, draws: Int, level: Double,
    key: RandomKey
  ) throws -> [FidelityNumber] {
    try FidelitySession(
      problem: problem, target: TargetSettings(),
      measure: MeasureSettings(
        scopes: [.logits], moments: .monteCarlo, draws: draws, blocks: Self.blocks,
        perDrawSamples: 0, gap: false, level: level), key: key, workers: workers
    ).run([FidelityRequest(estimator: estimator, distribution: .own)])[0].get().numbers
  }
}

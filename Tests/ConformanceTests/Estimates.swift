import Discrete
import Fidelity
import Foundation
import Synchronization
import Tensors

/// Estimates `[draws][D][K]` of the first row.
///
/// - Parameters:
///   - plans: other estimators' needs that the draws serve at the same time.
///   - filler: what the memory held before.
///   - isCentred: without the constants that the estimator ignores, as the engine estimates.
func estimates(
  _ estimator: any GradientEstimator, _ problem: any DiscreteProblem, seed: UInt64 = 5,
  draws range: Range<Int> = 0..<24, beside plans: [EvaluationPlan] = [], filler: Double = .nan,
  isCentred: Bool = false
) throws -> [Double] {
  let source = DrawSource(problem: problem, key: RandomKey(seed: seed))
  let plan = estimator.plan
  let rows = try source.draw(
    range, distribution: plan.distribution, needs: GroupNeeds([plan] + plans))
  let own = try source.prepared(estimator, rows, range: range)
  var all: [Double] = []
  for row in own.indices {
    var result = [Double](repeating: filler, count: range.count * problem.shape.width)
    let logits = problem.logits.row(row)
    if isCentred {
      estimator.centredCombine(logits, own[row], into: &result)
    } else {
      estimator.combine(logits, own[row], into: &result)
    }
    all += result
  }
  return all
}

/// Draws for learned parts.
struct TestSource: FittingSource {
  let source: DrawSource

  init(_ problem: any DiscreteProblem) {
    source = DrawSource(problem: problem, key: RandomKey(seed: 77))
  }

  var logits: Logits { source.problem.logits }

  func draws(_ range: Range<Int>, for estimator: any GradientEstimator) throws -> [RowDraws] {
    let rows = try source.draw(
      range, distribution: estimator.plan.distribution, needs: GroupNeeds([estimator.plan]))
    return try source.prepared(estimator, rows, range: range)
  }
}

/// Learned parts by subject and problem: several checks look at the same ones.
enum FitCache {
  private static let kept = Mutex<[String: any GradientEstimator]>([:])

  static func fitted(
    _ key: String, _ make: () throws -> any GradientEstimator
  ) rethrows -> any GradientEstimator {
    if let found = kept.withLock({ $0[key] }) { return found }
    let made = try make()
    kept.withLock { $0[key] = made }
    return made
  }
}

extension Subject {
  /// The forms on a plain problem of the registry, whose learned part is kept.
  func keptForms(
    _ problem: any DiscreteProblem, _ kind: String, _ layer: Layer
  ) throws -> [(name: String, any GradientEstimator)] {
    let plain = try make()
    guard let learned = plain.learned else { return [("", plain)] }
    let fitted = try FitCache.fitted("\(testDescription) \(kind) \(layer)") {
      try learned.fitted(TestSource(problem))
    }
    return [("unfitted ", plain), ("fitted ", fitted)]
  }

  /// The estimator as it is, and with its learned part where it has one.
  func forms(_ problem: any DiscreteProblem) throws -> [(name: String, any GradientEstimator)] {
    let plain = try make()
    guard let learned = plain.learned else { return [("", plain)] }
    return [("unfitted ", plain), ("fitted ", try learned.fitted(TestSource(problem)))]
  }

  /// The estimator with its learned part, where it has one.
  func lastForm(_ problem: any DiscreteProblem) throws -> any GradientEstimator {
    try forms(problem).last?.1 ?? make()
  }
}

/// Whether the engine integrates over noise in a lattice: too slow for every setting on every layer.
func isIntegrated(_ estimator: any GradientEstimator, _ problem: any DiscreteProblem) -> Bool {
  MomentPlan(estimator, on: problem, moments: .auto, table: true).route.isIntegral
}

/// Exact moments of one estimate; nil where the engine samples, or integrates over noise beside a hard
/// forward.
func exactMoments(
  _ estimator: any GradientEstimator, _ problem: any DiscreteProblem
) throws -> ExactMeasurement? {
  guard estimator.plan.relaxed || !isIntegrated(estimator, problem) else { return nil }
  return try ExactEngine(
    problem: problem,
    table: OracleTable(
      oracle: problem.oracle, limit: 4096, gradients: problem.oracle.capabilities.gradients),
    geometry: ScopeGeometry(problem: problem, scopes: [.logits]), quadratureStep: 0.2, key: 3,
    workers: 1
  ).measure([estimator])[0]
}

/// The gradient of the distribution that an estimator draws from.
func exactTarget(
  _ estimator: any GradientEstimator, _ problem: any DiscreteProblem
) throws -> [Double] {
  var temperature = 1.0
  if case .sample(let own) = estimator.plan.distribution { temperature = own }
  return try TargetGradient.exact(
    problem: problem,
    table: OracleTable(oracle: problem.oracle, limit: 4096, gradients: false),
    temperature: temperature, workers: 1
  ).gradient
}

/// Sample means of every coordinate and the total variance, with their standard errors.
struct SampleSummary {
  let mean: [Double]
  let meanErrors: [Double]
  let trace: Double
  let traceError: Double

  init(_ estimates: [Double], width: Int) {
    let count = estimates.count / width
    let n = Double(count)
    var mean = [Double](repeating: 0, count: width)
    for (index, value) in estimates.enumerated() { mean[index % width] += value / n }
    var squares = [Double](repeating: 0, count: width)
    var distances = [Double](repeating: 0, count: count)
    for (index, value) in estimates.enumerated() {
      let square = (value - mean[index % width]) * (value - mean[index % width])
      squares[index % width] += square
      distances[index / width] += square
    }
    self.mean = mean
    meanErrors = squares.map { ($0 / (n - 1) / n).squareRoot() }
    let average = distances.reduce(0, +) / n
    trace = average * n / (n - 1)
    let spread = distances.reduce(0) { $0 + ($1 - average) * ($1 - average) }
    traceError = (spread / (n - 1) / n).squareRoot()
  }
}

/// Largest absolute difference; infinite where lengths differ or something is not a number.
func largestDifference(_ a: [Double], _ b: [Double]) -> Double {
  guard a.count == b.count else { return .infinity }
  return zip(a, b).reduce(0) { largest, pair in
    let difference = abs(pair.0 - pair.1)
    return difference.isNaN ? .infinity : max(largest, difference)
  }
}

/// Largest absolute value.
func size(_ values: [Double]) -> Double { values.reduce(0) { max($0, abs($1)) } }

/// Whether two lists are equal to the bit.
func sameBits(_ a: [Double], _ b: [Double]) -> Bool {
  a.count == b.count && zip(a, b).allSatisfy { $0.bitPattern == $1.bitPattern }
}

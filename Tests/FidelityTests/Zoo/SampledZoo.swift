import Discrete
import Estimators
import Fidelity
import Tensors
import Testing

/// Estimates of the first row of a problem as the engine makes them.
struct SampledZoo {
  let problem: any DiscreteProblem
  /// `[count][D][K]`.
  let estimates: [Double]
  let draws: RowDraws

  init(
    _ problem: any DiscreteProblem, _ estimator: any GradientEstimator, count: Int,
    seed: UInt64 = 5
  ) throws {
    self.problem = problem
    let source = DrawSource(problem: problem, key: RandomKey(seed: seed))
    let rows = try source.draw(
      0..<count, distribution: estimator.plan.distribution, needs: GroupNeeds([estimator.plan]))
    draws = try source.prepared(estimator, rows, range: 0..<count)[0]
    var estimates = [Double](repeating: .nan, count: count * problem.shape.width)
    estimator.combine(problem.logits.row(0), draws, into: &estimates)
    self.estimates = estimates
  }

  /// Mean and standard error of every coordinate.
  var moments: (mean: [Double], error: [Double]) {
    let width = problem.shape.width
    let count = estimates.count / width
    var mean = [Double](repeating: 0, count: width)
    var square = mean
    for (index, value) in estimates.enumerated() { mean[index % width] += value / Double(count) }
    for (index, value) in estimates.enumerated() {
      square[index % width] += (value - mean[index % width]) * (value - mean[index % width])
    }
    return (mean, square.map { ($0 / Double(count) / Double(count - 1)).squareRoot() })
  }

  /// The largest z-score of the mean against a target.
  func largestScore(_ target: [Double]) -> Double {
    let (mean, error) = moments
    return mean.indices.reduce(0.0) {
      let distance = abs(mean[$1] - target[$1])
      let score = distance < 1e-12 ? 0 : distance / error[$1]
      return score.isNaN ? .infinity : max($0, score)
    }
  }
}

/// Where a fit gets its draws in tests.
struct TestFittingSource: FittingSource {
  let problem: any DiscreteProblem
  var logits: Logits { problem.logits }

  func draws(_ range: Range<Int>, for estimator: any GradientEstimator) throws -> [RowDraws] {
    let source = DrawSource(problem: problem, key: RandomKey(seed: 77))
    let rows = try source.draw(
      range, distribution: estimator.plan.distribution, needs: GroupNeeds([estimator.plan]))
    return try source.prepared(estimator, rows, range: range)
  }
}

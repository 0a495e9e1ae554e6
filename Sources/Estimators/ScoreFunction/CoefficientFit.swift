import Discrete

/// Least-squares coefficients of an estimate that is affine in them, `g = g_0 + sum_m w_m v_m` with
/// `E v_m = 0`: those of the smallest mean of `|g|^2`, which is the variance up to a constant.
///
/// A small ridge keeps directions without effect at 0. Coefficients are shared by all rows.
struct CoefficientFit {
  /// Estimates in the fit, over all rows.
  let count: Int

  /// The parameter that bounds the draws of a fit.
  static let draws = ParameterSpec(
    "fit-draws", .integer(16...65_536), default: .integer(4096),
    "estimates in the fit of the learned part, over all rows")

  init(_ parameters: ResolvedParameters) { count = parameters.integer(Self.draws.name) }

  init(count: Int) { self.count = count }

  /// Draw numbers of a fit: at least two estimates of every row.
  func range(_ source: any FittingSource) -> Range<Int> {
    0..<max(2, count / max(1, source.logits.shape.rows))
  }

  /// The estimator with its best coefficients.
  ///
  /// - Parameter make: the estimator with given coefficients, whose points do not depend on them.
  /// - Throws: errors of the source; `DiscreteError.notFinite` where an estimate is not finite.
  func estimator(
    _ coefficients: Int, _ source: any FittingSource,
    make: ([Double]) -> any GradientEstimator
  ) throws -> any GradientEstimator {
    make(try solved(coefficients, source, make: make).coefficients)
  }

  /// The best coefficients, and the mean of `|g|^2` over the draws of the fit that they leave.
  func solved(
    _ coefficients: Int, _ source: any FittingSource,
    make: ([Double]) -> any GradientEstimator
  ) throws -> (coefficients: [Double], secondMoment: Double) {
    let zeros = [Double](repeating: 0, count: coefficients)
    let plain = make(zeros)
    let parts = (0..<coefficients).map { index in
      var unit = zeros
      unit[index] = 1
      return make(unit)
    }
    var equations = NormalEquations(count: coefficients)
    var estimates = 0
    try source.eachPart(range(source), for: plain, held: coefficients + 2) { _, rows in
      for (index, draws) in rows.enumerated() {
        let row = source.logits.row(index)
        let base = Self.estimates(plain, row, draws)
        let directions = parts.map { part in
          zip(Self.estimates(part, row, draws), base).map { $0 - $1 }
        }
        // The smallest |g_0 + sum w v|: regression of -g_0 on the directions.
        equations.add(columns: directions, targets: base.map { -$0 })
        estimates += draws.count
      }
    }
    let solution = try equations.solution()
    return (solution, equations.residual(solution) / Double(max(1, estimates)))
  }

  private static func estimates(
    _ estimator: any GradientEstimator, _ row: RowLogits, _ draws: RowDraws
  ) -> [Double] {
    var estimates = [Double](repeating: 0, count: draws.count * row.values.count)
    estimator.centredCombine(row, draws, into: &estimates)
    return estimates
  }
}

/// Ridge regression by its normal equations.
struct NormalEquations {
  private let count: Int
  private var gram: [Double]
  private var moments: [Double]
  private var square = 0.0

  init(count: Int) {
    self.count = count
    gram = [Double](repeating: 0, count: count * count)
    moments = [Double](repeating: 0, count: count)
  }

  /// Adds equations `sum_m w_m columns[m][i] = targets[i]`.
  mutating func add(columns: [[Double]], targets: [Double]) {
    for a in 0..<count {
      for b in 0...a {
        var sum = 0.0
        for (x, y) in zip(columns[a], columns[b]) { sum += x * y }
        gram[a * count + b] += sum
        if a != b { gram[b * count + a] += sum }
      }
      for (x, y) in zip(columns[a], targets) { moments[a] += x * y }
    }
    for target in targets { square += target * target }
  }

  /// The coefficients, by Cholesky factors, with a ridge of 1e-8 of each diagonal entry and of a
  /// column that is almost 0 besides.
  ///
  /// - Throws: `DiscreteError.notFinite` where an entry is not finite.
  func solution() throws -> [Double] {
    guard (gram + moments).allSatisfy(\.isFinite) else {
      throw DiscreteError.notFinite(
        "the fit of the learned part met a number that is not finite; the cost or a parameter is too large"
      )
    }
    let largest = (0..<count).reduce(0) { max($0, gram[$1 * count + $1]) }
    guard largest > 0 else { return [Double](repeating: 0, count: count) }
    var factor = gram
    for a in 0..<count { factor[a * count + a] += 1e-8 * gram[a * count + a] + 1e-12 * largest }
    for a in 0..<count {
      for b in 0...a {
        var sum = factor[a * count + b]
        for c in 0..<b { sum -= factor[a * count + c] * factor[b * count + c] }
        factor[a * count + b] =
          a == b ? max(sum, 1e-12 * largest).squareRoot() : sum / factor[b * count + b]
      }
    }
    var solution = moments
    for a in 0..<count {
      for c in 0..<a { solution[a] -= factor[a * count + c] * solution[c] }
      solution[a] /= factor[a * count + a]
    }
    for a in stride(from: count - 1, through: 0, by: -1) {
      for c in (a + 1)..<max(count, a + 1) { solution[a] -= factor[c * count + a] * solution[c] }
      solution[a] /= factor[a * count + a]
    }
    guard solution.allSatisfy(\.isFinite) else {
      throw DiscreteError.notFinite("the fit of the learned part diverged")
    }
    return solution
  }

  /// The sum of squares that the coefficients leave.
  func residual(_ coefficients: [Double]) -> Double {
    var sum = square
    for a in 0..<count {
      sum -= 2 * coefficients[a] * moments[a]
      for b in 0..<count { sum += coefficients[a] * coefficients[b] * gram[a * count + b] }
    }
    return sum
  }
}

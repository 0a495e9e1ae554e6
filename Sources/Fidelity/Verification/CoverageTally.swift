import Foundation

/// Counts how often the numbers of one estimator are covered.
struct CoverageTally {
  /// Exact numbers by metric name.
  let truths: [String: Double]
  let problem: String
  let estimator: String
  let draws: Int

  /// One row a metric and level.
  ///
  /// - Parameters:
  ///   - repeats: numbers of every measurement, in the same order, the controls last.
  ///   - others: those of measurements on the same draws at all levels.
  func rows(
    _ repeats: [[FidelityNumber]], level: Double,
    others: [(level: Double, repeats: [[FidelityNumber]])]
  ) -> [CoverageStudy.Row] {
    guard let first = repeats.first else { return [] }
    return first.indices.flatMap { index -> [CoverageStudy.Row] in
      let place = index - (first.count - CoverageStudy.controls.count)
      let metric =
        place >= 0 ? CoverageStudy.controls[place] : first[index].metric.rawValue
      guard let truth = truths[metric], !truth.isNaN else { return [] }
      let numbers = repeats.map { $0[index] }
      let main = row(numbers, metric, truth, level)
      let levels =
        (others.contains { $0.level == level } ? [] : [main])
        + others.map { other in
          other.level == level
            ? main : row(other.repeats.map { $0[index] }, metric, truth, other.level)
        }
      let shares = others.map { other in
        (other.level, share(other.repeats.map { $0[index] }, truth))
      }
      let count = others.first?.repeats.count ?? 0
      let uniformity = main.constant ? nil : Self.uniformity(shares, count: count)
      return levels.map { level in
        var level = level
        level.uniformity = uniformity
        return level
      }
    }
  }

  private func row(
    _ numbers: [FidelityNumber], _ metric: String, _ truth: Double, _ level: Double
  ) -> CoverageStudy.Row {
    let rounding = Self.rounding(truth)
    let others = numbers.filter { $0.warnings.isDisjoint(with: [.tail, .rare]) }
    return CoverageStudy.Row(
      problem: problem, estimator: estimator, metric: metric,
      interval: numbers.first?.interval ?? "", draws: draws, repeats: numbers.count,
      coverage: share(numbers, truth),
      constant: numbers.allSatisfy { !($0.high - $0.low > rounding) }, level: level,
      warned: 1 - Double(others.count) / Double(max(numbers.count, 1)),
      unwarned: others.isEmpty ? nil : share(others, truth))
  }

  private static func rounding(_ truth: Double) -> Double { 1e-9 * max(abs(truth), 1e-3) }

  private func share(_ numbers: [FidelityNumber], _ truth: Double) -> Double {
    let rounding = Self.rounding(truth)
    let covered = numbers.count { $0.low - rounding <= truth && truth <= $0.high + rounding }
    return Double(covered) / Double(max(numbers.count, 1))
  }

  /// The probability of a distance as large between the shares and the levels, by the asymptotic distribution of
  /// Kolmogorov with the correction of Stephens (1970).
  static func uniformity(_ shares: [(level: Double, share: Double)], count: Int) -> Double {
    let distance = shares.reduce(0) { max($0, abs($1.share - $1.level)) }
    let root = Double(max(count, 1)).squareRoot()
    let lambda = (root + 0.12 + 0.11 / root) * distance
    guard lambda > 0.2 else { return 1 }
    var sum = 0.0
    for k in 1...100 {
      let term = exp(-2 * Double(k * k) * lambda * lambda)
      sum += k.isMultiple(of: 2) ? -term : term
    }
    return min(max(2 * sum, 0), 1)
  }
}

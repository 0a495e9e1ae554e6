/// How large a target's own error is beside that of the mean held against it.
struct TargetErrorRatio {
  let intervals: IntervalForming

  /// `sqrt(tr(S_r)/n_r) / sqrt(tr(S)/n)` on every scope: 0 for exact targets; nothing where the
  /// target is sampled and the moments are not, or nothing varies.
  ///
  /// The error is that of a quotient of independent numbers, to first order.
  ///
  /// - Parameters:
  ///   - numbers: of one cell, with `variance` and `target_error_sq`.
  ///   - draws: those behind the moments; nil where they are exact.
  func numbers(
    _ numbers: [FidelityNumber], target: TargetGradient, draws: Int?, blocks: Int
  ) -> [FidelityNumber] {
    let errors = numbers.filter { $0.metric == .targetErrorSquared }
    return errors.compactMap { error in
      guard target.sampled != nil else {
        return intervals.exact(.targetErrorRatio, scope: error.scope, value: 0)
      }
      guard
        let variance = numbers.first(where: {
          $0.metric == .variance && $0.scope == error.scope
        }), let draws, variance.low > 0, error.value > 0
      else { return nil }
      let value = (error.value * Double(draws) / variance.value).squareRoot()
      let spread = [error, variance].reduce(0) { sum, number in
        let relative = number.standardError / number.value
        return sum + relative * relative
      }
      let standardError = value / 2 * spread.squareRoot()
      let half =
        StudentT.critical(level: intervals.level, degrees: Double(blocks - 1)) * standardError
      return FidelityNumber(
        scope: error.scope, metric: .targetErrorRatio, value: value, standardError: standardError,
        low: max(value - half, 0), high: value + half, level: intervals.level,
        interval: IntervalMethod.jackknife.name, moments: .monteCarlo, draws: draws, resolved: nil)
    }
  }
}

extension ScopeStatistics {
  /// The effect of `rounding` on a metric; none on numbers that are no functions of the moments.
  func roundingEffect(_ metric: Metric) -> RoundingEffect {
    metric.descriptor.form?.rounding(RoundingParts(self)) ?? .error(0)
  }

  /// Whether `g*` is 0 within its rounding.
  var targetVanishes: Bool { target.squareRoot() <= rounding.target }

  /// Whether what the cost's own rounding makes of a number exceeds a thousandth of it; of a bias or a
  /// variance, which may vanish, a thousandth of what it is held against.
  func isCostRoundingLarge(_ number: FidelityNumber) -> Bool {
    guard rounding.cost > 0 else { return false }
    guard case .error(let bound) = roundingEffect(number.metric) else {
      // Missing for the cost's sake.
      return number.value.isNaN && rounding.cost > rounding.difference / 2
    }
    let size = number.metric.descriptor.form?.size(number, self) ?? abs(number.value)
    return bound * (rounding.cost / rounding.difference) > 1e-3 * size
  }
}

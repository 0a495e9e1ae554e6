/// How far rounding may have moved the statistics of a part or a scope.
struct RoundingBound: Sendable, Equatable {
  /// Of `||m' - m||`.
  var mean = 0.0
  /// Of `||g*' - g*||`.
  var target = 0.0
  /// Of the difference of the two.
  var difference = 0.0
  /// Of `tr(S)`.
  var trace = 0.0
  /// What the cost's own rounding has in `difference`.
  var cost = 0.0
  /// What the pull-back's own rounding has in `difference`.
  var pull = 0.0

  /// Bounds of a sum of orthogonal scopes.
  static func + (a: RoundingBound, b: RoundingBound) -> RoundingBound {
    func norm(_ key: KeyPath<RoundingBound, Double>) -> Double {
      let (x, y) = (a[keyPath: key], b[keyPath: key])
      let scale = max(x, y)
      guard scale > 0, scale.isFinite else { return scale }
      return scale * ((x / scale) * (x / scale) + (y / scale) * (y / scale)).squareRoot()
    }
    return RoundingBound(
      mean: norm(\.mean), target: norm(\.target), difference: norm(\.difference),
      trace: a.trace + b.trace, cost: norm(\.cost), pull: norm(\.pull))
  }

  /// The bounds in units of `2^exponent`.
  func scaled(_ exponent: Int) -> RoundingBound {
    func moved(_ value: Double, _ times: Int) -> Double {
      value.scaled(byPowerOfTwo: -times * exponent)
    }
    return RoundingBound(
      mean: moved(mean, 1), target: moved(target, 1), difference: moved(difference, 1),
      trace: moved(trace, 2), cost: moved(cost, 1), pull: moved(pull, 1))
  }

  /// The least power of two that is not below a bound: the same number on processors whose last
  /// digits differ.
  static func powerOfTwo(_ bound: Double) -> Double {
    guard bound > 0, bound.isFinite else { return bound }
    let power = bound.binade
    return power < bound ? 2 * power : power
  }
}

extension Double {
  /// `self * 2^exponent`, exact but where it overflows or becomes subnormal.
  func scaled(byPowerOfTwo exponent: Int) -> Double {
    exponent == 0 ? self : Double(sign: .plus, exponent: exponent, significand: self)
  }
}

extension IntervalMethod {
  /// Ratios and angles: `QuadraticSet`.
  public static let fieller = IntervalMethod(
    "fieller-t", "Fieller's set of a ratio of noisy numbers")
}

/// Sets `{x: (n - x d)^2 <= t^2 V(x)}` of ratios `n / d` of noisy numbers (Fieller 1954).
enum QuadraticSet {
  /// The set for `V(x) = c0 + c1 x + c2 x^2`; unbounded where `d` cannot be told from zero.
  static func ratio(
    numerator n: Double, denominator d: Double, critical t: Double, c0: Double, c1: Double,
    c2: Double
  ) -> (low: Double, high: Double) {
    let a = d * d - t * t * c2
    let b = -(2 * n * d + t * t * c1)
    let c = n * n - t * t * c0
    let discriminant = b * b - 4 * a * c
    guard a > 0, discriminant >= 0 else { return (-.infinity, .infinity) }
    let root = discriminant.squareRoot()
    return ((-b - root) / (2 * a), (-b + root) / (2 * a))
  }

  /// The two ends of `{x >= 0: inside(x)}` around a start inside of it, by bisection.
  ///
  /// - Returns: `high` infinite where the set has no end below `limit`.
  static func around(
    _ start: Double, limit: Double = 1e8, _ inside: (Double) -> Bool
  ) -> (low: Double, high: Double) {
    var low = 0.0
    if !inside(0) {
      var outer = 0.0
      var inner = start
      for _ in 0..<60 {
        let middle = 0.5 * (outer + inner)
        if inside(middle) { inner = middle } else { outer = middle }
      }
      low = inner
    }
    var inner = start
    var outer = max(2 * start, 1e-12)
    while outer < limit && inside(outer) {
      inner = outer
      outer *= 2
    }
    guard outer < limit else { return (low, .infinity) }
    for _ in 0..<60 {
      let middle = 0.5 * (outer + inner)
      if inside(middle) { inner = middle } else { outer = middle }
    }
    return (low, inner)
  }
}

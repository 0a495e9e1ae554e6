import Foundation

/// The standard normal distribution, with digits in its tails.
package enum StandardNormal {
  private static let rootHalf = 0.5.squareRoot()
  private static let logRootTwoPi = 0.5 * log(2 * Double.pi)

  /// `log phi(x)`; minus infinity at the ends of the line.
  package static func logDensity(_ x: Double) -> Double { -0.5 * x * x - logRootTwoPi }

  /// `phi(x)`.
  package static func density(_ x: Double) -> Double { exp(logDensity(x)) }

  /// `Phi(upper) - Phi(lower)` for `lower <= upper`, from the tail that both are in.
  package static func probability(_ lower: Double, _ upper: Double) -> Double {
    if lower > 0 { return 0.5 * (erfc(lower * rootHalf) - erfc(upper * rootHalf)) }
    if upper < 0 { return 0.5 * (erfc(-upper * rootHalf) - erfc(-lower * rootHalf)) }
    return 0.5 * (erf(upper * rootHalf) - erf(lower * rootHalf))
  }

  /// `log(Phi(upper) - Phi(lower))` for `lower < upper`, also where the difference is below the smallest double.
  package static func logProbability(_ lower: Double, _ upper: Double) -> Double {
    if lower > 0 { return logProbability(-upper, -lower) }
    guard upper < 0 else { return log(probability(lower, upper)) }
    let (low, high) = (logLowerTail(lower), logLowerTail(upper))
    return high + log(-expm1(low - high))
  }

  /// `log Phi(x)` for `x < 0`. Beyond 30 by the asymptotic series of Mills' ratio, whose first term left out is below
  /// 1e-14 there.
  private static func logLowerTail(_ x: Double) -> Double {
    guard x < -30 else { return log(0.5 * erfc(-x * rootHalf)) }
    guard x > -.infinity else { return -.infinity }
    let inverse = 1 / (x * x)
    let series = inverse * (-1 + inverse * (3 + inverse * (-15 + inverse * (105 - 945 * inverse))))
    return logDensity(x) - log(-x) + log1p(series)
  }

  /// The `x` with `Phi(x) = u`, for `u` and its complement `1 - u` in (0, 1), each with its own digits.
  ///
  /// Newton's iteration on the logarithm of the smaller tail, which is concave: it converges from any point of that
  /// tail.
  package static func quantile(_ u: Double, complement: Double) -> Double {
    let tail = min(u, complement)
    let target = log(tail)
    // Above the root of log Phi, below it in size.
    var x = tail < 0.25 ? -(-2 * log(2 * tail)).squareRoot() : 0
    for _ in 0..<60 {
      let value = logLowerTail(x)
      let step = (value - target) * exp(value - logDensity(x))
      x -= step
      if abs(step) <= 1e-15 * max(1, abs(x)) { break }
    }
    return u <= complement ? x : -x
  }
}

import Foundation
import Synchronization

extension IntervalMethod {
  /// Means of draws, and sums of nearly normal numbers: `StudentT`.
  public static let student = IntervalMethod(
    "student-t", "standard errors times Student's quantile")
}

/// Quantiles of Student's t distribution.
public enum StudentT {
  /// `P(T <= t)` with `degrees` degrees of freedom, by the regularised incomplete beta function
  /// (continued fraction, Lentz's method). Error about 1e-14.
  public static func cumulative(_ t: Double, degrees: Double) -> Double {
    let x = degrees / (degrees + t * t)
    let tail = 0.5 * incompleteBeta(x, 0.5 * degrees, 0.5)
    return t > 0 ? 1 - tail : tail
  }

  /// The two-sided critical value: `P(|T| <= t) = level`.
  ///
  /// Values are kept: a study asks for the same few in every cell, and one takes a tenth of a
  /// millisecond.
  ///
  /// - Parameter level: in (0, 1).
  public static func critical(level: Double, degrees: Double) -> Double {
    let arguments = [level, degrees]
    if let value = known.withLock({ $0[arguments] }) { return value }
    let value = solvedCritical(level: level, degrees: degrees)
    known.withLock {
      if $0.count >= 4096 { $0.removeAll() }
      $0[arguments] = value
    }
    return value
  }

  /// Critical values by level and degrees of freedom.
  private static let known = Mutex<[[Double]: Double]>([:])

  /// The critical value by bisection, until no double is left between the ends.
  private static func solvedCritical(level: Double, degrees: Double) -> Double {
    let probability = 0.5 + 0.5 * level
    var low = 0.0
    var high = 2.0
    while cumulative(high, degrees: degrees) < probability && high < 1e12 { high *= 2 }
    for _ in 0..<200 {
      let middle = 0.5 * (low + high)
      if middle == low || middle == high { break }
      if cumulative(middle, degrees: degrees) < probability { low = middle } else { high = middle }
    }
    return 0.5 * (low + high)
  }

  private static func incompleteBeta(_ x: Double, _ a: Double, _ b: Double) -> Double {
    if x <= 0 { return 0 }
    if x >= 1 { return 1 }
    if x > (a + 1) / (a + b + 2) { return 1 - incompleteBeta(1 - x, b, a) }
    let logFront = lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x)
    let floor = 1e-300
    var c = 1.0
    var d = 1 - (a + b) * x / (a + 1)
    d = 1 / (abs(d) < floor ? floor : d)
    var fraction = d
    for m in 1..<500 {
      let n = Double(m)
      let even = n * (b - n) * x / ((a + 2 * n - 1) * (a + 2 * n))
      let odd = -(a + n) * (a + b + n) * x / ((a + 2 * n) * (a + 2 * n + 1))
      var change = 1.0
      for coefficient in [even, odd] {
        d = 1 + coefficient * d
        d = 1 / (abs(d) < floor ? floor : d)
        c = 1 + coefficient / c
        if abs(c) < floor { c = floor }
        change = c * d
        fraction *= change
      }
      if abs(change - 1) < 1e-16 { break }
    }
    return exp(logFront) * fraction / a
  }
}

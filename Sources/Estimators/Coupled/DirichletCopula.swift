import Discrete
import Foundation

/// The Dirichlet copula of `n` uniforms: `u_i = (1 - d_i)^(n-1)`, `d` uniform on the simplex.
///
/// Uniform marginals, exchangeable, negatively dependent; `n = 2` is the antithetic pair
/// `u_2 = 1 - u_1`.
struct DirichletCopula: Sendable {
  let samples: Int

  private var power: Double { Double(samples - 1) }

  /// The coupled uniforms from as many independent ones.
  func uniforms(_ independent: ArraySlice<Double>) -> [Double] {
    let exponentials = independent.map { -log($0) }
    let sum = exponentials.reduce(0, +)
    return exponentials.map { e in
      // (sum - e) / sum instead of 1 - d: no cancellation where one share is almost 1.
      let others = max(sum - e, 0) / sum
      return samples == 2 ? others : pow(others, power)
    }
  }

  /// `P(u_1 <= s, u_2 <= t) = max(s^(1/(n-1)) + t^(1/(n-1)) - 1, 0)^(n-1)`.
  func bivariate(_ s: Double, _ t: Double) -> Double {
    if samples == 2 { return max(s + t - 1, 0) }
    return pow(max(pow(s, 1 / power) + pow(t, 1 / power) - 1, 0), power)
  }

  /// The probability that `count` given uniforms lie below `s`, whatever the others do.
  func below(_ s: Double, count: Int) -> Double {
    count == 0 ? 1 : pow(max(1 - Double(count) * (1 - pow(s, 1 / power)), 0), power)
  }

  /// The probability that `inside` given uniforms lie below `s` and `outside` others above.
  func pattern(_ s: Double, inside: Int, outside: Int) -> Double {
    // Inclusion and exclusion over those that stay above.
    var probability = 0.0
    var binomial = 1.0
    for extra in 0...outside {
      probability += binomial * below(s, count: inside + extra)
      binomial *= -Double(outside - extra) / Double(extra + 1)
    }
    return probability
  }

  /// `P(all u_i <= t_i)` from the sum of `1 - t_i^(1/(n-1))`.
  func distribution(_ gaps: Double) -> Double {
    samples == 2 ? max(1 - gaps, 0) : pow(max(1 - gaps, 0), power)
  }

  /// `1 - t^(1/(n-1))`.
  func gap(_ t: Double) -> Double { t > 0 ? -expm1(log(t) / power) : 1 }

  /// Independent uniforms for which exactly the given coupled ones lie below `s`.
  func representative(below chosen: [Bool], _ s: Double) -> [Double] {
    let threshold = 1 - pow(s, 1 / power)
    let inside = chosen.count { $0 }
    let n = Double(samples)
    guard inside > 0 && inside < samples else { return chosen.map { _ in exp(-1 / n) } }
    // u < s is d > threshold: the others get a little less, the chosen share what is left.
    let little = min(
      0.5 * threshold, 0.5 * (1 - Double(inside) * threshold) / Double(samples - inside))
    let large = (1 - Double(samples - inside) * little) / Double(inside)
    return chosen.map { exp(-($0 ? large : little)) }
  }
}

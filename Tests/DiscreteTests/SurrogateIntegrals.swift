import Foundation

/// Moments of `s = v / sum v`, `v_x = c_x`, `v_i = c_i r_i^alpha`, `r_i = E_x / (E_i/p_i + E_x)`,
/// by quadratures that share nothing with the product code.
enum SurrogateIntegrals {
  /// Two categories: `w = E_i / (p E_x)` has the Lomax distribution `P(w > y) = 1 / (1 + p y)`, so with a
  /// uniform `U`, `w = U / (p (1 - U))` and `r = p (1 - U) / (p (1 - U) + U)`. With
  /// `U = 1 / (1 + e^{-y})`: `r = p / (p + e^y)`, weight `U (1 - U) dy`, trapezoidal rule.
  ///
  /// - Returns: `E[s_i^m]`, `m` in `0...4`, `s_i` the share of the loser.
  static func loserPowers(
    logLoser: Double, logOffset: Double, exponent: Double, step: Double = 0.01
  ) -> [Double] {
    var sums = [Double](repeating: 0, count: 5)
    for index in Int(-800 / step)...Int(42 / step) {
      let y = Double(index) * step
      let weight = step / (2 + exp(y) + exp(-y))
      if weight < 1e-19 { continue }
      // log r = -log(1 + e^{y - log p})
      let z = y - logLoser
      let logRatio = z > 0 ? -z - log1p(exp(-z)) : -log1p(exp(z))
      let share = 1 / (1 + exp(-(logOffset + exponent * logRatio)))
      var power = weight
      for m in 0..<5 {
        sums[m] += power
        power *= share
      }
    }
    return sums
  }

  /// Fourth moments of two categories, `[2][2][2][2]`, with the loser at `1 - winner`:
  /// `E[s_i^a (1 - s_i)^(4 - a)]`, expanded in powers of `s_i`.
  static func pairFourth(
    winner: Int, logLoser: Double, logOffset: Double, exponent: Double
  ) -> [Double] {
    let m = loserPowers(logLoser: logLoser, logOffset: logOffset, exponent: exponent)
    let byLosers = [
      m[0] - 4 * m[1] + 6 * m[2] - 4 * m[3] + m[4], m[1] - 3 * m[2] + 3 * m[3] - m[4],
      m[2] - 2 * m[3] + m[4], m[3] - m[4], m[4],
    ]
    return (0..<16).map { index in
      byLosers[(0..<4).filter { (index >> $0) & 1 != winner }.count]
    }
  }

  /// Three categories: a triple trapezoidal rule in the logarithms of the exponentials, whose
  /// log-density is `e^{y - e^y}`.
  ///
  /// - Returns: `E[s_i s_j s_k s_l]`, `[3][3][3][3]`.
  static func tripleFourth(
    probabilities: [Double], winner: Int, offsets: [Double], exponent: Double, step: Double = 0.3
  ) -> [Double] {
    var nodes: [(value: Double, weight: Double)] = []
    for index in Int(-34 / step)...Int(4.2 / step) {
      let y = Double(index) * step
      nodes.append((exp(y), step * exp(y - exp(y))))
    }
    let losers = [0, 1, 2].filter { $0 != winner }
    var fourth = [Double](repeating: 0, count: 81)
    for (time, timeWeight) in nodes {
      let values = losers.map { i in
        nodes.map { offsets[i] * pow(time / ($0.value / probabilities[i] + time), exponent) }
      }
      var sums = [Double](repeating: 0, count: 15)
      for (m, first) in nodes.enumerated() {
        for (n, second) in nodes.enumerated() {
          let total = offsets[winner] + values[0][m] + values[1][n]
          let a = values[0][m] / total
          let b = values[1][n] / total
          let weight = timeWeight * first.weight * second.weight
          var next = 0
          var powerA = weight
          for i in 0...4 {
            var product = powerA
            for _ in 0...(4 - i) {
              sums[next] += product
              product *= b
              next += 1
            }
            powerA *= a
          }
        }
      }
      for index in 0..<81 {
        let digits = [index / 27, index / 9 % 3, index / 3 % 3, index % 3]
        let i = digits.filter { $0 == losers[0] }.count
        let j = digits.filter { $0 == losers[1] }.count
        fourth[index] += shared(sums, i, j)
      }
    }
    return fourth
  }

  /// `E[a^i b^j (1 - a - b)^(4 - i - j)]` from the moments `E[a^i b^j]`, listed by `i`, then `j`.
  private static func shared(_ sums: [Double], _ i: Int, _ j: Int) -> Double {
    let rest = 4 - i - j
    var result = 0.0
    for u in 0...rest {
      for v in 0...(rest - u) {
        let terms = factorial(rest) / factorial(u) / factorial(v) / factorial(rest - u - v)
        let (a, b) = (i + u, j + v)
        let place = (0..<a).reduce(0) { $0 + 5 - $1 } + b
        result += ((u + v) % 2 == 0 ? 1 : -1) * terms * sums[place]
      }
    }
    return result
  }

  private static func factorial(_ n: Int) -> Double {
    n < 2 ? 1 : (2...n).reduce(1.0) { $0 * Double($1) }
  }
}

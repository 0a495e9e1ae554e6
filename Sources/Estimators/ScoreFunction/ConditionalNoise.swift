import Discrete
import Foundation

/// A second perturbed point `zt` of one draw: `phi + Gumbel` given the same winners, from exponentials
/// `E`, with its derivative in `phi` at fixed `E`.
///
/// `zt_x = -log E_x`, `zt_i = -log(E_i / p_i + E_x)` (up to a shift per latent);
/// `d zt_i / d phi_j = w_i 1[i = j] + (1 - w_i) p_j`, `w_i = A_i / (A_i + E_x)`, `A_i = E_i / p_i`,
/// `w_x = 0`.
struct ConditionalNoise {
  /// `zt`, `[D][K]`.
  let perturbed: [Double]
  /// `w`, `[D][K]`.
  let weights: [Double]

  /// - Parameters:
  ///   - logDistribution: `log p`, `[D][K]`.
  ///   - codes: winners, from `first`.
  ///   - uniforms: one per coordinate, from `start`.
  init(
    logDistribution: [Double], categories: Int, codes: [Int32], at first: Int, uniforms: [Double],
    at start: Int
  ) {
    var perturbed = [Double](repeating: 0, count: logDistribution.count)
    var weights = perturbed
    for base in stride(from: 0, to: logDistribution.count, by: categories) {
      let winner = Int(codes[first + base / categories])
      let logWinner = log(-log(uniforms[start + base + winner]))
      for i in 0..<categories {
        if i == winner {
          perturbed[base + i] = -logWinner
          continue
        }
        let a = log(-log(uniforms[start + base + i])) - logDistribution[base + i]
        let larger = max(a, logWinner)
        perturbed[base + i] = -larger - log1p(exp(min(a, logWinner) - larger))
        weights[base + i] = sigmoid(a - logWinner)
      }
    }
    self.perturbed = perturbed
    self.weights = weights
  }

  /// Adds `factor` times the pull-back of `v` through the derivative: `w v + p sum_i (1 - w_i) v_i`.
  func addPullback(
    _ factor: Double, _ v: [Double], distribution: [Double], categories: Int,
    to estimates: inout [Double], at base: Int
  ) {
    for from in stride(from: 0, to: v.count, by: categories) {
      var rest = 0.0
      for i in from..<from + categories { rest += (1 - weights[i]) * v[i] }
      for i in from..<from + categories {
        estimates[base + i] += factor * (weights[i] * v[i] + distribution[i] * rest)
      }
    }
  }
}

/// `softmax(v / tau)` of each run of `categories` values from `start`; differences are taken before
/// the division, so any `tau > 0` serves.
func tempered(_ v: [Double], at start: Int, count: Int, categories: Int, tau: Double) -> [Double] {
  var out = [Double](repeating: 0, count: count)
  for from in stride(from: 0, to: count, by: categories) {
    var top = -Double.infinity
    for i in from..<from + categories { top = max(top, v[start + i]) }
    var sum = 0.0
    for i in from..<from + categories {
      out[i] = v[start + i] == top ? 1 : exp((v[start + i] - top) / tau)
      sum += out[i]
    }
    for i in from..<from + categories { out[i] /= sum }
  }
  return out
}

/// `J(y) v / tau` of each run of `categories` values.
func temperedPullback(_ y: [Double], _ v: [Double], categories: Int, tau: Double) -> [Double] {
  var out = [Double](repeating: 0, count: y.count)
  for from in stride(from: 0, to: y.count, by: categories) {
    var mean = 0.0
    for i in from..<from + categories { mean += y[i] * v[i] }
    for i in from..<from + categories {
      let centred = y[i] * (v[i] - mean)
      out[i] = centred == 0 ? 0 : centred / tau
    }
  }
  return out
}

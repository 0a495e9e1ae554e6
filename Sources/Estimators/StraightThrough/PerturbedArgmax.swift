import Discrete
import Foundation

/// The winner of `log p + G - delta` given that `x` wins `log p + G`, with the same Gumbels.
///
/// For `j != x` with `delta_j < delta_x`, and exponential clocks of rates `p` in place of the
/// Gumbels, `P(j | x) = p_j int_1^R dr / S(r)^2`, `R = exp(delta_x - delta_j)`,
/// `S(r) = p_x + p_j r + sum_i p_i max(1, r exp(delta_j - delta_i))`: rational between the places
/// where a maximum changes sides. In logarithms throughout. Cost: `O(K^3)`.
enum PerturbedArgmax {
  /// More categories make the cost dominate; the moments are sampled then.
  static let maximumCategories = 32

  static func law(_ logs: ArraySlice<Double>, winner: Int, shifts: [Double]) -> [Double] {
    let start = logs.startIndex
    let size = logs.count
    var law = [Double](repeating: 0, count: size)
    var moved = 0.0
    for j in 0..<size where shifts[j] < shifts[winner] && j != winner {
      let end = shifts[winner] - shifts[j]
      let cuts =
        [0]
        + (0..<size).map { shifts[$0] - shifts[j] }.filter { $0 > 0 && $0 < end }.sorted() + [end]
      // log S at r = e^t.
      let sums = cuts.map { t in
        logSumExp(
          (0..<size).map { i in
            let log = logs[start + i]
            if i == winner { return log }
            return log + (i == j ? t : max(0, t + shifts[j] - shifts[i]))
          })
      }
      var probability = 0.0
      for piece in 1..<cuts.count {
        let (low, high) = (cuts[piece - 1], cuts[piece])
        guard high > low else { continue }
        let length = high + Foundation.log(-expm1(low - high))
        probability += exp(logs[start + j] + length - sums[piece - 1] - sums[piece])
      }
      law[j] = probability
      moved += probability
    }
    law[winner] = max(0, 1 - moved)
    return law
  }

  private static func logSumExp(_ values: [Double]) -> Double {
    let largest = values.max() ?? 0
    return largest + Foundation.log(values.reduce(0.0) { $0 + exp($1 - largest) })
  }

  /// The first category of largest `perturbed - step h` of a latent of one draw.
  @inline(__always)
  static func winner(
    _ draws: RowDraws, _ base: Int, categories: Int, step: Double
  ) -> Int {
    var best = 0
    var largest = -Double.infinity
    for k in 0..<categories {
      let value = draws.perturbed[base + k] - step * draws.gradients[base + k]
      if value > largest {
        best = k
        largest = value
      }
    }
    return best
  }
}

/// Sums of estimates whose latents are independent given the hard draw: moments over the joint
/// states from each latent's conditional mean and covariance.
struct ConditionalMoments {
  private let states: RowStates
  private var means: [Double]
  private var noise: [Double]

  init(_ states: RowStates) {
    self.states = states
    means = [Double](repeating: 0, count: states.count * states.width)
    noise = [Double](repeating: 0, count: states.width * states.width)
  }

  /// Adds the moments of one latent given one state.
  mutating func add(state: Int, latent: Int, mean: [Double], second: [Double]) {
    let size = states.categories
    let local = latent * size
    let weight = states.weights[state]
    for i in 0..<size {
      means[state * states.width + local + i] = mean[i]
      for j in 0..<size {
        noise[(local + i) * states.width + local + j] +=
          weight * (second[i * size + j] - mean[i] * mean[j])
      }
    }
  }

  var moments: ExactMoments {
    var result = RowMoments(weights: states.weights, vectors: means, width: states.width)
    for index in noise.indices { result.covariance[index] += noise[index] }
    return ExactMoments(result)
  }
}

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

  static func distribution(_ logs: ArraySlice<Double>, winner: Int, shifts: [Double]) -> [Double] {
    let start = logs.startIndex
    let size = logs.count
    var distribution = [Double](repeating: 0, count: size)
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
      distribution[j] = probability
      moved += probability
    }
    distribution[winner] = max(0, 1 - moved)
    return distribution
  }

  /// The winners `u` of `log p + G + delta` and `d` of `log p + G - delta` given that `x` wins
  /// `log p + G`, with the same Gumbels: `P(u, d | x)`, `[K][K]`.
  ///
  /// `u` gains on `x` and `d` loses, or they are `x` itself. With `a_l = |delta_l - delta_x|` and clocks
  /// as above, `P(u, d | x) = p_u e^(a_u) p_d e^(a_d) int int 2 / S(r, s)^3`, `r` from `e^(-a_u)` to 1,
  /// `s` from `e^(-a_d)` to 1, `S(r, s) = p_x + sum_gaining p_l max(1, r e^(a_l)) + sum_losing p_l max(1, s
  /// e^(a_l))`: the same for all `u` and `d`, and linear on the cells between the places `e^(-a_l)`. On
  /// a cell the integral is `dr ds (S_00 + S_11) / (S_00 S_01 S_10 S_11)`. In logarithms throughout.
  /// Cost: `O(K^2)`.
  static func pairDistribution(_ logs: ArraySlice<Double>, winner: Int, steps: [Double]) -> [Double]
  {
    let size = logs.count
    let log = Array(logs)
    let gaining = Side(log, steps.map { $0 - steps[winner] })
    let losing = Side(log, steps.map { steps[winner] - $0 })
    let still = logSumExp(log.indices.filter { steps[$0] == steps[winner] }.map { log[$0] })
    // log S at the corners of all cells.
    let corners = gaining.sums.map { up in losing.sums.map { logSumExp([still, up, $0]) } }
    let (ups, downs) = (gaining.members, losing.members)
    var distribution = [Double](repeating: 0, count: size * size)
    var moved = 0.0
    func move(_ u: Int, _ d: Int, _ probability: Double) {
      distribution[u * size + d] = probability
      moved += probability
    }
    // Sums over the cells beyond a place on both sides, from the far end.
    var beyond = downs.map { _ in -Double.infinity }
    var both = [Double](repeating: 0, count: ups.count)
    var bothDown = [Double](repeating: 0, count: downs.count)
    for i in ups.indices.reversed() {
      var line = -Double.infinity
      for j in downs.indices.reversed() {
        let (near, far) = (corners[i][j], corners[i + 1][j + 1])
        let cell =
          gaining.lengths[i] + losing.lengths[j] + logSumExp([near, far]) - near - far
          - corners[i + 1][j] - corners[i][j + 1]
        line = logSumExp([line, cell])
        beyond[j] = logSumExp([beyond[j], line])
        let (u, d) = (ups[i], downs[j])
        let probability = exp(
          log[u] + gaining.gains[i] + log[d] + losing.gains[j] + beyond[j])
        move(u, d, probability)
        both[i] += probability
        bothDown[j] += probability
      }
    }
    // One of them moves: by the integral of 1 / S^2 on its own side.
    let alone = zip(
      gaining.moves(along: corners.map { $0[0] }), both
    ).map { max(0, $0 - $1) }
    for (u, probability) in zip(ups, alone) { move(u, winner, probability) }
    let aloneDown = zip(losing.moves(along: corners[0]), bothDown).map { max(0, $0 - $1) }
    for (d, probability) in zip(downs, aloneDown) { move(winner, d, probability) }
    distribution[winner * size + winner] = max(0, 1 - moved)
    return distribution
  }

  /// Mean `[K]` and second moment `[K][K]` of `gain (e_u - e_d)` under `pairDistribution`.
  static func differenceMoments(
    _ logs: ArraySlice<Double>, winner: Int, steps: [Double], gain: Double
  ) -> (mean: [Double], second: [Double]) {
    let size = logs.count
    let distribution = pairDistribution(logs, winner: winner, steps: steps)
    var mean = [Double](repeating: 0, count: size)
    var second = [Double](repeating: 0, count: size * size)
    for up in 0..<size {
      for down in 0..<size where down != up {
        let probability = distribution[up * size + down]
        mean[up] += gain * probability
        mean[down] -= gain * probability
        let square = gain * gain * probability
        second[up * size + up] += square
        second[down * size + down] += square
        second[up * size + down] -= square
        second[down * size + up] -= square
      }
    }
    return (mean, second)
  }

  /// The categories that gain on the winner by `a_l > 0`, the largest gain first.
  private struct Side {
    let members: [Int]
    let gains: [Double]
    /// `log sum_l p_l max(1, r e^(a_l))` at `r = e^(-a_l)` of each member, then at `r = 1`.
    let sums: [Double]
    /// Logarithm of the distance from each of these places to the next.
    let lengths: [Double]
    private let logs: [Double]

    init(_ log: [Double], _ gain: [Double]) {
      let members = gain.indices.filter { gain[$0] > 0 }.sorted { gain[$0] > gain[$1] }
      let gains = members.map { gain[$0] }
      let places = gains + [0]
      sums = places.map { place in
        logSumExp(members.map { log[$0] + max(0, gain[$0] - place) })
      }
      lengths = gains.indices.map {
        let (near, far) = (places[$0], places[$0 + 1])
        return -far + Foundation.log(-expm1(far - near))
      }
      self.members = members
      self.gains = gains
      logs = members.map { log[$0] }
    }

    /// The probability that each member overtakes the winner, `log S` given at the places.
    func moves(along sums: [Double]) -> [Double] {
      var beyond = -Double.infinity
      return members.indices.reversed().map { i -> Double in
        beyond = logSumExp([beyond, lengths[i] - sums[i] - sums[i + 1]])
        return exp(logs[i] + gains[i] + beyond)
      }.reversed()
    }
  }

  private static func logSumExp(_ values: [Double]) -> Double {
    let largest = values.max() ?? -.infinity
    guard largest > -.infinity else { return largest }
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
/// joint codes from each latent's conditional mean and covariance.
struct ConditionalMoments {
  private let jointCodes: RowJointCodes
  private var means: [Double]
  private var noise: [Double]

  init(_ jointCodes: RowJointCodes) {
    self.jointCodes = jointCodes
    means = [Double](repeating: 0, count: jointCodes.count * jointCodes.width)
    noise = [Double](repeating: 0, count: jointCodes.width * jointCodes.width)
  }

  /// Adds the moments of one latent given one joint code.
  mutating func add(jointCode: Int, latent: Int, mean: [Double], second: [Double]) {
    let size = mean.count
    let local = latent * jointCodes.categories
    let weight = jointCodes.weights[jointCode]
    for i in 0..<size {
      means[jointCode * jointCodes.width + local + i] = mean[i]
      for j in 0..<size {
        noise[(local + i) * jointCodes.width + local + j] +=
          weight * (second[i * size + j] - mean[i] * mean[j])
      }
    }
  }

  var moments: ExactMoments {
    var result = RowMoments(weights: jointCodes.weights, vectors: means, width: jointCodes.width)
    for index in noise.indices { result.covariance[index] += noise[index] }
    return ExactMoments(result)
  }
}

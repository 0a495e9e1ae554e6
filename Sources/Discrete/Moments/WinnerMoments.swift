import CKernels
import Foundation

/// Moments up to fourth order of the surrogate softmax of one latent, given each winner in turn, or
/// of one whose distribution does not depend on the winner.
///
/// The moments are those of `SoftmaxMoments`; held side by side they share the nodes of their
/// quadrature, and what is done with them is done for all winners at once.
public struct WinnerMoments: SurrogateMoments {
  public let categories: Int
  /// `K` distributions, one given each winner, or a single one.
  public let distributions: Int
  /// Distributions with the padding that the kernels ask for.
  private let stride: Int
  /// `E[s_i s_j s_k s_l]`, `i <= j <= k <= l` in lexicographic order, `[entries][stride]`.
  private let sorted: [Double]
  /// `E J(s) = diag(E s) - E[s s^T]` of every distribution, `[distributions][K][K]`. Written with off-diagonal moments
  /// only, so that rows sum to 0 exactly.
  public let jacobianMeans: [Double]

  private init(categories: Int, distributions: Int, stride: Int, sorted: [Double]) {
    self.categories = categories
    self.distributions = distributions
    self.stride = stride
    self.sorted = sorted
    let count = distributions * categories * categories
    jacobianMeans = [Double](unsafeUninitializedCapacity: count) {
      gf_winner_jacobians(
        Int32(categories), Int32(distributions), Int32(stride), sorted, $0.baseAddress)
      $1 = count
    }
  }

  /// Moments that were computed one by one, with the same number of categories.
  public init(_ moments: [SoftmaxMoments]) {
    let size = moments.first?.categories ?? 1
    precondition(max(size, moments.count) <= SoftmaxMoments.maximumCategories)
    let stride = Int(gf_winner_stride(Int32(moments.count)))
    var sorted: [Double] = []
    for i in 0..<size {
      for j in i..<size {
        for k in j..<size {
          for l in k..<size {
            let place = ((i * size + j) * size + k) * size + l
            for distribution in 0..<stride {
              sorted.append(distribution < moments.count ? moments[distribution].fourth[place] : 0)
            }
          }
        }
      }
    }
    self.init(categories: size, distributions: moments.count, stride: stride, sorted: sorted)
  }

  /// Moments given every winner.
  ///
  /// Below a step of 0.4 each winner has a quadrature of its own
  /// (`SoftmaxMoments.conditional`). From there on the winners share one of few nodes: 8 for `E_x`, 10
  /// for the other `E_i` (16 each where `exponent` is not 1), and a sum of exponentials for `1/V^4` that is
  /// as long as the interval of `V` asks for. Absolute errors are then a few 1e-6, at most 4e-5; from a
  /// step of 0.6 on, with 4 and 6 nodes (8 and 11), they are up to a hundred times as large. Sums are in
  /// float32.
  ///
  /// Cost with shared nodes: per node `10 K` exponentials and `K^4 / 24` products a winner.
  ///
  /// - Parameters:
  ///   - logProbabilities: `log p`, normalised, of the distribution whose winner is known.
  ///   - logOffsets: `log c`; only differences matter.
  ///   - exponent: `alpha`, above 0.
  public static func conditional(
    logProbabilities: [Double], logOffsets: [Double], exponent: Double, step: Double
  ) -> WinnerMoments {
    let size = logProbabilities.count
    precondition(size <= SoftmaxMoments.maximumCategories && logOffsets.count == size)
    guard step >= 0.4, size > 1 else {
      return WinnerMoments(
        logProbabilities.indices.map {
          SoftmaxMoments.conditional(
            logProbabilities: logProbabilities, winner: $0, logOffsets: logOffsets,
            exponent: exponent, step: step)
        })
    }
    let rule = SharedNodes(coarse: step >= 0.6, exponent: exponent)
    let range = rule.range(logProbabilities, logOffsets, exponent)
    // The unit of V is its largest size: an unlikely category may have a huge offset.
    let offsets = logOffsets.map { $0 - range.highest }
    let u = InversePowerSum(
      lowest: range.lowest - range.highest, highest: 0)
    let stride = Int(gf_winner_stride(Int32(size)))
    let count = gf_softmax_moments_count(Int32(size)) * stride
    let scratch = gf_winner_moments_scratch(
      Int32(size), Int32(rule.t.nodes.count), Int32(rule.e.nodes.count), Int32(u.nodes.count))
    let sorted = [Double](unsafeUninitializedCapacity: count) { out, used in
      withUnsafeTemporaryAllocation(of: Float.self, capacity: scratch) { scratch in
        gf_winner_moments(
          Int32(size), logProbabilities, offsets, exponent, SoftmaxMoments.negligible,
          Int32(rule.t.nodes.count), rule.t.nodes, rule.t.weights, Int32(rule.e.nodes.count),
          rule.e.nodes, rule.e.weights, Int32(u.nodes.count), u.nodes, u.weights, out.baseAddress,
          scratch.baseAddress)
      }
      used = count
    }
    return WinnerMoments(categories: size, distributions: size, stride: stride, sorted: sorted)
  }

  /// Moments without a known winner: the mixture over winners.
  public static func unconditional(
    probabilities: [Double], exponent: Double, step: Double
  ) -> WinnerMoments {
    let size = probabilities.count
    let parts = conditional(
      logProbabilities: probabilities.map { Foundation.log($0) },
      logOffsets: [Double](repeating: 0, count: size), exponent: exponent, step: step)
    let stride = Int(gf_winner_stride(1))
    var mixed = [Double](repeating: 0, count: parts.sorted.count / parts.stride * stride)
    for entry in 0..<mixed.count / stride {
      for distribution in 0..<size where probabilities[distribution] > 0 {
        mixed[entry * stride] +=
          probabilities[distribution] * parts.sorted[entry * parts.stride + distribution]
      }
    }
    return WinnerMoments(categories: size, distributions: 1, stride: stride, sorted: mixed)
  }

  /// The moments of one distribution, as full tensors.
  public func moments(_ distribution: Int) -> SoftmaxMoments {
    SoftmaxMoments(
      categories: categories,
      sorted: Swift.stride(from: distribution, to: sorted.count, by: stride).map { sorted[$0] })
  }

  /// `sum_x E[J(s) M_x J(s) | x]`, `[K][K]`, for symmetric `M`, `[distributions][K][K]`. Cost: `O(K^4)` for
  /// eight distributions at a time.
  public func sandwich(_ matrices: [Double]) -> [Double] {
    let square = categories * categories
    precondition(matrices.count == distributions * square)
    return [Double](unsafeUninitializedCapacity: square) {
      gf_winner_sandwich(
        Int32(categories), Int32(distributions), Int32(stride), sorted, matrices, $0.baseAddress)
      $1 = square
    }
  }
}

/// The nodes that all winners share.
private struct SharedNodes {
  /// For `E_x`: as many as divide a vector of nodes.
  let t: ExponentialRule
  /// For the other `E_i`.
  let e: ExponentialRule

  init(coarse: Bool, exponent: Double) {
    if exponent == 1 {
      t = coarse ? .coarseWinner : .winner
      e = coarse ? .coarseLoser : .loser
    } else {
      t = coarse ? .coarsestGeneral : .general
      e = coarse ? .coarseGeneral : .general
    }
  }

  /// Logarithms of the bounds that `V` keeps but for a probability that is below the error, whoever
  /// wins: `v_i` falls below `(tolerance p_i)^alpha c_i` or rises above `(p_i / tolerance)^alpha c_i`
  /// as rarely.
  func range(
    _ logs: [Double], _ offsets: [Double], _ exponent: Double
  ) -> (lowest: Double, highest: Double) {
    let tolerance = log(InversePowerSum.error)
    var floor = -Double.infinity
    var winners = Double.infinity
    var highest = -Double.infinity
    var tops: [Double] = []
    for i in offsets.indices {
      let log = min(0, logs[i])
      let isWinner = logs[i] > SoftmaxMoments.negligible
      if isWinner { winners = min(winners, offsets[i]) }
      floor = max(floor, offsets[i] + exponent * (log + tolerance))
      let top =
        isWinner ? offsets[i] : min(offsets[i], offsets[i] + exponent * (log - tolerance))
      tops.append(top)
      highest = max(highest, top)
    }
    let lowest = max(floor, winners)
    let sum = tops.reduce(0) { $0 + exp($1 - highest) }
    return (min(lowest, highest), highest + log(sum))
  }
}

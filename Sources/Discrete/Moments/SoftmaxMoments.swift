import CKernels
import Foundation

/// Moments up to fourth order of a softmax of conditional Gumbels.
///
/// Given the winner `x` of `argmax_i (log p_i + G_i)`, `r_i = exp(h_i - h_x)` has the distribution of
/// `1 / (1 + E_i / (p_i E_x))` with standard exponentials `E`. The moments are those of
/// `s_i = v_i / sum_j v_j`, `v_i = c_i r_i^alpha`: every surrogate of the straight-through
/// Gumbel family is of this form.
///
/// Computed by quadrature: the Laplace form of `1 / V^4` makes the categories independent given
/// `E_x`, which leaves one integral over `u`, one over `E_x` and one inner integral a category.
/// Trapezoidal rules in the logarithms converge exponentially in `1 / step`: about `e^{-9.9/step}`.
public struct SoftmaxMoments: Sendable, Equatable {
  public let categories: Int
  /// `E[s_i s_j s_k s_l]`, `[K][K][K][K]`.
  public let fourth: [Double]
  /// `E[s_i s_j s_k]`, `[K][K][K]`.
  public let third: [Double]
  /// `E[s_i s_j]`, `[K][K]`.
  public let second: [Double]

  /// More categories than this are not tabulated: `K^4` moments each.
  public static let maximumCategories = Int(GF_WINNER_CATEGORIES)

  private init(categories: Int, fourth: [Double]) {
    self.categories = categories
    self.fourth = fourth
    third = SoftmaxMoments.contracted(fourth, categories)
    second = SoftmaxMoments.contracted(third, categories)
  }

  /// From the entries with `i <= j <= k <= l` in lexicographic order.
  init(categories: Int, sorted: [Double]) {
    self.init(categories: categories, fourth: SoftmaxMoments.spread(sorted, categories))
  }

  /// Moments of a point mass on one category.
  private init(categories: Int, point: Int) {
    var fourth = [Double](repeating: 0, count: categories * categories * categories * categories)
    fourth[((point * categories + point) * categories + point) * categories + point] = 1
    self.init(categories: categories, fourth: fourth)
  }

  /// Moments of the midpoint `(s + point) / 2` with a fixed point of the simplex. Cost: `O(K^4)`.
  public func halfway(to point: [Double]) -> SoftmaxMoments {
    precondition(point.count == categories)
    let size = categories
    var first = [Double](repeating: 0, count: size)
    for i in 0..<size {
      for j in 0..<size { first[i] += second[i * size + j] }
    }
    var result = fourth
    for i in 0..<size {
      let a = point[i]
      for j in 0..<size {
        let b = point[j]
        let ij = i * size + j
        for k in 0..<size {
          let c = point[k]
          let (ik, jk, ijk) = (i * size + k, j * size + k, ij * size + k)
          // The product of (s + point) over i, j, k; then its product with (s + point) at l.
          let three =
            third[ijk] + a * second[jk] + b * second[ik] + c * second[ij] + a * b * first[k]
            + a * c * first[j] + b * c * first[i] + a * b * c
          for l in 0..<size {
            let (il, jl, kl) = (i * size + l, j * size + l, k * size + l)
            let withLast =
              fourth[ijk * size + l] + a * third[jk * size + l] + b * third[ik * size + l]
              + c * third[ij * size + l] + a * b * second[kl] + a * c * second[jl]
              + b * c * second[il] + a * b * c * first[l]
            result[ijk * size + l] = (withLast + three * point[l]) / 16
          }
        }
      }
    }
    return SoftmaxMoments(categories: size, fourth: result)
  }

  /// Log-probability below which a winner's moments are not integrated: their weight is less than
  /// rounding. A point mass, whose Jacobian vanishes, stands for them.
  static let negligible = -37.0

  /// Sums out the last index: the components of `s` add to 1.
  private static func contracted(_ tensor: [Double], _ categories: Int) -> [Double] {
    var result = [Double](repeating: 0, count: tensor.count / categories)
    for index in result.indices {
      var sum = 0.0
      for k in 0..<categories { sum += tensor[index * categories + k] }
      result[index] = sum
    }
    return result
  }

  /// `E J(s) = diag(E s) - E[s s^T]`, `[K][K]`. Written with off-diagonal moments only, so that
  /// rows sum to 0 exactly.
  public var jacobianMean: [Double] {
    var mean = second.map { -$0 }
    for i in 0..<categories {
      var sum = 0.0
      for j in 0..<categories where j != i { sum += second[i * categories + j] }
      mean[i * categories + i] = sum
    }
    return mean
  }

  /// `E[J(s) M J(s)]` for a symmetric `M`: entry `ij` is
  /// `E[s_i s_j sum_kl s_k s_l (M_ij - M_kj - M_il + M_kl)]`. Cost: `O(K^4)`.
  public func sandwich(_ matrix: [Double]) -> [Double] {
    let size = categories
    var result = [Double](repeating: 0, count: size * size)
    for i in 0..<size {
      for j in i..<size {
        let pair = i * size + j
        var sum = second[pair] * matrix[pair]
        for k in 0..<size {
          sum -= third[pair * size + k] * (matrix[k * size + j] + matrix[i * size + k])
        }
        let base = pair * size * size
        for kl in 0..<size * size { sum += fourth[base + kl] * matrix[kl] }
        result[i * size + j] = sum
        result[j * size + i] = sum
      }
    }
    return result
  }

  /// Moments given the winner.
  ///
  /// - Parameters:
  ///   - logProbabilities: `log p`, normalised, of the distribution whose winner is known.
  ///   - winner: the category `x`.
  ///   - logOffsets: `log c`; only differences matter.
  ///   - exponent: `alpha`, above 0.
  ///   - step: trapezoidal step; 0.5 gives about 1e-7, 0.2 rounding.
  public static func conditional(
    logProbabilities: [Double], winner: Int, logOffsets: [Double], exponent: Double, step: Double
  ) -> SoftmaxMoments {
    let categories = logProbabilities.count
    precondition(categories <= maximumCategories && logOffsets.count == categories)
    guard categories > 1 else { return SoftmaxMoments(categories: 1, fourth: [1]) }
    let logs = logProbabilities
    // A winner of negligible probability carries no weight in any sum.
    guard logs[winner] > negligible else {
      return SoftmaxMoments(categories: categories, point: winner)
    }
    // The unit of V is its typical size: an unlikely category may have a huge offset.
    let largest =
      logOffsets.indices.map {
        logOffsets[$0] + ($0 == winner ? 0 : exponent * min(0, logs[$0]))
      }.max() ?? 0
    let offsets = logOffsets.map { $0 - largest }
    let grid = ExponentialGrid.shared(step: step)
    let u = laplaceGrid(
      logs: logs, offsets: offsets, winner: winner, exponent: exponent, step: step)
    let count = gf_softmax_moments_count(Int32(categories))
    var sorted = [Double](repeating: 0, count: count)
    var scratch = [Double](
      repeating: 0,
      count: gf_softmax_moments_scratch(Int32(categories), Int32(grid.logs.count)))
    gf_softmax_moments(
      Int32(categories), Int32(winner), logs, offsets, exponent, Int32(grid.logs.count), grid.logs,
      grid.weights, Int32(grid.logs.count), grid.logs, grid.weights, Int32(u.count), u, step,
      &sorted, &scratch)
    return SoftmaxMoments(categories: categories, sorted: sorted)
  }

  /// Moments without a known winner: the mixture over winners.
  public static func unconditional(
    probabilities: [Double], exponent: Double, step: Double
  ) -> SoftmaxMoments {
    WinnerMoments.unconditional(probabilities: probabilities, exponent: exponent, step: step)
      .moments(0)
  }

  private static func laplaceGrid(
    logs: [Double], offsets: [Double], winner: Int, exponent: Double, step: Double
  ) -> [Double] {
    var lowest = offsets[winner]
    var highest = max(0, offsets[winner])
    for i in offsets.indices where i != winner {
      let bounds = LaplaceGrid.loserBounds(
        logProbability: logs[i], logOffset: offsets[i], exponent: exponent, step: step)
      lowest = max(lowest, bounds.lowest)
      highest = max(highest, bounds.highest)
    }
    return LaplaceGrid(lowest: lowest, highest: highest, terms: offsets.count, step: step).nodes
  }

  /// The full tensor from its entries with `i <= j <= k <= l`.
  private static func spread(_ sorted: [Double], _ size: Int) -> [Double] {
    var full = [Double](repeating: 0, count: size * size * size * size)
    var next = 0
    for i in 0..<size {
      for j in i..<size {
        for k in j..<size {
          for l in k..<size {
            let value = sorted[next]
            next += 1
            for (a, b) in [(i, j), (j, i)] {
              for (c, d) in [(k, l), (l, k)] {
                full[((a * size + b) * size + c) * size + d] = value
                full[((c * size + d) * size + a) * size + b] = value
              }
            }
            for (a, b) in [(i, k), (k, i)] {
              for (c, d) in [(j, l), (l, j)] {
                full[((a * size + b) * size + c) * size + d] = value
                full[((c * size + d) * size + a) * size + b] = value
              }
            }
            for (a, b) in [(i, l), (l, i)] {
              for (c, d) in [(j, k), (k, j)] {
                full[((a * size + b) * size + c) * size + d] = value
                full[((c * size + d) * size + a) * size + b] = value
              }
            }
          }
        }
      }
    }
    return full
  }
}

import Discrete
import Foundation
import Tensors

/// Dirichlet noise `w ~ Dirichlet(1_K)` of one latent under swaps of two of its entries, two swaps at a
/// time: where their draws `argmin_i w_swap(i) exp(-phi_i)` are `a` and `b`, the first two moments of
/// `1 - K w`.
///
/// The noise that gives `a` and `b` is a cone, whose cross-section falls into simplices: each entry
/// lies above the larger of two multiples of `w_P` and `w_Q`, the winners' own entries, and which is
/// larger changes at up to `K` ratios `w_Q / w_P`. Between them the distribution is uniform on a simplex
/// with known corners, so all moments are closed forms, with positive terms only.
struct SwappedNoise {
  let logits: [Double]

  /// Two entries that change places; equal ones for none.
  typealias Swap = (Int, Int)

  /// What a draw's cost is multiplied with: `W[k] = sum_j factors[k][j] (1 - K w_j)`, `[K][K]`.
  typealias Point = (swap: Swap, factors: [Double])

  private func source(_ swap: Swap, _ i: Int) -> Int {
    i == swap.0 ? swap.1 : i == swap.1 ? swap.0 : i
  }

  /// The tables of two points. Cost: `O(K^5)`.
  func pair(_ one: Point, _ two: Point) -> CoupledPair {
    let size = logits.count
    let square = size * size
    var pair = CoupledPair(categories: size)
    // Moments of the noise, `[j][a][b]` and `[j][l][a][b]`.
    var first = pair.first
    var second = pair.product
    for place in 0..<square {
      let cell = cell(one.swap, place / size, two.swap, place % size)
      pair.distribution[place] = cell.distribution
      for j in 0..<size { first[j * square + place] = cell.first[j] }
      for index in 0..<square { second[index * square + place] = cell.second[index] }
    }
    pair.first = matrixProduct(one.factors, first, m: size, n: square, k: size)
    pair.second = matrixProduct(two.factors, first, m: size, n: square, k: size)
    let left = matrixProduct(one.factors, second, m: size, n: square * size, k: size)
    pair.product = (0..<size).flatMap { k in
      matrixProduct(
        two.factors, Array(left[k * size * square..<(k + 1) * size * square]), m: size, n: square,
        k: size)
    }
    return pair
  }

  /// Probability of `(a, b)` and, over that event, the sums of `u_j` and `u_j u_l`, `u = 1 - K w`.
  private struct Cell {
    var distribution = 0.0
    var first: [Double]
    var second: [Double]

    init(_ size: Int) {
      first = [Double](repeating: 0, count: size)
      second = [Double](repeating: 0, count: size * size)
    }

    /// Adds a simplex with corners `corners`, and the unit vectors at `free`.
    mutating func add(_ weight: Double, _ corners: [[Double]], free: [Int]) {
      let size = first.count
      let n = Double(size)
      var sums = [Double](repeating: 0, count: size)
      for corner in corners {
        for (j, value) in corner.enumerated() { sums[j] += value }
      }
      for j in free { sums[j] += 1 }
      distribution += weight
      for j in 0..<size {
        first[j] += weight * (1 - sums[j])
        for l in 0..<size {
          var squares = j == l && free.contains(j) ? 1.0 : 0
          for corner in corners { squares += corner[j] * corner[l] }
          let product = (sums[j] * sums[l] + squares) * n / (n + 1)
          second[j * size + l] += weight * (1 - sums[j] - sums[l] + product)
        }
      }
    }
  }

  private func cell(_ one: Swap, _ a: Int, _ two: Swap, _ b: Int) -> Cell {
    let size = logits.count
    var cell = Cell(size)
    let (p, q) = (source(one, a), source(two, b))
    // log of the multiples of w_p and w_q below which no entry lies.
    let above = (0..<size).map { logits[source(one, $0)] - logits[a] }
    let below = (0..<size).map { logits[source(two, $0)] - logits[b] }
    guard p != q else {
      let corner = normalised(zip(above, below).map { max($0, $1) })
      cell.add(corner[p], [corner], free: (0..<size).filter { $0 != p })
      return cell
    }
    // t = log(w_q / w_p).
    let (start, end) = (above[q], -below[p])
    guard start < end else { return cell }
    let free = (0..<size).filter { $0 != p && $0 != q }
    let cuts =
      [start] + free.map { above[$0] - below[$0] }.filter { $0 > start && $0 < end }.sorted()
      + [end]
    let corners = cuts.map { t in
      normalised(
        (0..<size).map { $0 == p ? 0 : $0 == q ? t : max(above[$0], below[$0] + t) })
    }
    for piece in 1..<cuts.count {
      let weight =
        corners[piece - 1][p] * corners[piece][q] * -expm1(cuts[piece - 1] - cuts[piece])
      if weight > 0 { cell.add(weight, [corners[piece - 1], corners[piece]], free: free) }
    }
    return cell
  }

  private func normalised(_ logs: [Double]) -> [Double] {
    let largest = logs.max() ?? 0
    let values = logs.map { exp($0 - largest) }
    let sum = values.reduce(0, +)
    return values.map { $0 / sum }
  }

  /// Moments of `sum_i f(z_i) W_i` over points of all latents with the same swaps and factors, drawn
  /// with some probability as a group.
  ///
  /// - Parameter centred: whether the weights of a group sum to 0.
  static func moments(
    _ row: RowLogits, _ jointCodes: RowJointCodes, groups: [(probability: Double, points: [Point])],
    centred: Bool
  ) -> ExactMoments {
    let size = row.categories
    let latents = (0..<row.latents).map {
      SwappedNoise(logits: Array(row.values[$0 * size..<($0 + 1) * size]))
    }
    var moments = CoupledMoments(jointCodes, centred: centred)
    for group in groups {
      for (i, one) in group.points.enumerated() {
        for (j, two) in group.points.enumerated() where j >= i {
          moments.add(
            latents.map { $0.pair(one, two) }, count: (i == j ? 1 : 2) * group.probability,
            same: i == j)
        }
      }
    }
    return moments.moments
  }
}

import CKernels
import Tensors

/// Second moments of `h = df/dz` by the categories of one latent and of two: all that the moments of
/// `g_d = A_d(x_d) h_d` depend on, whatever the maps.
///
/// Given its own category, `h_d = c_d(x_d) + e_d` with `c_d(x) = E[h_d | x_d = x]`. Latents are
/// independent, so with `u_d(x) = A_d(x) c_d(x) - E g_d`
///
///     Cov(g_d, g_e) = sum_xy u_d(x) E[e_e 1{x, y}]^T A_e(y)^T + A_d(x) E[e_d 1{x, y}] u_e(y)^T
///                            + A_d(x) E[e_d e_e^T 1{x, y}] A_e(y)^T
///     Var(g_d)      = sum_x  p_d(x) u_d(x) u_d(x)^T + A_d(x) E[e_d e_d^T 1{x}] A_d(x)^T
///
/// Every sum is over centred terms: variances far below the squared mean keep their digits.
struct PairTables: Sendable {
  let latents: Int
  let categories: Int
  /// `P(x_d = x)`, `[D][K]`.
  private let probabilities: [Double]
  /// `c_d(x)`, `[D][x][K]`.
  private let means: [Double]
  /// `E[e_d e_d^T 1{x_d = x}]`, `[D][x][K][K]`.
  private let own: [Double]
  /// For each `d < e` a square of side `K^2 + K`: `E[e_d e_e^T 1{x, y}]` and, in the last `K` rows and
  /// columns, `E[e_e 1{x, y}]` and `E[e_d 1{x, y}]`.
  private let pairs: [Double]

  /// Whether maps that depend on the category take fewer products by tables than joint code by joint code: a
  /// rule of the shape alone.
  static func areCheaper(jointCodes: Int, latents: Int, categories: Int) -> Bool {
    // Floating point, because products of user-given sizes may not fit an integer.
    let (d, k) = (Double(latents), Double(categories))
    let side = k * k + k
    let byTables = 0.5 * d * (d - 1) * side * (side * k + k * k)
    let byJointCodes = Double(jointCodes) * (d * k * k + 0.5 * d * k * d * k)
    return latents > 1 && categories <= 256 && byTables < byJointCodes
  }

  /// Cost: `O(jointCodes (DK)^2)`, once for all estimators of a distribution.
  init(latents: Int, categories: Int, codes: [Int32], weights: [Double], gradients: [Double]) {
    self.latents = latents
    self.categories = categories
    let square = categories * categories
    let side = square + categories
    let couples = latents * (latents - 1) / 2
    let jointCodes = weights.count
    precondition(
      LayerShape(rows: 1, latents: latents, categories: categories).jointCodes(limit: jointCodes)
        == jointCodes,
      "the tables are summed over all joint codes")
    var probabilities = [Double](repeating: 0, count: latents * categories)
    var means = [Double](unsafeUninitializedCapacity: latents * square) {
      gf_category_sums(
        Int32(latents), Int32(categories), jointCodes, codes, weights, gradients, &probabilities,
        $0.baseAddress)
      $1 = latents * square
    }
    for index in means.indices {
      let probability = probabilities[index / categories]
      means[index] = probability > 0 ? means[index] / probability : 0
    }
    var own = [Double](repeating: 0, count: latents * categories * square)
    pairs = [Double](unsafeUninitializedCapacity: couples * side * side) { pairs, used in
      withUnsafeTemporaryAllocation(
        of: Double.self,
        capacity: gf_pair_tables_scratch(Int32(latents), Int32(categories), jointCodes)
      ) {
        gf_pair_tables(
          Int32(latents), Int32(categories), jointCodes, codes, weights, gradients, means, &own,
          pairs.baseAddress, $0.baseAddress)
      }
      used = couples * side * side
    }
    self.probabilities = probabilities
    self.means = means
    self.own = own
  }

  /// `E[h_d h_d^T 1{x_d = x}]`, `[D][x][K][K]`.
  var secondByCategory: [Double] {
    var second = own
    for cell in 0..<latents * categories {
      let from = cell * categories
      for i in 0..<categories {
        let factor = probabilities[cell] * means[from + i]
        for j in 0..<categories {
          second[(from + i) * categories + j] += factor * means[from + j]
        }
      }
    }
    return second
  }

  /// Mean and covariance of `g_d = A_d(x_d) h_d` for maps `[D][x][K][K]`.
  ///
  /// Cost: `O((DK)^2 K^3)`: two products of matrices a pair of latents.
  func moments(_ maps: [Double]) -> RowMoments {
    let (size, width) = (categories, latents * categories)
    let square = size * size
    let side = square + size
    var mean = [Double](repeating: 0, count: width)
    let stacked = [Double](unsafeUninitializedCapacity: width * side) {
      gf_stack_maps(
        Int32(latents), Int32(size), maps, probabilities, means, $0.baseAddress, &mean)
      $1 = width * side
    }
    var covariance = [Double](repeating: 0, count: width * width)
    var diagonal = [Double](repeating: 0, count: square)
    stacked.withUnsafeBufferPointer { stacked in
      pairs.withUnsafeBufferPointer { pairs in
        covariance.withUnsafeMutableBufferPointer { covariance in
          guard let stacked = stacked.baseAddress, let out = covariance.baseAddress else { return }
          var couple = 0
          for d in 0..<latents {
            let left = stacked + d * size * side
            maps.withUnsafeBufferPointer { maps in
              own.withUnsafeBufferPointer { own in
                guard let maps = maps.baseAddress, let own = own.baseAddress else { return }
                let from = d * size * square
                gf_congruence_sum(Int32(size), Int32(size), maps + from, own + from, &diagonal)
              }
            }
            for i in 0..<size {
              for j in i..<size {
                var sum = 0.5 * (diagonal[i * size + j] + diagonal[j * size + i])
                for x in 0..<size {
                  sum +=
                    probabilities[d * size + x] * left[i * side + square + x]
                    * left[j * side + square + x]
                }
                out[(d * size + i) * width + d * size + j] = sum
                out[(d * size + j) * width + d * size + i] = sum
              }
            }
            for e in stride(from: d + 1, to: latents, by: 1) {
              guard let pairs = pairs.baseAddress else { return }
              withUnsafeTemporaryAllocation(of: Double.self, capacity: size * side) { half in
                guard let half = half.baseAddress else { return }
                let block = out + d * size * width + e * size
                Double.gemm(
                  transposeA: false, transposeB: false, m: size, n: side, k: side, alpha: 1,
                  a: left, lda: side, b: pairs + couple * side * side, ldb: side, beta: 0, c: half,
                  ldc: side)
                Double.gemm(
                  transposeA: false, transposeB: true, m: size, n: size, k: side, alpha: 1,
                  a: half, lda: side, b: stacked + e * size * side, ldb: side, beta: 0, c: block,
                  ldc: width)
                for i in 0..<size {
                  for j in 0..<size {
                    out[(e * size + j) * width + d * size + i] = block[i * width + j]
                  }
                }
              }
              couple += 1
            }
          }
        }
      }
    }
    return RowMoments(mean: mean, covariance: covariance)
  }
}

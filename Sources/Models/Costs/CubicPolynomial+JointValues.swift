import Discrete
import Tensors

extension CubicPolynomial {
  /// `f` of every joint state, in `JointStates` order.
  ///
  /// The latents are split into two halves with codes `a` and `b`. No term is of degree 2 in both,
  /// so `f(a, b) = f(a) + f(b) + sum_{d in B} P[a][d, b_d] + sum_{d in A} Q[b][d, a_d]`: beyond
  /// small products per half, two additions per state.
  func jointValues(latents: Int, categories: Int) -> [Double] {
    let split = latents / 2
    let first = HalfPoints(self, 0..<split, of: latents, categories: categories)
    let second = HalfPoints(self, split..<latents, of: latents, categories: categories)
    // P and, transposed, Q: the quadratic cross terms are in P.
    var p = first.cubicSlopes(second.factors, columns: second.width)
    let cross = first.quadraticSlopes(self, second)
    for index in cross.indices { p[index] += cross[index] }
    let q = second.transposedCubicSlopes(first.factors, rows: first.width)
    let columns = second.count
    // Sums over latents of the first half are shared by all states with the same leading codes.
    var prefix = second.values
    var prefixes = 1
    for latent in 0..<max(0, split - 1) {
      prefix = withOneMoreLatent(
        prefix, prefixes, q, latent: latent, categories: categories, columns: columns)
      prefixes *= categories
    }
    let own =
      split == 0
      ? [Double](repeating: 0, count: columns) : Array(q[((split - 1) * categories * columns)...])
    // Sums over latents of the second half, by halves of it again.
    let middle = (latents - split) / 2
    let front = Self.outerSums(
      p, stride: second.width, latents: 0..<middle, categories: categories,
      starts: first.values.map { constant + $0 })
    let back = Self.outerSums(
      p, stride: second.width, latents: middle..<latents - split, categories: categories,
      starts: [Double](repeating: 0, count: first.count))
    return jointSums(
      front: front, back: back, shared: prefix, own: own, rows: first.count, columns: columns)
  }

  /// `starts[row] + sum_d terms[row][d, k_d]` of all codes of some latents, `[rows][codes]`, each
  /// row built from its back so that it needs no second vector.
  private static func outerSums(
    _ terms: [Double], stride width: Int, latents: Range<Int>, categories: Int, starts: [Double]
  ) -> [Double] {
    let codes = latents.reduce(1) { codes, _ in codes * categories }
    return [Double](unsafeUninitializedCapacity: starts.count * codes) { out, initialized in
      terms.withUnsafeBufferPointer { terms in
        for row in starts.indices {
          let base = row * codes
          out[base] = starts[row]
          var count = 1
          for latent in latents {
            let own = row * width + latent * categories
            for prefix in Swift.stride(from: count - 1, through: 0, by: -1) {
              let sum = out[base + prefix]
              for category in 0..<categories {
                out[base + prefix * categories + category] = sum + terms[own + category]
              }
            }
            count *= categories
          }
        }
      }
      initialized = starts.count * codes
    }
  }
}

/// `[prefixes][columns]` with the term of one more latent, `[prefixes * K][columns]`.
private func withOneMoreLatent(
  _ sums: [Double], _ prefixes: Int, _ terms: [Double], latent: Int, categories: Int, columns: Int
) -> [Double] {
  [Double](unsafeUninitializedCapacity: prefixes * categories * columns) { out, initialized in
    sums.withUnsafeBufferPointer { sums in
      terms.withUnsafeBufferPointer { terms in
        for prefix in 0..<prefixes {
          for category in 0..<categories {
            let to = (prefix * categories + category) * columns
            let from = (latent * categories + category) * columns
            for column in 0..<columns {
              out[to + column] = sums[prefix * columns + column] + terms[from + column]
            }
          }
        }
      }
    }
    initialized = prefixes * categories * columns
  }
}

/// All codes of some neighbouring latents under a polynomial cost.
private struct HalfPoints {
  /// Coordinates `D' K` of these latents.
  let width: Int
  /// Number of codes.
  let count: Int
  /// Columns of `W` that belong to these latents, `[R][width]`.
  let factors: [Double]
  /// `f` of the codes where all other latents are left out.
  let values: [Double]
  /// `3 (W z)_r^2`, `[count][R]`.
  private let squares: [Double]
  private let start: Int
  private let rank: Int
  private let latents: Int
  private let categories: Int

  init(_ cost: CubicPolynomial, _ latents: Range<Int>, of all: Int, categories: Int) {
    let total = all * categories
    width = latents.count * categories
    start = latents.lowerBound * categories
    rank = cost.rank
    self.latents = latents.count
    self.categories = categories
    let (start, width, rank) = (start, width, rank)
    factors = (0..<rank).flatMap { r in
      cost.factors[r * total + start..<r * total + start + width]
    }
    var columns = [Double](repeating: 0, count: width * rank)
    for r in 0..<rank {
      for index in 0..<width { columns[index * rank + r] = factors[r * width + index] }
    }
    // A code is one-hot, so W z and z' A are sums of rows.
    var squares = Self.sums(columns, rank, latents: latents.count, categories: categories)
    let slopes =
      cost.matrix.isEmpty
      ? []
      : Self.sums(
        (start..<start + width).flatMap {
          cost.matrix[$0 * total + start..<$0 * total + start + width]
        }, width, latents: latents.count, categories: categories)
    var values = Self.sums(
      Array(cost.linear[start..<start + width]), 1, latents: latents.count,
      categories: categories)
    count = values.count
    for code in values.indices {
      var value = values[code]
      if !slopes.isEmpty {
        var rest = code
        for latent in stride(from: latents.count - 1, through: 0, by: -1) {
          let (others, category) = rest.quotientAndRemainder(dividingBy: categories)
          value += slopes[code * width + latent * categories + category]
          rest = others
        }
      }
      for index in code * rank..<(code + 1) * rank {
        let u = squares[index]
        value += u * u * u
        squares[index] = 3 * u * u
      }
      values[code] = value
    }
    self.squares = squares
    self.values = values
  }

  /// Sums of the rows of `terms`, `[width][columns]`, that each code picks, `[codes][columns]`.
  private static func sums(
    _ terms: [Double], _ columns: Int, latents: Int, categories: Int
  ) -> [Double] {
    var sums = [Double](repeating: 0, count: columns)
    var codes = 1
    for latent in 0..<latents {
      sums = withOneMoreLatent(
        sums, codes, terms, latent: latent, categories: categories, columns: columns)
      codes *= categories
    }
    return sums
  }

  /// `3 sum_r (W z)_r^2 factors[r]`, `[count][columns]`.
  func cubicSlopes(_ factors: [Double], columns: Int) -> [Double] {
    matrixProduct(squares, factors, m: count, n: columns, k: rank)
  }

  /// The same, `[rows][count]`.
  func transposedCubicSlopes(_ factors: [Double], rows: Int) -> [Double] {
    matrixProduct(
      factors, squares, m: rows, n: count, k: rank, transposeA: true, transposeB: true)
  }

  /// `(A + A') z` on the coordinates of the other half, `[count][other.width]`; empty without `A`.
  func quadraticSlopes(_ cost: CubicPolynomial, _ other: HalfPoints) -> [Double] {
    guard !cost.matrix.isEmpty, width > 0 else { return [] }
    let total = cost.linear.count
    let block = (start..<start + width).flatMap { row in
      (other.start..<other.start + other.width).map { column in
        cost.matrix[row * total + column] + cost.matrix[column * total + row]
      }
    }
    return Self.sums(block, other.width, latents: latents, categories: categories)
  }
}

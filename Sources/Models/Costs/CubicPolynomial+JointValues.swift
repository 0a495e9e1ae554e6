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
      prefix = Self.extended(
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

  /// `[prefixes][columns]` with the term of one more latent, `[prefixes * K][columns]`.
  private static func extended(
    _ sums: [Double], _ prefixes: Int, _ q: [Double], latent: Int, categories: Int, columns: Int
  ) -> [Double] {
    [Double](unsafeUninitializedCapacity: prefixes * categories * columns) { out, initialized in
      sums.withUnsafeBufferPointer { sums in
        q.withUnsafeBufferPointer { q in
          for prefix in 0..<prefixes {
            for category in 0..<categories {
              let to = (prefix * categories + category) * columns
              let from = (latent * categories + category) * columns
              for column in 0..<columns {
                out[to + column] = sums[prefix * columns + column] + q[from + column]
              }
            }
          }
        }
      }
      initialized = prefixes * categories * columns
    }
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

/// All codes of some neighbouring latents under a polynomial cost.
private struct HalfPoints {
  /// Coordinates `D' K` of these latents.
  let width: Int
  /// Number of codes.
  let count: Int
  /// The codes as one-hot vectors, `[count][width]`.
  let points: [Double]
  /// Columns of `W` that belong to these latents, `[R][width]`.
  let factors: [Double]
  /// `f` of the codes where all other latents are left out.
  let values: [Double]
  /// `3 (W z)_r^2`, `[count][R]`.
  private let squares: [Double]
  private let start: Int
  private let rank: Int

  init(_ cost: CubicPolynomial, _ latents: Range<Int>, of all: Int, categories: Int) {
    let total = all * categories
    width = latents.count * categories
    start = latents.lowerBound * categories
    rank = cost.rank
    let states = JointStates(latents: latents.count, categories: categories)
    count = states.weights([Double](repeating: 1, count: width)).count
    let codes = states.codes(0..<count)
    var points = [Double](repeating: 0, count: count * width)
    for code in 0..<count {
      for latent in 0..<latents.count {
        let category = Int(codes[code * latents.count + latent])
        points[code * width + latent * categories + category] = 1
      }
    }
    let (start, width, rank) = (start, width, rank)
    factors = (0..<rank).flatMap { r in
      cost.factors[r * total + start..<r * total + start + width]
    }
    // One product gives W z, and A z of the quadratic part.
    var squares = matrixProduct(points, factors, m: count, n: rank, k: width, transposeB: true)
    let block =
      cost.matrix.isEmpty
      ? []
      : (start..<start + width).flatMap {
        cost.matrix[$0 * total + start..<$0 * total + start + width]
      }
    let quadratic =
      block.isEmpty ? [] : matrixProduct(points, block, m: count, n: width, k: width)
    var values = [Double](repeating: 0, count: count)
    for code in 0..<count {
      var value = 0.0
      for latent in 0..<latents.count {
        let index = latent * categories + Int(codes[code * latents.count + latent])
        value += cost.linear[start + index]
        if !quadratic.isEmpty { value += quadratic[code * width + index] }
      }
      for index in code * rank..<(code + 1) * rank {
        let u = squares[index]
        value += u * u * u
        squares[index] = 3 * u * u
      }
      values[code] = value
    }
    self.points = points
    self.squares = squares
    self.values = values
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
    return matrixProduct(points, block, m: count, n: other.width, k: width)
  }
}

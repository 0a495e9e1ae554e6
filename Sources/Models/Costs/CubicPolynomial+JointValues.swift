import Discrete
import Tensors

extension CubicPolynomial {
  /// `f` of every joint code, in `JointCodes` order.
  ///
  /// The latents are split into two halves with codes `a` and `b`. No term is of degree 2 in both,
  /// so `f(a, b) = f(a) + f(b) + sum_{d in B} P[a][d, b_d] + sum_{d in A} Q[b][d, a_d]`: beyond
  /// small products per half, two additions per joint code.
  func jointValues(latents: Int, categories: Int) -> [Double] {
    let split = latents / 2
    let first = HalfPoints(self, 0..<split, of: latents, categories: categories)
    let second = HalfPoints(self, split..<latents, of: latents, categories: categories)
    // P and, transposed, Q: the quadratic cross terms are in P.
    var p = first.cubicGradients(second.factors, columns: second.width)
    let cross = first.quadraticGradients(self, second)
    for index in cross.indices { p[index] += cross[index] }
    let q = second.transposedCubicGradients(first.factors, rows: first.width)
    let columns = second.count
    // Sums over latents of the first half are shared by all joint codes with the same leading codes.
    let block = categories * columns
    var prefix = second.values
    for latent in 0..<max(0, split - 1) {
      prefix = outerSums(prefix, q[latent * block..<(latent + 1) * block], columns: columns)
    }
    let own =
      split == 0 ? [Double](repeating: 0, count: columns) : Array(q[((split - 1) * block)...])
    // Sums over latents of the second half, by halves of it again.
    let others = latents - split
    let front = codeSums(
      p, latents: 0..<others / 2, of: others, categories: categories,
      starts: first.values.map { constant + $0 })
    let back = codeSums(
      p, latents: others / 2..<others, of: others, categories: categories,
      starts: [Double](repeating: 0, count: first.count))
    return jointSums(
      front: front, back: back, shared: prefix, own: own, rows: first.count, columns: columns)
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
    // A code is one-hot, so W z is a sum of rows, and so is (A + A') z, the gradients that a latent's
    // forerunners leave it.
    let own = cost.gradients(start..<start + width, on: start..<start + width)
    var squares = [Double](repeating: 0, count: rank)
    var gradients = [Double](repeating: 0, count: own.isEmpty ? 0 : width)
    var values = [0.0]
    for latent in 0..<latents.count {
      let choices = latent * categories..<(latent + 1) * categories
      values = values.indices.flatMap { code in
        choices.map { index in
          let alone = cost.linear[start + index]
          guard !own.isEmpty else { return values[code] + alone }
          return values[code] + alone + cost.matrix[(start + index) * (total + 1)]
            + gradients[code * width + index]
        }
      }
      squares = outerSums(
        squares, columns[choices.lowerBound * rank..<choices.upperBound * rank], columns: rank)
      if !own.isEmpty && latent < latents.count - 1 {
        gradients = outerSums(
          gradients, own[choices.lowerBound * width..<choices.upperBound * width], columns: width)
      }
    }
    addCubes(of: &squares, to: &values)
    count = values.count
    self.squares = squares
    self.values = values
  }

  /// `3 sum_r (W z)_r^2 factors[r]`, `[count][columns]`.
  func cubicGradients(_ factors: [Double], columns: Int) -> [Double] {
    matrixProduct(squares, factors, m: count, n: columns, k: rank)
  }

  /// The same, `[rows][count]`.
  func transposedCubicGradients(_ factors: [Double], rows: Int) -> [Double] {
    matrixProduct(
      factors, squares, m: rows, n: count, k: rank, transposeA: true, transposeB: true)
  }

  /// `(A + A') z` on the coordinates of the other half, `[count][other.width]`; empty without `A`.
  func quadraticGradients(_ cost: CubicPolynomial, _ other: HalfPoints) -> [Double] {
    guard width > 0 else { return [] }
    let rows = cost.gradients(start..<start + width, on: other.start..<other.start + other.width)
    guard !rows.isEmpty else { return [] }
    let block = categories * other.width
    var sums = [Double](repeating: 0, count: other.width)
    for latent in 0..<latents {
      sums = outerSums(sums, rows[latent * block..<(latent + 1) * block], columns: other.width)
    }
    return sums
  }
}

extension CubicPolynomial {
  /// The block of `A + A'` of some coordinates and some others, row-major; empty without `A`.
  fileprivate func gradients(_ rows: Range<Int>, on columns: Range<Int>) -> [Double] {
    guard !matrix.isEmpty else { return [] }
    let total = linear.count
    return rows.flatMap { row in
      columns.map { column in matrix[row * total + column] + matrix[column * total + row] }
    }
  }
}

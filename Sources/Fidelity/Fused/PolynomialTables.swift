import CKernels
import Models

/// Coefficients of a polynomial cost or of its gradient, packed for the kernels.
struct PolynomialTables: Sendable {
  private let rank: Int
  private let groupSize: Int
  private let linear: AlignedTable<Float>
  private let quadratic: AlignedTable<Float>?
  private let cubic: AlignedTable<Float>
  private let back: AlignedTable<Float>

  /// - Parameters:
  ///   - rows: what the `D K` rows are made of, already in the kernel's units.
  ///   - soft: points are dense vectors instead of codes.
  init(_ rows: PolynomialRows, latents: Int, categories: Int, soft: Bool) {
    let width = latents * categories
    rank = rows.rank
    let groups = LatentGroups(latents: latents, categories: categories)
    groupSize = groups.size
    let packed = { (matrix: [Double]) -> AlignedTable<Float> in
      soft ? packedRows(matrix, columns: width) : groups.tables(matrix)
    }
    linear = AlignedTable(rows.linear + [Double](repeating: 0, count: -width & 7))
    quadratic = rows.quadratic.isEmpty ? nil : packed(rows.quadratic)
    cubic = packed(rows.cubic)
    back = packedRows(rows.back, columns: rank)
  }

  var view: gf_polynomial {
    gf_polynomial(
      rank: rank, group_size: groupSize, linear: linear.base, quadratic: quadratic?.base,
      cubic: cubic.base, back: back.base)
  }
}

/// `rows = linear + quadratic y + back (cubic y)^2` of a point `y`, in double precision.
struct PolynomialRows {
  /// `[D K]`.
  var linear: [Double]
  /// `[D K][D K]`; empty for none.
  var quadratic: [Double]
  /// `[R][D K]`.
  var cubic: [Double]
  /// `[D K][R]`; empty for values.
  var back: [Double]

  var width: Int { linear.count }
  var rank: Int { cubic.count / max(1, width) }

  /// `df/dy`, with the cubic rows over a bound of their own.
  ///
  /// Nil where a coefficient is out of range.
  init?(gradientsOf cost: CubicPolynomial, categories: Int) {
    let width = cost.linear.count
    linear = cost.linear
    quadratic = cost.matrix
    for index in quadratic.indices {
      quadratic[index] += cost.matrix[index % width * width + index / width]
    }
    cubic = cost.factors
    back = [Double](repeating: 0, count: width * cost.rank)
    for r in 0..<cost.rank {
      let row = r * width..<(r + 1) * width
      guard let unit = FusedScale.above(pointBound(cubic[row], categories: categories)) else {
        return nil
      }
      for index in row {
        cubic[index] /= unit
        back[(index - r * width) * cost.rank + r] = 3 * unit * unit * cost.factors[index]
      }
    }
  }

  /// Rows `v` with `f(z) = sum_d v[d, z_d] + sum_r ((cubic z)_r)^3` at one-hot points.
  init(valuesOf cost: CubicPolynomial) {
    let width = cost.linear.count
    linear = cost.linear
    quadratic = cost.matrix.indices.map { index in
      0.5 * (cost.matrix[index] + cost.matrix[index % width * width + index / width])
    }
    cubic = cost.factors
    back = []
  }

  /// The largest size of each row at any point, `[D K]`, where the cubic rows are at most 1.
  func bounds(categories: Int) -> [Double] {
    (0..<width).map { row in
      var bound = abs(linear[row])
      if !quadratic.isEmpty {
        bound += pointBound(quadratic[row * width..<(row + 1) * width], categories: categories)
      }
      return back.isEmpty
        ? bound : back[row * rank..<(row + 1) * rank].reduce(bound) { $0 + abs($1) }
    }
  }

  /// Multiplies row `i` by `factors[i]`.
  mutating func scale(_ factors: [Double]) {
    for index in linear.indices { linear[index] *= factors[index] }
    for index in quadratic.indices { quadratic[index] *= factors[index / width] }
    for index in back.indices { back[index] *= factors[index / rank] }
  }

  /// Multiplies the rows of each latent by its `K x K` matrix `maps[D][K][K]`.
  mutating func apply(_ maps: [Double], categories: Int) {
    func product(_ rows: [Double], _ columns: Int) -> [Double] {
      var result = [Double](repeating: 0, count: rows.count)
      guard columns > 0 else { return result }
      for index in maps.indices {
        let (i, j) = (index / categories, index / (categories * categories) * categories)
        let from = (j + index % categories) * columns
        for column in 0..<columns {
          result[i * columns + column] += maps[index] * rows[from + column]
        }
      }
      return result
    }
    linear = product(linear, 1)
    quadratic = quadratic.isEmpty ? [] : product(quadratic, width)
    back = product(back, rank)
  }
}

/// The largest size of a linear form on the product of simplices.
func pointBound(_ form: ArraySlice<Double>, categories: Int) -> Double {
  stride(from: form.startIndex, to: form.endIndex, by: categories).reduce(0) { sum, start in
    sum + (form[start..<start + categories].map(abs).max() ?? 0)
  }
}

/// Rows in blocks of eight, `[blocks][columns][8]`, padded with zeros.
private func packedRows(_ matrix: [Double], columns: Int) -> AlignedTable<Float> {
  let rows = columns == 0 ? 0 : matrix.count / columns
  var packed = [Float](repeating: 0, count: (rows + 7) / 8 * 8 * columns)
  for row in 0..<rows {
    for column in 0..<columns {
      packed[(row / 8 * columns + column) * 8 + row % 8] = Float(matrix[row * columns + column])
    }
  }
  return AlignedTable(packed)
}

/// Neighbouring latents whose joint code fits one look-up table.
private struct LatentGroups {
  let latents: Int
  let categories: Int
  let size: Int

  init(latents: Int, categories: Int) {
    self.latents = latents
    self.categories = categories
    var size = 1
    var codes = categories
    while size < latents, codes * categories <= Int(GF_FUSED_CODES) {
      size += 1
      codes *= categories
    }
    self.size = size
  }

  /// Rows as sums of one entry per group, `[blocks][groups][8][GF_FUSED_CODES]`.
  func tables(_ matrix: [Double]) -> AlignedTable<Float> {
    let width = latents * categories
    let rows = matrix.count / max(1, width)
    let groups = (latents + size - 1) / size
    let entries = Int(GF_FUSED_CODES)
    var packed = [Float](repeating: 0, count: (rows + 7) / 8 * groups * 8 * entries)
    for group in 0..<groups {
      let members = group * size..<min(latents, (group + 1) * size)
      let codes = members.reduce(1) { codes, _ in codes * categories }
      for row in 0..<rows {
        for code in 0..<codes {
          var rest = code
          var sum = 0.0
          for latent in members.reversed() {
            sum += matrix[row * width + latent * categories + rest % categories]
            rest /= categories
          }
          packed[((row / 8 * groups + group) * 8 + row % 8) * entries + code] = Float(sum)
        }
      }
    }
    return AlignedTable(packed)
  }
}

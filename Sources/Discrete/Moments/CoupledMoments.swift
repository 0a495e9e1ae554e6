import Tensors

/// Two points `i`, `j` of one latent with the weights of their costs: what a second moment needs to
/// know of a coupling. All tables over `(a, b)`, the categories at `i` and at `j`.
public struct CoupledPair: Sendable, Equatable {
  public let categories: Int
  /// `P(z_i = a, z_j = b)`, `[K][K]`.
  public var distribution: [Double]
  /// `E[W_i[k]; z_i = a, z_j = b]`, `[k][a][b]`.
  public var first: [Double]
  /// `E[W_j[k]; z_i = a, z_j = b]`, `[k][a][b]`.
  public var second: [Double]
  /// `E[W_i[k] W_j[l]; z_i = a, z_j = b]`, `[k][l][a][b]`.
  public var product: [Double]

  /// Nothing but zeros.
  public init(categories: Int) {
    self.categories = categories
    let square = categories * categories
    distribution = [Double](repeating: 0, count: square)
    first = [Double](repeating: 0, count: square * categories)
    second = first
    product = [Double](repeating: 0, count: square * square)
  }

  /// Adds an outcome of the latent's noise.
  ///
  /// - Parameters:
  ///   - weight: its probability.
  ///   - a: category at point `i`, with the weights `w[k]` of its cost.
  ///   - b: category at point `j`, with the weights `v[k]` of its cost.
  public mutating func add(
    _ weight: Double, _ a: Int, _ w: ArraySlice<Double>, _ b: Int, _ v: ArraySlice<Double>
  ) {
    let square = categories * categories
    let place = a * categories + b
    distribution[place] += weight
    for (k, x) in w.enumerated() {
      first[k * square + place] += weight * x
      if x == 0 { continue }
      for (l, y) in v.enumerated() {
        product[(k * categories + l) * square + place] += weight * x * y
      }
    }
    for (l, y) in v.enumerated() { second[l * square + place] += weight * y }
  }
}

/// Moments of estimates that are linear in the costs of coupled points, latent by latent:
/// `g[d] = sum_i f(z_i) W_i[d]`, where the categories `z_i[d]` of all points and the weights `W_i[d]`
/// are functions of noise of latent `d` alone, independent of the other latents.
///
/// `E g g^T = sum_ij sum_zz' f(z) f(z') prod_e A_e(z_e, z'_e)`, where `A_e` is the distribution of the two points at
/// latent `e`, times the weights at the two latents of the entry: bilinear forms of the table of
/// costs in Kronecker products, summed latent by latent instead of over pairs of joint codes.
public struct CoupledMoments: Sendable {
  /// Most categories: the tables of a pair have `K^4` numbers.
  public static let maximumCategories = 32

  private let jointCodes: RowJointCodes
  /// Costs, less their mean where the weights of the points sum to 0.
  private let values: [Double]
  private var mean: [Double]
  private var second: [Double]

  /// - Parameter centred: whether `sum_i W_i = 0` for every outcome: a constant taken from the costs
  ///   changes nothing then, and saves digits.
  public init(_ jointCodes: RowJointCodes, centred: Bool) {
    self.jointCodes = jointCodes
    var shift = 0.0
    if centred {
      for (weight, value) in zip(jointCodes.weights, jointCodes.values) { shift += weight * value }
    }
    values = Self.onFullTable(jointCodes.values.map { $0 - shift }, jointCodes)
    mean = [Double](repeating: 0, count: jointCodes.width)
    second = [Double](repeating: 0, count: jointCodes.width * jointCodes.width)
  }

  /// The costs of all `K^D` codes, 0 where a latent has fewer categories than `K`: no point is there.
  private static func onFullTable(_ values: [Double], _ jointCodes: RowJointCodes) -> [Double] {
    guard jointCodes.shape.isRagged else { return values }
    let all = JointCodes(latents: jointCodes.latents, categories: jointCodes.categories)
    let count = jointCodes.shape.coveringUniform.jointCodes(limit: .max) ?? 0
    var table = [Double](repeating: 0, count: count)
    for (jointCode, value) in values.enumerated() {
      table[
        all.index(
          of: jointCodes.codes[
            jointCode * jointCodes.latents..<(jointCode + 1) * jointCodes.latents])] = value
    }
    return table
  }

  /// Whether the moments of a row of this shape take at most about `2^34` multiplications.
  public static func fits(_ shape: LayerShape, pairs: Int) -> Bool {
    guard shape.categories <= maximumCategories,
      let jointCodes = shape.coveringUniform.jointCodes(limit: 1 << 30)
    else { return false }
    let (d, k) = (Double(shape.latents), Double(shape.categories))
    let tables = d * d * (d * k / 6 + k * k / 2) + d * k
    return Double(pairs) * (Double(jointCodes) * tables + d * d * k * k * k * k * k) <= 0x1p34
  }

  /// Adds the terms of points `i` and `j` to the second moment.
  ///
  /// Of a pair and its mirror image only one is added, with twice the count.
  ///
  /// - Parameters:
  ///   - pair: one per latent.
  ///   - count: how many pairs of points have these tables, times the probability of what the
  ///     latents have in common.
  ///   - same: `i = j`: the terms of the mean are added, too.
  /// - Complexity: `O(D^3 K + D^2 K^2)` per joint code, and `O(D^2 K^5)`.
  public mutating func add(_ pair: [CoupledPair], count: Double, same: Bool) {
    let latents = jointCodes.latents
    let size = jointCodes.categories
    // The costs with the distributions applied at all latents before `one`, then at all of them but `one`
    // and those from `other` on.
    var before = values
    for one in 0..<latents {
      var between = before
      for other in one + 1..<latents {
        var others = between
        for latent in other + 1..<latents {
          others = applied(pair[latent].distribution, others, latent)
        }
        addCross(
          one, other,
          bilinear(
            byCategory(values, [one, other]), byCategory(others, [one, other]),
            columns: size * size), pair, count)
        between = applied(pair[other].distribution, between, other)
      }
      let rest = byCategory(between, [one])
      addOwn(one, bilinear(byCategory(values, [one]), rest, columns: size), pair[one], count)
      if same { addMean(one, rest, pair[one], count) }
      before = applied(pair[one].distribution, before, one)
    }
  }

  /// `E W_i[k] W_j[l] f f'` of one latent from its form `[a][b]`.
  private mutating func addOwn(
    _ latent: Int, _ form: [Double], _ pair: CoupledPair, _ count: Double
  ) {
    let size = jointCodes.categories
    let block = matrixProduct(pair.product, form, m: size * size, n: 1, k: size * size)
    for k in 0..<size {
      for l in 0..<size {
        second[(latent * size + k) * jointCodes.width + latent * size + l] +=
          count * block[k * size + l]
      }
    }
  }

  /// The same between two latents, both ways, from their form `[a][a'][b][b']`.
  private mutating func addCross(
    _ one: Int, _ other: Int, _ form: [Double], _ pair: [CoupledPair], _ count: Double
  ) {
    let size = jointCodes.categories
    let square = size * size
    // `[a][b][a'][b']`.
    var table = [Double](repeating: 0, count: form.count)
    for a in 0..<size {
      for other in 0..<size {
        for b in 0..<size {
          for index in 0..<size {
            table[((a * size + b) * size + other) * size + index] =
              form[((a * size + other) * size + b) * size + index]
          }
        }
      }
    }
    func block(_ w: [Double], _ v: [Double]) -> [Double] {
      matrixProduct(
        matrixProduct(w, table, m: size, n: square, k: square), v, m: size, n: size, k: square,
        transposeB: true)
    }
    let forward = block(pair[one].first, pair[other].second)
    let backward = block(pair[one].second, pair[other].first)
    for k in 0..<size {
      for l in 0..<size {
        let (row, column) = (one * size + k, other * size + l)
        second[row * jointCodes.width + column] += count * forward[k * size + l]
        second[column * jointCodes.width + row] += count * backward[k * size + l]
      }
    }
  }

  /// `E W_i[k] f` of one latent, from the costs `[others][b]` with the distributions of the others applied.
  private mutating func addMean(
    _ latent: Int, _ rest: [Double], _ pair: CoupledPair, _ count: Double
  ) {
    let size = jointCodes.categories
    var sums = [Double](repeating: 0, count: size)
    for (index, value) in rest.enumerated() { sums[index % size] += value }
    for k in 0..<size {
      for place in 0..<size * size {
        mean[latent * size + k] += count * pair.first[k * size * size + place] * sums[place % size]
      }
    }
  }

  /// Mean and covariance of all that was added.
  public var moments: ExactMoments {
    let width = jointCodes.width
    var covariance = second
    for i in 0..<width {
      for j in 0...i {
        let value = 0.5 * (second[i * width + j] + second[j * width + i]) - mean[i] * mean[j]
        covariance[i * width + j] = value
        covariance[j * width + i] = value
      }
    }
    return ExactMoments(RowMoments(mean: mean, covariance: covariance))
  }

  /// `sum_b matrix[a][b] v[.., b, ..]` along the axis of one latent.
  private func applied(_ matrix: [Double], _ v: [Double], _ latent: Int) -> [Double] {
    let size = jointCodes.categories
    let inner = stride(after: latent)
    if inner == 1 {
      return matrixProduct(
        v, matrix, m: v.count / size, n: size, k: size, transposeB: true)
    }
    var result = [Double](repeating: 0, count: v.count)
    var out = result.mutableSpan
    let source = v.span
    for block in Swift.stride(from: 0, to: v.count, by: size * inner) {
      for a in 0..<size {
        for b in 0..<size {
          let factor = matrix[a * size + b]
          if factor == 0 { continue }
          let (to, from) = (block + a * inner, block + b * inner)
          for index in 0..<inner { out[to + index] += factor * source[from + index] }
        }
      }
    }
    return result
  }

  /// The same numbers as `[other latents][categories of the named ones]`.
  private func byCategory(_ v: [Double], _ named: [Int]) -> [Double] {
    let size = jointCodes.categories
    let strides = named.map { stride(after: $0) }
    let columns = named.reduce(1) { columns, _ in columns * size }
    var result: [Double] = []
    result.reserveCapacity(v.count)
    for base in v.indices
    where strides.allSatisfy({ base / $0 % size == 0 }) {
      for column in 0..<columns {
        let place =
          named.count == 1
          ? column * strides[0] : column / size * strides[0] + column % size * strides[1]
        result.append(v[base + place])
      }
    }
    return result
  }

  private func stride(after latent: Int) -> Int {
    (latent + 1..<jointCodes.latents).reduce(1) { stride, _ in
      stride * jointCodes.categories
    }
  }

  /// `left^T right` of two tables of as many columns.
  private func bilinear(_ left: [Double], _ right: [Double], columns: Int) -> [Double] {
    matrixProduct(
      left, right, m: columns, n: columns, k: left.count / columns, transposeA: true)
  }
}

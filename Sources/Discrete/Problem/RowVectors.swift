import Tensors

/// Vectors at the logits of one row, side by side, with those whose squares are added up together.
///
/// Estimates less their mean, or the columns of a factor `L` of their covariance `C = L L^T`: what is summed
/// over draws at a parameter `j` with the row's Jacobian `J` is `sum_i (J_j . v_i)^2` either way.
public struct RowVectors: Sendable {
  /// `[DK][stride]`, in the precision they came in.
  public enum Numbers: Sendable {
    case single([Float])
    case double([Double])
  }

  /// `DK`.
  public let width: Int
  /// Columns with those that belong to no sum.
  public let stride: Int
  public let numbers: Numbers
  /// The columns of every sum.
  public let sums: [[Range<Int>]]

  /// - Parameter numbers: at least `width * stride` of them; columns of `sums` are below `stride`.
  public init(_ numbers: Numbers, width: Int, stride: Int, sums: [[Range<Int>]]) {
    self.numbers = numbers
    self.width = width
    self.stride = stride
    self.sums = sums
  }

  /// One sum over `L L^T = matrix` for a symmetric matrix `[DK][DK]` without negative eigenvalues.
  ///
  /// Cost: `rank DK^2` flops.
  public init(factorOf matrix: [Double], width: Int) {
    let columns = PivotedCholesky(matrix, size: width).columns
    self.init(columns: columns, width: width)
  }

  /// One sum over vectors of `DK` numbers each.
  public init(columns: [[Double]], width: Int) {
    let count = columns.count
    var numbers = [Double](repeating: 0, count: width * count)
    for (column, vector) in columns.enumerated() {
      for index in 0..<width { numbers[index * count + column] = vector[index] }
    }
    self.init(.double(numbers), width: width, stride: count, sums: [[0..<count]])
  }

  /// `sum_i v_ik^2` at the logits themselves, `[sums][DK]`.
  public var squares: [[Double]] {
    switch numbers {
    case .single(let numbers): lineSquares(numbers, lines: width, stride: stride, sums: sums)
    case .double(let numbers): lineSquares(numbers, lines: width, stride: stride, sums: sums)
    }
  }

  /// The columns of one sum in float64, `[columns][DK]`: at most `DK` of them, as more are brought into a
  /// factor of their second moments.
  ///
  /// Cost: `columns DK^2` flops where there are more than `DK`.
  public func columns(of sum: Int) -> [[Double]] {
    let own = sums[sum].flatMap { $0 }
    func column(_ index: Int) -> [Double] {
      switch numbers {
      case .single(let numbers): (0..<width).map { Double(numbers[$0 * stride + index]) }
      case .double(let numbers): (0..<width).map { numbers[$0 * stride + index] }
      }
    }
    let columns = own.map(column)
    guard columns.count > width else { return columns }
    let second = gram(columns.flatMap { $0 }, rows: columns.count, columns: width)
    return PivotedCholesky(second, size: width).columns
  }
}

/// Sums of squares along the lines of `x[lines][stride]`, `[sums][lines]`.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
public func lineSquares<Scalar: BLASScalar>(
  _ x: [Scalar], lines: Int, stride: Int, sums: [[Range<Int>]]
) -> [[Double]] {
  precondition(x.count >= lines * stride)
  return x.withUnsafeBufferPointer { x in
    sums.map { ranges in
      (0..<lines).map { line in
        ranges.reduce(0.0) { sum, range in
          guard let start = x.baseAddress, !range.isEmpty else { return sum }
          precondition(range.lowerBound >= 0 && range.upperBound <= stride)
          let own = start + line * stride + range.lowerBound
          return sum + Double(Scalar.dot(range.count, own, own))
        }
      }
    }
  }
}

/// `A = L L^T` of a symmetric matrix without negative eigenvalues, the largest of what is left first.
///
/// Ends where what is left is rounding: the sum of its diagonal is below `size` units in the last place of that of
/// the matrix. Cost: `rank size^2` flops.
public struct PivotedCholesky: Sendable {
  /// The columns of `L`, `[rank][size]`.
  public let columns: [[Double]]

  public init(_ matrix: [Double], size: Int) {
    precondition(matrix.count == size * size)
    var left = (0..<size).map { matrix[$0 * (size + 1)] }
    let floor = left.reduce(0) { $0 + max($1, 0) } * Double(size) * 0x1p-52
    var columns: [[Double]] = []
    while columns.count < size, left.reduce(0, { $0 + max($1, 0) }) > floor,
      let pivot = left.indices.max(by: { left[$0] < left[$1] }), left[pivot] > 0
    {
      let root = left[pivot].squareRoot()
      var column = Array(matrix[pivot * size..<(pivot + 1) * size])
      for other in columns {
        let factor = other[pivot]
        if factor == 0 { continue }
        for index in 0..<size { column[index] -= factor * other[index] }
      }
      for index in 0..<size { column[index] /= root }
      column[pivot] = root
      for index in 0..<size { left[index] -= column[index] * column[index] }
      left[pivot] = 0
      columns.append(column)
    }
    self.columns = columns
  }
}

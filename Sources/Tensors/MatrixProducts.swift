/// `op(A) op(B)` on row-major arrays; `op(A)` is `m x k`, `op(B)` is `k x n`, the result `m x n`.
///
/// Bits depend on the BLAS core type and on the batch shape `m`, not on the thread.
/// Cost: `2 m n k` flops.
public func matrixProduct<Scalar: BLASScalar>(
  _ a: [Scalar], _ b: [Scalar], m: Int, n: Int, k: Int, transposeA: Bool = false,
  transposeB: Bool = false, alpha: Scalar = 1
) -> [Scalar] {
  precondition(a.count >= m * k && b.count >= k * n)
  guard m > 0, n > 0 else { return [] }
  guard k > 0 else { return [Scalar](repeating: 0, count: m * n) }
  return [Scalar](unsafeUninitializedCapacity: m * n) { buffer, count in
    if let c = buffer.baseAddress {
      a.withUnsafeBufferPointer { a in
        b.withUnsafeBufferPointer { b in
          if let a = a.baseAddress, let b = b.baseAddress {
            Scalar.gemm(
              transposeA: transposeA, transposeB: transposeB, m: m, n: n, k: k, alpha: alpha, a: a,
              lda: transposeA ? m : k, b: b, ldb: transposeB ? k : n, beta: 0, c: c, ldc: n)
          }
        }
      }
    }
    count = m * n
  }
}

/// `sum_i w_i a_i a_i^T` for the rows `a_i` of a `rows x columns` matrix, as a full symmetric
/// matrix. Weights must not be negative. Cost: `rows columns^2` flops.
public func weightedGram(
  _ a: [Double], weights: [Double], rows: Int, columns: Int
) -> [Double] {
  precondition(a.count == rows * columns && weights.count == rows)
  var scaled = a
  for row in 0..<rows {
    let root = weights[row].squareRoot()
    for column in row * columns..<(row + 1) * columns { scaled[column] *= root }
  }
  return gram(scaled, rows: rows, columns: columns)
}

/// `A^T A` of a `rows x columns` matrix, as a full symmetric matrix. Cost: `rows columns^2` flops.
public func gram(_ a: [Double], rows: Int, columns: Int) -> [Double] {
  var result = upperGram(a, rows: rows, columns: columns)
  for i in 0..<columns {
    for j in 0..<i { result[i * columns + j] = result[j * columns + i] }
  }
  return result
}

/// The upper triangle of `A A^T` of a `rows x columns` matrix, with zeros below it. Cost:
/// `rows^2 columns` flops.
public func upperRowGram(_ a: [Double], rows: Int, columns: Int) -> [Double] {
  precondition(a.count == rows * columns)
  var result = [Double](repeating: 0, count: rows * rows)
  a.withUnsafeBufferPointer { a in
    result.withUnsafeMutableBufferPointer { c in
      if columns > 0, let a = a.baseAddress, let c = c.baseAddress {
        Double.syrk(
          transposeA: false, n: rows, k: columns, alpha: 1, a: a, lda: columns, beta: 0, c: c,
          ldc: rows)
      }
    }
  }
  return result
}

/// The upper triangle of `A^T A` of a `rows x columns` matrix, with zeros below it. Cost:
/// `rows columns^2` flops.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
public func upperGram<Scalar: BLASScalar>(
  _ a: [Scalar], rows: Int, columns: Int
) -> [Scalar] {
  precondition(a.count == rows * columns)
  var result = [Scalar](repeating: 0, count: columns * columns)
  guard rows > 0, columns > 0 else { return result }
  a.withUnsafeBufferPointer { a in
    result.withUnsafeMutableBufferPointer { c in
      if let a = a.baseAddress, let c = c.baseAddress {
        Scalar.syrk(
          transposeA: true, n: columns, k: rows, alpha: 1, a: a, lda: columns, beta: 0, c: c,
          ldc: columns)
      }
    }
  }
  return result
}

/// `op(A) op(B)` on row-major arrays; `op(A)` is `m x k`, `op(B)` is `k x n`, the result `m x n`.
///
/// Bits depend on `BLASRuntime.coreName` and on the batch shape `m`, not on the thread.
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
  mirror(&result, size: columns)
  return result
}

/// `A A^T` of a `rows x columns` matrix, as a full symmetric matrix. Cost: `rows^2 columns` flops.
public func rowGram(_ a: [Double], rows: Int, columns: Int) -> [Double] {
  var result = upperRowGram(a, rows: rows, columns: columns)
  mirror(&result, size: rows)
  return result
}

/// Copies the upper triangle to the lower one.
private func mirror(_ matrix: inout [Double], size: Int) {
  for i in 0..<size {
    for j in 0..<i { matrix[i * size + j] = matrix[j * size + i] }
  }
}

/// The upper triangle of `A A^T` of a `rows x columns` matrix, with zeros below it. Cost:
/// `rows^2 columns` flops.
public func upperRowGram(_ a: [Double], rows: Int, columns: Int) -> [Double] {
  precondition(a.count == rows * columns)
  var result = [Double](repeating: 0, count: rows * rows)
  addUpperProducts(a, transposeA: false, n: rows, k: columns, lda: columns, beta: 0, to: &result)
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
  addUpperProducts(a, transposeA: true, n: columns, k: rows, lda: columns, beta: 0, to: &result)
  return result
}

/// Adds the upper triangle of `A A^T` to `beta C`, an `n x n` matrix, where `A` holds the first
/// `count` numbers of each of `n` lines, `stride` apart. What lies below the diagonal of `C` stays.
/// Cost: `n^2 count` flops.
public func addUpperLineGram(
  _ lines: [Float], n: Int, count: Int, stride: Int, beta: Float, to c: inout [Float]
) {
  precondition(count <= stride && lines.count >= n * stride && c.count == n * n)
  addUpperProducts(lines, transposeA: false, n: n, k: count, lda: stride, beta: beta, to: &c)
}

/// `syrk` on arrays that hold what it reads and writes.
private func addUpperProducts<Scalar: BLASScalar>(
  _ a: [Scalar], transposeA: Bool, n: Int, k: Int, lda: Int, beta: Scalar, to c: inout [Scalar]
) {
  guard n > 0, lda > 0 else { return }
  a.withUnsafeBufferPointer { a in
    c.withUnsafeMutableBufferPointer { c in
      guard let a = a.baseAddress, let c = c.baseAddress else { return }
      Scalar.syrk(
        transposeA: transposeA, n: n, k: k, alpha: 1, a: a, lda: lda, beta: beta, c: c, ldc: n)
    }
  }
}

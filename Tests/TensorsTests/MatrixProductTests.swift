import CKernels
import Tensors
import Testing

@Suite struct MatrixProductTests {
  private func values(_ count: Int, site: Int) -> [Double] {
    RandomStream(key: RandomKey(seed: 81), row: 0, site: site).normals(from: 0, count: count)
      .map(Double.init)
  }

  private func naive(
    _ a: [Double], _ b: [Double], m: Int, n: Int, k: Int, transposeA: Bool, transposeB: Bool
  ) -> [Double] {
    var c = [Double](repeating: 0, count: m * n)
    for i in 0..<m {
      for j in 0..<n {
        for l in 0..<k {
          c[i * n + j] +=
            (transposeA ? a[l * m + i] : a[i * k + l]) * (transposeB ? b[j * k + l] : b[l * n + j])
        }
      }
    }
    return c
  }

  /// Tolerance: `k` roundings of terms below 16 in size.
  @Test(arguments: [(1, 1, 1), (1, 5, 3), (7, 1, 9), (13, 17, 19), (64, 33, 40)], [0, 1, 2, 3])
  func productMatchesLoops(shape: (Int, Int, Int), transposes: Int) {
    let (m, n, k) = shape
    let transposeA = transposes % 2 == 1
    let transposeB = transposes / 2 == 1
    let a = values(m * k, site: 0)
    let b = values(k * n, site: 1)
    let expected = naive(a, b, m: m, n: n, k: k, transposeA: transposeA, transposeB: transposeB)
    let double = matrixProduct(
      a, b, m: m, n: n, k: k, transposeA: transposeA, transposeB: transposeB)
    let float = matrixProduct(
      a.map(Float.init), b.map(Float.init), m: m, n: n, k: k, transposeA: transposeA,
      transposeB: transposeB, alpha: 2)
    #expect(double.count == m * n && float.count == m * n)
    for i in expected.indices {
      #expect(abs(double[i] - expected[i]) <= 16 * Double(k) * 0x1p-53)
      #expect(abs(Double(float[i]) - 2 * expected[i]) <= 32 * Double(k) * 0x1p-24)
    }
  }

  /// Sizes that go past BLAS where the CPU has AVX2 or AVX-512: whole and partial tiles, lines 1,024 numbers
  /// apart, more than 1,024 terms or columns. Integers, so that every order of a sum gives the same
  /// number.
  @Test(
    arguments: [
      (32, 32, 32), (47, 81, 33), (141, 45, 40), (33, 48, 1024), (60, 1060, 35),
      (32, 35, 2100), (300, 33, 40),
    ],
    [0, 1, 2, 3])
  func largerProductsOfIntegersAreExact(shape: (Int, Int, Int), transposes: Int) {
    let (m, n, k) = shape
    let transposeA = transposes % 2 == 1
    let transposeB = transposes / 2 == 1
    let a = values(m * k, site: 8).map { (4 * $0).rounded() }
    let b = values(k * n, site: 9).map { (4 * $0).rounded() }
    let expected = naive(a, b, m: m, n: n, k: k, transposeA: transposeA, transposeB: transposeB)
    func check<Scalar: BLASScalar>(_ type: Scalar.Type) {
      let (left, right) = (a.map { Scalar($0) }, b.map { Scalar($0) })
      let found = matrixProduct(
        left, right, m: m, n: n, k: k, transposeA: transposeA, transposeB: transposeB, alpha: 0.5)
      let same = found.map { 2 * Double($0) } == expected
      #expect(same)
      // Lines further apart than they are long, and a sum with what was there.
      let stride = n + 3
      var sums = [Scalar](repeating: 3, count: m * stride)
      Scalar.gemm(
        transposeA: transposeA, transposeB: transposeB, m: m, n: n, k: k, alpha: -1, a: left,
        lda: transposeA ? m : k, b: right, ldb: transposeB ? k : n, beta: 2, c: &sums,
        ldc: stride)
      let added = sums.indices.allSatisfy { index in
        let (i, j) = index.quotientAndRemainder(dividingBy: stride)
        return Double(sums[index]) == (j < n ? 6 - expected[i * n + j] : 3)
      }
      #expect(added)
    }
    check(Float.self)
    check(Double.self)
  }

  /// Our products have the bits of a loop of fused multiply-adds over parts of 1,024 terms, at every level: so
  /// they depend neither on the CPU nor on how many rows are multiplied at once.
  @Test(
    .enabled(if: gf_product_level() > 0),
    arguments: [
      (32, 32, 32), (47, 81, 33), (141, 45, 1024), (60, 1060, 35), (33, 35, 2100), (300, 9, 40),
      (1, 7, 5), (13, 3, 1),
    ],
    [0, 1, 2, 3])
  func productsHaveTheBitsOfALoop(shape: (Int, Int, Int), transposes: Int) {
    let (m, n, k) = shape
    let (transposeA, transposeB) = (transposes % 2 == 1, transposes / 2 == 1)
    let a = values(m * k, site: 10).map(Float.init)
    let b = values(k * n, site: 11).map(Float.init)
    var expected = [Float](repeating: 0, count: m * n)
    for i in 0..<m {
      for j in 0..<n {
        for start in stride(from: 0, to: k, by: 1024) {
          var part: Float = 0
          for l in start..<min(k, start + 1024) {
            part.addProduct(
              transposeA ? a[l * m + i] : a[i * k + l], transposeB ? b[j * k + l] : b[l * n + j])
          }
          expected[i * n + j] += part
        }
      }
    }
    for level in 3...gf_product_level() {
      var found = [Float](repeating: .nan, count: m * n)
      let served = gf_product_f32_at(
        level, transposeA ? 1 : 0, transposeB ? 1 : 0, m, n, k, 1, a, transposeA ? m : k, b,
        transposeB ? k : n, 0, &found, n)
      #expect(served == 1 && found == expected, "level \(level)")
    }
  }

  /// A row has the same bits however many rows are multiplied with it: OpenBLAS does not keep this on CPUs
  /// with AVX2 alone, so products in both precisions are ours there.
  @Test(
    .enabled(if: gf_product_level() == 3), arguments: [1, 5, 12, 33, 70], [3, 12, 20, 65, 1100])
  func rowsDoNotDependOnTheirNumber(n: Int, k: Int) {
    let m = 50
    let (a, b) = (values(m * k, site: 12), values(k * n, site: 13))
    let (floatA, floatB) = (a.map(Float.init), b.map(Float.init))
    for transposeB in [false, true] {
      let whole = matrixProduct(a, b, m: m, n: n, k: k, transposeB: transposeB)
      let wholeFloat = matrixProduct(floatA, floatB, m: m, n: n, k: k, transposeB: transposeB)
      for rows in [1, 2, 5, 6, 7, 11, 31, 49] {
        let some = matrixProduct(
          Array(a[..<(rows * k)]), b, m: rows, n: n, k: k, transposeB: transposeB)
        #expect(some[...] == whole[..<(rows * n)])
        let someFloat = matrixProduct(
          Array(floatA[..<(rows * k)]), floatB, m: rows, n: n, k: k, transposeB: transposeB)
        #expect(someFloat[...] == wholeFloat[..<(rows * n)])
      }
    }
  }

  @Test func emptyProducts() {
    #expect(matrixProduct([Double](), [1, 2], m: 0, n: 2, k: 1).isEmpty)
    #expect(matrixProduct([Double](), [], m: 2, n: 2, k: 0) == [0, 0, 0, 0])
    #expect(gram([], rows: 0, columns: 2) == [0, 0, 0, 0])
    #expect(gram([], rows: 3, columns: 0).isEmpty)
  }

  @Test(arguments: [(1, 1), (9, 4), (50, 21)])
  func gramMatchesLoops(shape: (Int, Int)) {
    let (rows, columns) = shape
    let a = values(rows * columns, site: 2)
    let weights = values(rows, site: 3).map(abs)
    let plain = gram(a, rows: rows, columns: columns)
    let weighted = weightedGram(a, weights: weights, rows: rows, columns: columns)
    for i in 0..<columns {
      for j in 0..<columns {
        var sum = 0.0
        var weightedSum = 0.0
        for row in 0..<rows {
          let product = a[row * columns + i] * a[row * columns + j]
          sum += product
          weightedSum += weights[row] * product
        }
        #expect(abs(plain[i * columns + j] - sum) <= 16 * Double(rows) * 0x1p-53)
        #expect(abs(weighted[i * columns + j] - weightedSum) <= 64 * Double(rows) * 0x1p-53)
      }
    }
  }

  /// Lines of 5 numbers 7 apart, added to half of a matrix of threes; nothing below its diagonal.
  @Test func lineGramMatchesLoops() {
    let (n, count, stride) = (4, 5, 7)
    let lines = values(n * stride, site: 6).map(Float.init)
    var sums = [Float](repeating: 3, count: n * n)
    addUpperLineGram(lines, n: n, count: count, stride: stride, beta: 0.5, to: &sums)
    for i in 0..<n {
      for j in 0..<n {
        let dot = (0..<count).reduce(0.0) {
          $0 + Double(lines[i * stride + $1]) * Double(lines[j * stride + $1])
        }
        let expected = i <= j ? 1.5 + dot : 3
        #expect(abs(Double(sums[i * n + j]) - expected) <= 16 * Double(count) * 0x1p-24)
      }
    }
  }

  @Test func rowGramMatchesLoops() {
    let (rows, columns) = (6, 11)
    let a = values(rows * columns, site: 7)
    let found = upperRowGram(a, rows: rows, columns: columns)
    let expected = naive(
      a, a, m: rows, n: rows, k: columns, transposeA: false, transposeB: true)
    for i in 0..<rows {
      for j in 0..<rows {
        let value = i <= j ? expected[i * rows + j] : 0
        #expect(abs(found[i * rows + j] - value) <= 16 * Double(columns) * 0x1p-53)
      }
    }
    #expect(upperRowGram([], rows: 0, columns: 2).isEmpty)
    #expect(upperRowGram([], rows: 2, columns: 0) == [0, 0, 0, 0])
    #expect(upperGram([Float](), rows: 0, columns: 2) == [0, 0, 0, 0])
  }

  @Test func dotMatchesLoops() {
    let a = values(101, site: 4)
    let b = values(101, site: 5)
    let expected = zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
    #expect(abs(Double.dot(101, a, b) - expected) <= 16 * 101 * 0x1p-53)
    let float = Float.dot(101, a.map(Float.init), b.map(Float.init))
    #expect(abs(Double(float) - expected) <= 16 * 101 * 0x1p-24)
  }
}

import Foundation
import Tensors
import Testing

@Suite struct VectorMathRowsTests {
  private func logits(_ count: Int) -> [Double] {
    RandomStream(key: RandomKey(seed: 61), row: 0, site: 0).normals(from: 0, count: count)
      .map { 8 * Double($0) }
  }

  /// Both row layouts (short rows side by side, long rows in lanes) against the formula.
  @Test(arguments: [1, 2, 3, 16, 64, 65, 100, 256, 1000])
  func softmaxAndLogSoftmax(categories: Int) {
    let rows = 37
    let x = logits(rows * categories)
    var soft = x
    VectorMath.softmax(&soft, categories: categories)
    var log = x
    VectorMath.logSoftmax(&log, categories: categories)
    let floats = x.map(Float.init)
    var softFloats = floats
    VectorMath.softmax(&softFloats, categories: categories)
    var logFloats = floats
    VectorMath.logSoftmax(&logFloats, categories: categories)
    for row in 0..<rows {
      let range = row * categories..<(row + 1) * categories
      let top = x[range].max() ?? 0
      let sum = x[range].reduce(0) { $0 + Foundation.exp($1 - top) }
      for i in range {
        let exact = x[i] - top - Foundation.log(sum)
        #expect(abs(log[i] - exact) <= 1e-14 * max(1, abs(exact)))
        #expect(abs(soft[i] / Foundation.exp(exact) - 1) <= 2e-14)
        #expect(abs(Double(logFloats[i]) - exact) <= 1e-6 * max(4, abs(exact)))
        #expect(abs(Double(softFloats[i]) - Foundation.exp(exact)) <= 4e-6 * Foundation.exp(exact))
      }
      #expect(abs(soft[range].reduce(0, +) - 1) < 1e-14)
    }
  }

  @Test(arguments: [4, 100])
  func softmaxIsStableAndTakesMinusInfinity(categories: Int) {
    var x = [Double](repeating: -.infinity, count: categories)
    x[1] = 1e300
    x[2] = 1e300
    var log = x
    VectorMath.softmax(&x, categories: categories)
    VectorMath.logSoftmax(&log, categories: categories)
    #expect(x[0] == 0 && x[1] == 0.5 && x[2] == 0.5 && x[3] == 0)
    #expect(log[0] == -.infinity && abs(log[1] + Foundation.log(2)) < 1e-15)
    var bad = [Float](repeating: 0, count: categories)
    bad[1] = .nan
    VectorMath.logSoftmax(&bad, categories: categories)
    #expect(bad.allSatisfy { $0.isNaN })
  }

  /// A maximum missed anywhere in the row would overflow.
  @Test(arguments: [2, 17, 64, 65, 100, 300])
  func theLargestMayStandAnywhere(categories: Int) {
    var x = [Double](repeating: 0, count: categories * categories)
    for row in 0..<categories { x[row * categories + row] = 1e5 }
    let expected = x.map { $0 / 1e5 }
    var floats = x.map(Float.init)
    VectorMath.softmax(&x, categories: categories)
    VectorMath.softmax(&floats, categories: categories)
    #expect(x == expected)
    #expect(floats.map(Double.init) == expected)
  }

  @Test(arguments: [1, 2, 15, 16, 17, 255, 256, 257, 784])
  func softplusSums(columns: Int) {
    let rows = 5
    let y = logits(rows * columns)
    let sums = VectorMath.softplusRowSums(y, columns: columns)
    let floatSums = VectorMath.softplusRowSums(y.map(Float.init), columns: columns)
    for row in 0..<rows {
      let exact = y[row * columns..<(row + 1) * columns].reduce(0) {
        $0 + max($1, 0) + log1p(Foundation.exp(-abs($1)))
      }
      #expect(abs(sums[row] - exact) <= 3e-15 * exact)
      #expect(abs(floatSums[row] - exact) <= 4e-7 * exact)
    }
  }

  /// Single terms, in units in the last place, where log(1 + e) is hard: small and mid-size e.
  @Test func softplusTerms() {
    let y = (0..<4000).map { -45 + 0.0225 * Double($0) }
    let terms = VectorMath.softplusRowSums(y, columns: 1)
    for (value, term) in zip(y, terms) {
      let exact = max(value, 0) + log1p(Foundation.exp(-abs(value)))
      #expect(abs(term - exact) <= 3 * exact.ulp)
    }
    let extremes: [Double] = [-.infinity, .infinity, 0, 800, -800]
    let ends = VectorMath.softplusRowSums(extremes, columns: 1)
    #expect(ends == [0, .infinity, Foundation.log(2.0), 800, 0])
  }

  @Test func emptyArrays() {
    var none: [Double] = []
    VectorMath.softmax(&none, categories: 3)
    VectorMath.logSoftmax(&none, categories: 3)
    VectorMath.exp(&none)
    #expect(none.isEmpty && VectorMath.softplusRowSums(none, columns: 0).isEmpty)
  }
}

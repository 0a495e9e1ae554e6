import Tensors
import Testing

@Suite struct JointCodeGradientsTests {
  private let stream = RandomStream(key: RandomKey(seed: 19), row: 0, site: 7)

  /// Widths around whole vectors of every instruction set, rows around whole tiles; a joint code without
  /// active units in either layer, too.
  @Test(arguments: [1, 3, 8, 16, 17, 32, 33, 48, 75])
  func gradientsAreMaskedProducts(width: Int) {
    for rows in [1, 7, 9] {
      let sizes = GradientSizes(rows: rows, width: width, first: 29, second: 41)
      check(sizes, Double.self, tolerance: 1e-12)
      check(sizes, Float.self, tolerance: 1e-4)
    }
  }

  private func check<Scalar: LayerScalar>(
    _ sizes: GradientSizes, _ type: Scalar.Type, tolerance: Double
  ) {
    let jointCodes = 4
    let (first, second) = (sizes.first, sizes.second)
    var site: UInt64 = 0
    func numbers(_ count: Int) -> [Scalar] {
      site += 1
      return stream.normals(from: site << 16, count: count).map { Scalar($0) }
    }
    let w1 = numbers(sizes.width * first)
    let w2 = numbers(first * second)
    let data = numbers(sizes.rows * second)
    let shared = numbers(jointCodes * second)
    var y1 = numbers(jointCodes * first).map { max(0, $0) }
    var y2 = numbers(jointCodes * second).map { max(0, $0) }
    for unit in 0..<first { y1[2 * first + unit] = 0 }
    for unit in 0..<second { y2[3 * second + unit] = 0 }

    // Joint codes in two calls, into the middle of a larger array whose rest stays as it was.
    let stride = jointCodes * sizes.width + 5
    var out = [Scalar](repeating: 777, count: sizes.rows * stride)
    var gradients = JointCodeGradients(sizes, w1: w1, w2: w2, data: data)
    for (from, count) in [(0, 1), (1, 3)] {
      out.withUnsafeMutableBufferPointer {
        guard let base = $0.baseAddress else { return }
        gradients.write(
          jointCodes: count, first: Array(y1[from * first..<(from + count) * first]),
          second: Array(y2[from * second..<(from + count) * second]),
          shared: Array(shared[from * second..<(from + count) * second]),
          into: base + from * sizes.width, stride: stride)
      }
    }
    var expected = [Double](repeating: 777, count: out.count)
    for row in 0..<sizes.rows {
      for jointCode in 0..<jointCodes {
        for input in 0..<sizes.width {
          var sum = 0.0
          for lower in 0..<first where y1[jointCode * first + lower] > 0 {
            for upper in 0..<second where y2[jointCode * second + upper] > 0 {
              let weight =
                Double(w1[input * first + lower]) * Double(w2[lower * second + upper])
              sum +=
                weight
                * (Double(shared[jointCode * second + upper]) - Double(data[row * second + upper]))
            }
          }
          expected[row * stride + jointCode * sizes.width + input] = sum
        }
      }
    }
    // Sums of 400 terms of size 2.
    for index in out.indices { #expect(abs(Double(out[index]) - expected[index]) < 20 * tolerance) }
  }
}

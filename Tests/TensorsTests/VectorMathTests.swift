import Foundation
import Tensors
import Testing

@Suite struct VectorMathTests {
  /// Points in `range`, evenly spaced and shifted by random amounts.
  private func points(_ range: ClosedRange<Double>, _ count: Int = 100_000) -> [Double] {
    let shifts = RandomStream(key: RandomKey(seed: 51), row: 0, site: 0).uniforms(
      from: 0, count: count)
    let step = (range.upperBound - range.lowerBound) / Double(count)
    return shifts.indices.map { range.lowerBound + step * (Double($0) + Double(shifts[$0])) }
  }

  private func worst(_ values: [Double], _ exact: [Double]) -> Double {
    zip(values, exact).map { abs($0 - $1) / $1.ulp }.max() ?? 0
  }

  private func worst(_ values: [Float], _ exact: [Double]) -> Double {
    zip(values, exact).map { abs(Double($0) - $1) / Double(Float($1).ulp) }.max() ?? 0
  }

  /// The reference in double has itself up to 0.52 units of error.
  @Test(arguments: [-1.0...1, -30...30, -707...709])
  func expOfDoubles(range: ClosedRange<Double>) {
    let x = points(range)
    var y = x
    VectorMath.exp(&y)
    #expect(worst(y, x.map { Foundation.exp($0) }) <= 1)
  }

  @Test(arguments: [-1.0...1, -87...88.7])
  func expOfFloats(range: ClosedRange<Double>) {
    let x = points(range).map(Float.init)
    var y = x
    VectorMath.exp(&y)
    #expect(worst(y, x.map { Foundation.exp(Double($0)) }) <= 1)
  }

  @Test(arguments: [0.5...2, 1e-6...1, 1...1e6, 1e-300...1e-290, 0.999...1.001])
  func logOfDoubles(range: ClosedRange<Double>) {
    let x = points(range)
    var y = x
    VectorMath.log(&y)
    #expect(worst(y, x.map { Foundation.log($0) }) <= 1)
  }

  @Test(arguments: [0.5...2, 1e-6...1, 1...1e6, 1e-37...1e-36, 0.999...1.001])
  func logOfFloats(range: ClosedRange<Double>) {
    let x = points(range).map(Float.init)
    var y = x
    VectorMath.log(&y)
    #expect(worst(y, x.map { Foundation.log(Double($0)) }) <= 1)
  }

  @Test func extremesOfExp() {
    var d: [Double] = [0, -.infinity, .infinity, .nan, 710, 1e300, -746, -1e300, -740, -0.0]
    VectorMath.exp(&d)
    #expect(d[0] == 1 && d[1] == 0 && d[2] == .infinity && d[3].isNaN && d[4] == .infinity)
    #expect(d[5] == .infinity && d[6] == 0 && d[7] == 0 && d[9] == 1)
    #expect(abs(d[8] - Foundation.exp(-740)) <= Double.leastNonzeroMagnitude)
    var f: [Float] = [0, -.infinity, .infinity, .nan, 89, 3e38, -104.5, -3e38, -100]
    VectorMath.exp(&f)
    #expect(f[0] == 1 && f[1] == 0 && f[2] == .infinity && f[3].isNaN && f[4] == .infinity)
    #expect(f[5] == .infinity && f[6] == 0 && f[7] == 0)
    #expect(abs(f[8] - Float(Foundation.exp(-100.0))) <= Float.leastNonzeroMagnitude)
  }

  @Test func extremesOfLog() {
    var d: [Double] = [1, 0, -0.0, -1, .infinity, .nan, 0x1p-1074, 0x1p-1030, -.infinity]
    VectorMath.log(&d)
    #expect(d[0] == 0 && d[1] == -.infinity && d[2] == -.infinity && d[3].isNaN)
    #expect(d[4] == .infinity && d[5].isNaN && d[8].isNaN)
    #expect(worst([d[6], d[7]], [Foundation.log(0x1p-1074), Foundation.log(0x1p-1030)]) <= 1)
    var f: [Float] = [1, 0, -0.0, -1, .infinity, .nan, 0x1p-149, -.infinity]
    VectorMath.log(&f)
    #expect(f[0] == 0 && f[1] == -.infinity && f[2] == -.infinity && f[3].isNaN)
    #expect(f[4] == .infinity && f[5].isNaN && f[7].isNaN)
    #expect(worst([f[6]], [Foundation.log(Double(Float(0x1p-149)))]) <= 1)
  }

  @Test func sigmoid() {
    let x = points(-30...30) + points(-700...(-600), 1000)
    var y = x
    VectorMath.sigmoid(&y)
    #expect(worst(y, x.map { 1 / (1 + Foundation.exp(-$0)) }) <= 4)
    let narrow = points(-80...80).map(Float.init)
    var f = narrow
    VectorMath.sigmoid(&f)
    #expect(worst(f, narrow.map { 1 / (1 + Foundation.exp(-Double($0))) }) <= 3)
    var ends: [Double] = [-.infinity, .infinity, .nan, 0]
    VectorMath.sigmoid(&ends)
    #expect(ends[0] == 0 && ends[1] == 1 && ends[2].isNaN && ends[3] == 0.5)
  }
}

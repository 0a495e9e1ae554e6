import Tensors
import Testing

/// The elementwise steps of dense networks against plain loops; equal to the bit, because the
/// operations and their order are the same.
@Suite struct LayerKernelTests {
  private let stream = RandomStream(key: RandomKey(seed: 91), row: 0, site: 0)

  private func values(_ count: Int, from first: UInt64 = 0) -> [Float] {
    stream.normals(from: first, count: count)
  }

  @Test func gateBlocksWhatIsNotPositive() {
    var x: [Double] = [1, 2, 3, 4]
    Double.gate(&x, by: [1, 0, -1, .nan])
    #expect(x == [1, 0, 0, 0])
    var y = values(1003)
    let gates = values(1003, from: 5000)
    let wanted = zip(y, gates).map { $1 > 0 ? $0 : 0 }
    Float.gate(&y, by: gates)
    #expect(y == wanted)
  }

  @Test func addRowAndRectify() {
    var x: [Double] = [-1, 0, 2, -.infinity, .infinity, .nan]
    Double.addRow(&x, [0.5, -0.5], rectified: true)
    #expect(Array(x[..<5]) == [0, 0, 2.5, 0, .infinity] && x[5].isNaN)
    var y = values(37 * 5)
    let row = values(37, from: 9000)
    let wanted = y.indices.map { y[$0] + row[$0 % 37] }
    Float.addRow(&y, row, rectified: false)
    #expect(y == wanted)
  }

  @Test func residualIsSigmoidLessData() {
    var y = values(6 * 33).map { 10 * $0 }
    let data = values(3 * 33, from: 400)
    let rows: [Int32] = [2, 0, 1, 1, 2, 0]
    var sigmoid = y
    VectorMath.sigmoid(&sigmoid)
    let wanted = y.indices.map { sigmoid[$0] - data[Int(rows[$0 / 33]) * 33 + $0 % 33] }
    Float.sigmoidResidual(&y, data: data, rows: rows, columns: 33)
    #expect(y == wanted)
  }

  /// Few and many rows take different ways through memory, whole and broken blocks of columns too.
  @Test(arguments: [1, 5, 64, 131], [1, 16, 40, 128])
  func gatheredSums(rows: Int, columns: Int) {
    let (latents, categories) = (7, 3)
    let table = values(latents * categories * columns)
    let start = values(columns, from: 30_000)
    let codes = stream.uniforms(from: 60_000, count: rows * latents).map { Int32($0 * 3) }
    for rectified in [false, true] {
      let found = Float.gatheredSums(
        table, start: start, codes: codes, latents: latents, categories: categories,
        rectified: rectified)
      var wanted: [Float] = []
      for row in 0..<rows {
        for column in 0..<columns {
          var sum = start[column]
          for latent in 0..<latents {
            let line = latent * categories + Int(codes[row * latents + latent])
            sum += table[line * columns + column]
          }
          wanted.append(rectified && sum <= 0 ? 0 : sum)
        }
      }
      #expect(found == wanted)
    }
  }

  @Test func lineSquares() {
    let (lines, count, stride) = (3, 37, 48)
    let x = values(lines * stride)
    var sums = [Double](repeating: 0.5, count: lines)
    Float.addLineSquares(x, count: count, stride: stride, to: &sums)
    var wide = [Double](repeating: 0.5, count: lines)
    Double.addLineSquares(x.map { Double($0) }, count: count, stride: stride, to: &wide)
    for line in 0..<lines {
      let squares = x[line * stride..<line * stride + count].map { Double($0) * Double($0) }
      let wanted = 0.5 + squares.reduce(0, +)
      #expect(abs(sums[line] - wanted) < 1e-6 * wanted)
      #expect(abs(wide[line] - wanted) < 1e-14 * wanted)
    }
  }
}

import CKernels
import Tensors
import Testing

/// Every kernel returns the same bits at every instruction-set level.
///
/// The level is one setting for the whole process, so these tests run one after the other; other
/// tests are indifferent to it for the very reason tested here.
@Suite(.serialized) struct LevelIdentityTests {
  private let stream = RandomStream(key: RandomKey(seed: 71), row: 2, site: 3)

  /// Results at each level the CPU has; NaN counts as one value.
  private func atEachLevel(_ compute: () -> [Double]) -> [[UInt64]] {
    defer { gf_set_level(0) }
    return [Int32(1), 3, 4].map { level in
      gf_set_level(level)
      return compute().map { $0.isNaN ? UInt64.max : $0.bitPattern }
    }
  }

  private func expectSame(_ name: Comment, _ compute: () -> [Double]) {
    let results = atEachLevel(compute)
    let differing = results[0].indices.filter {
      results[0][$0] != results[1][$0] || results[0][$0] != results[2][$0]
    }
    #expect(differing.isEmpty, name)
    #expect(!results[0].isEmpty, name)
  }

  private var doubles: [Double] {
    stream.normals(from: 0, count: 40_000).map { 20 * Double($0) }
      + [0, -0.0, .infinity, -.infinity, .nan, 0x1p-1030, 0x1p-1074, 709.7, 710, -745, -746, 1e300]
      + stream.uniforms(from: 1 << 20, count: 4000).map(Double.init)
  }

  private var floats: [Float] {
    stream.normals(from: 0, count: 40_000).map { 20 * $0 }
      + [0, -0.0, .infinity, -.infinity, .nan, 0x1p-133, 0x1p-149, 88.7, 89, -103, -105, 1e38]
      + stream.uniforms(from: 1 << 20, count: 4000)
  }

  @Test func levelsCanBeForced() {
    let best = gf_set_level(0)
    #expect(gf_level() == best)
    #expect(gf_set_level(1) == 1)
    #expect(gf_level() == 1)
    #expect(gf_set_level(4) == best)
    if best >= 3 { #expect(gf_set_level(3) == 3) }
    gf_set_level(0)
  }

  @Test func streams() {
    expectSame("words") { stream.words(from: 3, count: 9001).map(Double.init) }
    expectSame("uniforms") { stream.uniforms(from: 3, count: 9001).map(Double.init) }
    expectSame("exponentials") { stream.exponentials(from: 3, count: 90_001).map(Double.init) }
    expectSame("gumbels") { stream.gumbels(from: 3, count: 90_001).map(Double.init) }
    expectSame("normals") { stream.normals(from: 3, count: 90_001).map(Double.init) }
  }

  @Test func samplers() {
    let uniforms = stream.uniforms(from: 0, count: 9000)
    let exponentials = stream.exponentials(from: 0, count: 9000)
    for categories in [1, 2, 5, 300] {
      var log = stream.normals(from: 5, count: 3 * categories).map { 4 * Double($0) }
      VectorMath.logSoftmax(&log, categories: categories)
      var probabilities = log
      VectorMath.exp(&probabilities)
      expectSame("codes") {
        CategoricalSampler.codes(
          probabilities: probabilities, latents: 3, categories: categories, uniforms: uniforms
        ).map(Double.init)
      }
      let draws = 9000 / (3 * categories)
      let codes = (0..<3 * draws).map { Int32($0 % categories) }
      expectSame("conditional") {
        CategoricalSampler.conditionalPerturbed(
          logProbabilities: log, codes: codes,
          exponentials: Array(exponentials[..<(3 * draws * categories)]), latents: 3,
          categories: categories)
      }
      expectSame("argmax") {
        CategoricalSampler.argmax(
          Array(doubles[..<(9000 / categories * categories)]), categories: categories
        ).map(Double.init)
      }
    }
  }

  @Test func jointSumsOfTables() {
    let x = stream.normals(from: 9, count: 2000).map { Double($0) }
    expectSame("joint sums") {
      jointSums(
        front: Array(x[..<18]), back: Array(x[100..<166]), shared: Array(x[200..<266]),
        own: Array(x[300..<399]), rows: 6, columns: 33)
    }
    expectSame("outer sums") { outerSums(Array(x[..<57]), x[100..<176], columns: 19) }
    for categories in [3, 4] {
      expectSame("code sums") {
        codeSums(
          Array(x[..<(5 * 4 * categories)]), latents: 1..<4, of: 4, categories: categories,
          starts: Array(x[500..<505]))
      }
    }
    expectSame("cubes") {
      var (u, values) = (Array(x[..<190]), Array(x[500..<510]))
      addCubes(of: &u, to: &values)
      return u + values
    }
    expectSame("contractions") {
      let (rows, columns) = contractions(
        Array(x[..<299]), rows: Array(x[300..<313]), columns: Array(x[400..<423]))
      return rows + columns
    }
  }

  @Test func finiteness() {
    let finite = doubles.filter(\.isFinite)
    expectSame("finite") { [1, 3, 16, 17, 44_000].map { allFinite(Array(finite[..<$0])) ? 1 : 0 } }
    expectSame("not finite") {
      (0..<41).map { place in
        var x = Array(finite[..<41])
        x[place] = [.infinity, -.infinity, .nan][place % 3]
        return allFinite(x) ? 1 : 0
      }
    }
  }

  @Test func elementwise() {
    let inputs = doubles
    let doubleFunctions: [(inout [Double]) -> Void] = [
      { VectorMath.exp(&$0) }, { VectorMath.log(&$0) }, { VectorMath.sigmoid(&$0) },
      { x in Double.addRow(&x, [0.25], rectified: true) },
    ]
    for function in doubleFunctions {
      expectSame("double") {
        var x = inputs
        function(&x)
        return x
      }
    }
    let floatInputs = floats
    let floatFunctions: [(inout [Float]) -> Void] = [
      { VectorMath.exp(&$0) }, { VectorMath.log(&$0) }, { VectorMath.sigmoid(&$0) },
      { x in Float.addRow(&x, [0.25], rectified: true) },
    ]
    for function in floatFunctions {
      expectSame("float") {
        var x = floatInputs
        function(&x)
        return x.map(Double.init)
      }
    }
  }

  @Test(arguments: [1, 2, 16, 64, 65, 300])
  func rows(categories: Int) {
    let x = Array(doubles[..<(36_000 / categories * categories)])
    let f = x.map(Float.init)
    expectSame("softmax") {
      var y = x
      VectorMath.softmax(&y, categories: categories)
      return y
    }
    expectSame("log-softmax") {
      var y = x
      VectorMath.logSoftmax(&y, categories: categories)
      return y
    }
    expectSame("float softmax") {
      var y = f
      VectorMath.softmax(&y, categories: categories)
      return y.map(Double.init)
    }
    expectSame("float log-softmax") {
      var y = f
      VectorMath.logSoftmax(&y, categories: categories)
      return y.map(Double.init)
    }
    expectSame("softplus") { VectorMath.softplusRowSums(x, columns: categories) }
    expectSame("float softplus") { VectorMath.softplusRowSums(f, columns: categories) }
  }

  @Test func layerSteps() {
    let gates = floats
    let x = Array(gates.reversed())
    expectSame("gate") {
      var y = x
      Float.gate(&y, by: gates)
      return y.map(Double.init)
    }
    let columns = 36
    let rows = x.count / columns
    let whole = Array(x[..<(rows * columns)])
    expectSame("sigmoid residual") {
      var y = whole
      Float.sigmoidResidual(
        &y, data: Array(gates[..<columns]), rows: [Int32](repeating: 0, count: rows),
        columns: columns)
      return y.map(Double.init)
    }
    let codes = stream.uniforms(from: 0, count: 4 * 301).map { Int32($0 * 5) }
    expectSame("gathered sums") {
      Float.gatheredSums(
        Array(whole[..<(4 * 5 * columns)]), start: Array(gates[..<columns]), codes: codes,
        latents: 4, categories: 5, rectified: true
      ).map(Double.init)
    }
  }
}

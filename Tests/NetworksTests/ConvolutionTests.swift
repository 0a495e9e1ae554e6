import Networks
import Testing

/// Convolutions and pooling against loops over the definition.
@Suite struct ConvolutionTests {
  struct Setting: Sendable {
    let input: (c: Int, h: Int, w: Int)
    let out: Int
    let kernel: Int
    let stride: Int
    let padding: Int
    var outputPadding = 0
  }

  static let settings = [
    Setting(input: (1, 1, 1), out: 1, kernel: 1, stride: 1, padding: 0),
    Setting(input: (2, 5, 4), out: 3, kernel: 3, stride: 1, padding: 1),
    Setting(input: (3, 6, 7), out: 2, kernel: 2, stride: 3, padding: 0, outputPadding: 2),
    Setting(input: (1, 4, 9), out: 4, kernel: 4, stride: 2, padding: 3, outputPadding: 1),
    Setting(input: (2, 3, 3), out: 1, kernel: 5, stride: 1, padding: 2),
    Setting(input: (1, 2, 3), out: 2, kernel: 1, stride: 4, padding: 2, outputPadding: 3),
  ]

  /// All `(o, i, u, v, r, c, y, x)` where place `r, c` meets pixel `y, x` by the entry `u, v`.
  private func visit(
    small: (h: Int, w: Int), large: (h: Int, w: Int), _ setting: Setting, a: Int, b: Int,
    _ body: (_ kernel: Int, _ small: Int, _ large: Int) -> Void
  ) {
    let k = setting.kernel
    for i in 0..<a {
      for j in 0..<b {
        for u in 0..<k {
          for v in 0..<k {
            for r in 0..<small.h {
              for c in 0..<small.w {
                let y = r * setting.stride + u - setting.padding
                let x = c * setting.stride + v - setting.padding
                guard y >= 0, y < large.h, x >= 0, x < large.w else { continue }
                body(
                  ((i * b + j) * k + u) * k + v, (i * small.h + r) * small.w + c,
                  (j * large.h + y) * large.w + x)
              }
            }
          }
        }
      }
    }
  }

  private func shape(_ input: (c: Int, h: Int, w: Int)) throws -> TensorShape {
    try TensorShape(channels: input.c, height: input.h, width: input.w)
  }

  @Test(arguments: settings)
  func convolutionFollowsItsDefinition(_ setting: Setting) throws {
    let input = try shape(setting.input)
    let conv = try Convolution(
      input, channels: setting.out, kernel: setting.kernel, stride: setting.stride,
      padding: setting.padding)
    let output = conv.outputShape
    #expect(
      output.height == (input.height + 2 * setting.padding - setting.kernel) / setting.stride + 1)
    let weight = numbers(conv.parameterTensors[0].count, seed: 1)
    let bias = numbers(setting.out, seed: 2)
    let x = numbers(2 * input.count, seed: 3)
    let y = conv.forward(x, rows: 2, parameters: [weight, bias]).output
    for row in 0..<2 {
      var expected = (0..<output.count).map { bias[$0 / output.plane] }
      visit(
        small: (output.height, output.width), large: (input.height, input.width), setting,
        a: setting.out, b: input.channels
      ) { k, small, large in expected[small] += weight[k] * x[row * input.count + large] }
      #expect(difference(Array(y[row * output.count..<(row + 1) * output.count]), expected) < 1e-14)
    }
  }

  @Test(arguments: settings)
  func transposedConvolutionFollowsItsDefinition(_ setting: Setting) throws {
    let input = try shape(setting.input)
    guard
      (input.height - 1) * setting.stride - 2 * setting.padding + setting.kernel
        + setting.outputPadding >= 1
    else {
      #expect(throws: NetworkError.self) { try transposed(input, setting) }
      return
    }
    let conv = try transposed(input, setting)
    let output = conv.outputShape
    let weight = numbers(conv.parameterTensors[0].count, seed: 1)
    let bias = numbers(setting.out, seed: 2)
    let x = numbers(input.count, seed: 3)
    var expected = (0..<output.count).map { bias[$0 / output.plane] }
    visit(
      small: (input.height, input.width), large: (output.height, output.width), setting,
      a: input.channels, b: setting.out
    ) { k, small, large in expected[large] += weight[k] * x[small] }
    let y = conv.forward(x, rows: 1, parameters: [weight, bias]).output
    #expect(difference(y, expected) < 1e-14)
  }

  private func transposed(
    _ input: TensorShape, _ setting: Setting
  ) throws -> TransposedConvolution {
    try TransposedConvolution(
      input, channels: setting.out, kernel: setting.kernel, stride: setting.stride,
      padding: setting.padding, outputPadding: setting.outputPadding)
  }

  /// `<conv x, y> = <x, conv-transpose y>` with the same weights and no biases.
  @Test(arguments: settings)
  func theTransposedConvolutionIsTheAdjoint(_ setting: Setting) throws {
    let input = try shape(setting.input)
    let conv = try Convolution(
      input, channels: setting.out, kernel: setting.kernel, stride: setting.stride,
      padding: setting.padding)
    let output = conv.outputShape
    // What the stride leaves over at the far end.
    let rest = (input.height + 2 * setting.padding - setting.kernel) % setting.stride
    let back = try TransposedConvolution(
      output, channels: input.channels, kernel: setting.kernel, stride: setting.stride,
      padding: setting.padding, outputPadding: rest)
    guard back.outputShape == input else { return }
    let weight = numbers(conv.parameterTensors[0].count, seed: 1)
    let (x, y) = (numbers(input.count, seed: 3), numbers(output.count, seed: 4))
    let forward = conv.forward(
      x, rows: 1, parameters: [weight, .init(repeating: 0, count: setting.out)])
    let backward = back.forward(
      y, rows: 1, parameters: [weight, .init(repeating: 0, count: input.channels)])
    #expect(abs(dot(forward.output, y) - dot(x, backward.output)) < 1e-12)
  }

  @Test(arguments: [(1, 1), (2, 2), (3, 1), (2, 3), (4, 2)])
  func poolingFollowsItsDefinition(_ kernel: Int, _ stride: Int) throws {
    let input = try TensorShape(channels: 2, height: 5, width: 7)
    let largest = try MaxPool(input, kernel: kernel, stride: stride)
    let mean = try AveragePool(input, kernel: kernel, stride: stride)
    let (h, w) = ((5 - kernel) / stride + 1, (7 - kernel) / stride + 1)
    let x = numbers(2 * input.count, seed: 1)
    let maxima = largest.forward(x, rows: 2, parameters: []).output
    let means = mean.forward(x, rows: 2, parameters: []).output
    #expect(maxima.count == 4 * h * w && largest.outputShape == mean.outputShape)
    for plane in 0..<4 {
      for r in 0..<h {
        for c in 0..<w {
          let window = (0..<kernel * kernel).map {
            x[(plane * 5 + r * stride + $0 / kernel) * 7 + c * stride + $0 % kernel]
          }
          let place = (plane * h + r) * w + c
          #expect(maxima[place] == window.max())
          #expect(abs(means[place] - window.reduce(0, +) / Double(window.count)) < 1e-14)
        }
      }
    }
  }

  @Test func maxPoolTakesTheFirstOfEqualsAndAnyNaN() throws {
    let pool = try MaxPool(TensorShape(channels: 1, height: 2, width: 2), kernel: 2)
    func gradient(_ x: [Double]) -> [Double] {
      let result = pool.forward(x, rows: 1, parameters: [])
      return pool.pullBack([1], result.residual, parameters: [], parts: .input, scale: 1).input
    }
    #expect(gradient([0, 3, 3, 1]) == [0, 1, 0, 0])
    #expect(gradient([0, 3, .nan, 1]) == [0, 0, 1, 0])
    #expect(gradient([.nan, 3, 4, 1]) == [1, 0, 0, 0])
  }

  @Test func windowsMustBeWindows() throws {
    let image = try TensorShape(channels: 1, height: 4, width: 4)
    for (kernel, stride, padding) in [(0, 1, 0), (2, 0, 0), (2, 1, -1), (.max, 1, 0), (2, 1, .max)]
    {
      #expect(throws: NetworkError.self) {
        try Convolution(image, channels: 1, kernel: kernel, stride: stride, padding: padding)
      }
      #expect(throws: NetworkError.self) {
        try TransposedConvolution(
          image, channels: 1, kernel: kernel, stride: stride, padding: padding)
      }
    }
    #expect(throws: NetworkError.self) { try MaxPool(image, kernel: 2, stride: 0) }
    #expect(throws: NetworkError.self) { try AveragePool(image, kernel: 0) }
    #expect(throws: NetworkError.self) {
      try TransposedConvolution(image, channels: 1, kernel: 2, stride: 2, outputPadding: -1)
    }
  }

  @Test func graphsAreNormalised() throws {
    // A path of three nodes: degrees with the node itself 2, 3, 2.
    let path = try SparseMatrix.normalisedAdjacency(
      nodes: 3, edges: [(0, 1), (2, 1), (1, 2), (1, 1)])
    let graph = try GraphPropagation(
      TensorShape(channels: 2, height: 3), adjacency: path)
    let y = graph.forward([1.0, 0, 0, 0, 1, 10], rows: 1, parameters: []).output
    let root = 6.0.squareRoot()
    #expect(difference(y, [0.5, 1 / root, 0, 1 / root, 1 / 3 + 10 / root, 1 / root + 5]) < 1e-15)
    #expect(throws: NetworkError.shape("the edge [1, 3] leaves a graph of 3 nodes")) {
      try SparseMatrix.normalisedAdjacency(nodes: 3, edges: [(3, 1)])
    }
    #expect(throws: NetworkError.self) {
      try SparseMatrix.normalisedAdjacency(nodes: -1, edges: [])
    }
    #expect(throws: NetworkError.self) { try SparseMatrix(size: 2, entries: [(0, 2, 1)]) }
    #expect(throws: NetworkError.self) { try SparseMatrix(size: 2, entries: [(0, 1, .nan)]) }
  }
}

import Discrete
import Tensors

/// Bernoulli negative log-likelihood of data rows under a decoder:
/// `f_b(z) = sum_j softplus(y_j) - x_b . y`, `y = decoder(z)`.
///
/// Entry points are specialised by name: calls through `any CostOracle` would otherwise run the
/// unspecialised code of a generic type, several times slower.
public struct DecoderOracle<Scalar: NetworkScalar>: CostOracle {
  public let shape: LayerShape
  let decoder: ReLUNetwork<Scalar>
  /// `x`, `[rows][pixels]`.
  let data: [Scalar]
  /// `X W^T` with the last layer's weights, `[rows][its inputs]`: the data's part of every
  /// gradient, which no code changes.
  let projectedData: [Scalar]

  /// Points per product. A fixed number: bits of a product depend on its batch shape.
  private static var chunk: Int { 512 }

  /// - Parameters:
  ///   - decoder: three layers, the first with `D K` inputs.
  ///   - data: `[rows][pixels]`.
  init(shape: LayerShape, decoder: ReLUNetwork<Scalar>, data: [Scalar]) {
    precondition(decoder.layers.count == 3 && decoder.layers[0].inputs == shape.width)
    precondition(data.count == shape.rows * decoder.layers[2].outputs)
    self.shape = shape
    self.decoder = decoder
    self.data = data
    projectedData = decoder.layers[2].inputGradient(data, rows: shape.rows)
  }

  /// Pixels of one row.
  var pixels: Int { decoder.layers[2].outputs }

  public var capabilities: OracleCapabilities { OracleCapabilities(sharesCodesAcrossRows: true) }

  /// Cost per point, in flops: `2 (h1 h2 + h1 pixels)`, twice that again with gradients.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func costs(at codes: CodeBlock, gradients: Bool) throws -> CostBlock {
    try evaluate(codes, values: true, gradients: gradients)
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func costs(at points: SoftBlock, gradients: Bool) throws -> CostBlock {
    try evaluate(points, values: true, gradients: gradients)
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func gradients(at codes: CodeBlock) throws -> [Double] {
    try evaluate(codes, values: false, gradients: true).gradients
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func gradients(at points: SoftBlock) throws -> [Double] {
    try evaluate(points, values: false, gradients: true).gradients
  }

  private func evaluate(_ codes: CodeBlock, values: Bool, gradients: Bool) throws -> CostBlock {
    try checkLayer(codes.shape, against: shape)
    let latents = shape.latents
    return evaluate(draws: codes.draws, values: values, gradients: gradients) { points in
      decoder.forward(
        codes: Array(codes.indices[points.lowerBound * latents..<points.upperBound * latents]),
        latents: latents, categories: shape.categories)
    }
  }

  private func evaluate(_ points: SoftBlock, values: Bool, gradients: Bool) throws -> CostBlock {
    try checkLayer(points.shape, against: shape)
    let width = shape.width
    return evaluate(draws: points.draws, values: values, gradients: gradients) { range in
      decoder.forward(
        points.points[range.lowerBound * width..<range.upperBound * width].map { Scalar($0) },
        rows: range.count)
    }
  }

  private func evaluate(
    draws: Int, values: Bool, gradients: Bool, forward: (Range<Int>) -> ReLUNetwork<Scalar>.Pass
  ) -> CostBlock {
    let count = shape.rows * draws
    var block = CostBlock(values: [])
    if values { block.values.reserveCapacity(count) }
    if gradients { block.gradients.reserveCapacity(count * shape.width) }
    for start in stride(from: 0, to: count, by: Self.chunk) {
      let points = start..<min(count, start + Self.chunk)
      let rows = points.map { $0 / draws }
      let pass = forward(points)
      if values {
        block.values += Self.likelihood(pass.output, data: data, rows: rows, pixels: pixels)
      }
      if gradients {
        let delta = Self.residual(pass.output, data: data, rows: rows, pixels: pixels)
        block.gradients += decoder.inputGradient(delta, pass).map { Double($0) }
      }
    }
    return block
  }

  /// `sum_j softplus(y_j) - x_row . y` of each row of `y`.
  static func likelihood(
    _ y: [Scalar], data: [Scalar], rows: [Int], pixels: Int
  ) -> [Double] {
    var values = Scalar.softplusRowSums(y, columns: pixels)
    y.withUnsafeBufferPointer { y in
      data.withUnsafeBufferPointer { data in
        guard let y = y.baseAddress, let data = data.baseAddress else { return }
        for (point, row) in rows.enumerated() {
          values[point] -= Double(Scalar.dot(pixels, data + row * pixels, y + point * pixels))
        }
      }
    }
    return values
  }

  /// `sigma(y) - x_row` of each row of `y`: the derivative of the likelihood.
  static func residual(_ y: [Scalar], data: [Scalar], rows: [Int], pixels: Int) -> [Scalar] {
    var delta = y
    Scalar.sigmoidResidual(
      &delta, data: data, rows: rows.map { Int32(truncatingIfNeeded: $0) }, columns: pixels)
    return delta
  }
}

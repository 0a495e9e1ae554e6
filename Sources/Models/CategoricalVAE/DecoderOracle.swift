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

  /// Every code is decoded once for all rows that meet it; a backward pass is made once for each
  /// different pair of a row and a code.
  private func evaluate(_ codes: CodeBlock, values: Bool, gradients: Bool) throws -> CostBlock {
    try checkLayer(codes.shape, against: shape)
    let points = distinct(codes, gradients: gradients)
    let latents = shape.latents
    var pairs = (values: [Double](), gradients: [Scalar]())
    for start in stride(from: 0, to: points.count, by: Self.chunk) {
      let part = start..<min(points.count, start + Self.chunk)
      let pass = decoder.forward(
        codes: Array(points.codes[part.lowerBound * latents..<part.upperBound * latents]),
        latents: latents, categories: shape.categories)
      let met = points.firstPair[part.lowerBound]..<points.firstPair[part.upperBound]
      let rows = Array(points.pairRows[met])
      let own = part.flatMap { code in
        repeatElement(
          Int32(code - part.lowerBound), count: points.firstPair[code + 1] - points.firstPair[code])
      }
      if values { pairs.values += likelihood(pass.output, codes: own, rows: rows) }
      if gradients { pairs.gradients += slopes(pass, codes: own, rows: rows) }
    }
    return spread(pairs, points)
  }

  /// What is evaluated once. Pairs take a forward pass a code and a backward pass a pair, but their
  /// activations have to be brought together: with gradients, a twentieth must be saved.
  private func distinct(_ codes: CodeBlock, gradients: Bool) -> DistinctCodes {
    let points = DistinctCodes(codes)
    let all = codes.draws * shape.rows
    let repays =
      gradients ? 20 * (points.count + points.pairCount) < 19 * 2 * all : points.count < all
    return repays ? points : DistinctCodes(apart: codes)
  }

  /// The values and gradients of pairs, for every point.
  private func spread(
    _ pairs: (values: [Double], gradients: [Scalar]), _ points: DistinctCodes
  ) -> CostBlock {
    let width = shape.width
    var block = CostBlock(values: [])
    if !pairs.values.isEmpty { block.values = points.pairOfPoint.map { pairs.values[Int($0)] } }
    guard !pairs.gradients.isEmpty else { return block }
    let count = points.pairOfPoint.count * width
    block.gradients = [Double](unsafeUninitializedCapacity: count) { buffer, initialized in
      pairs.gradients.withUnsafeBufferPointer { gradients in
        for (point, pair) in points.pairOfPoint.enumerated() {
          let (to, from) = (point * width, Int(pair) * width)
          for index in 0..<width { buffer[to + index] = Double(gradients[from + index]) }
        }
      }
      initialized = count
    }
    return block
  }

  /// `f` of pairs of a row and one of the codes of `y[codes][pixels]`.
  private func likelihood(_ y: [Scalar], codes: [Int32], rows: [Int32]) -> [Double] {
    let sums = Scalar.softplusRowSums(y, columns: pixels)
    var values: [Double] = []
    values.reserveCapacity(rows.count)
    y.withUnsafeBufferPointer { y in
      data.withUnsafeBufferPointer { data in
        guard let y = y.baseAddress, let data = data.baseAddress else { return }
        for (code, row) in zip(codes, rows) {
          let product = Scalar.dot(pixels, data + Int(row) * pixels, y + Int(code) * pixels)
          values.append(sums[Int(code)] - Double(product))
        }
      }
    }
    return values
  }

  /// `df/dz` of pairs of a row and one of the codes of a pass, `[pairs][D K]`.
  private func slopes(
    _ pass: ReLUNetwork<Scalar>.Pass, codes: [Int32], rows: [Int32]
  ) -> [Scalar] {
    // Where each code is met by one row, its activations serve as they are.
    let pass = codes.count == pass.rows ? pass : pass.gathered(codes)
    var slopes: [Scalar] = []
    for start in stride(from: 0, to: rows.count, by: Self.chunk) {
      let part = start..<min(rows.count, start + Self.chunk)
      let some = part.count == rows.count ? pass : pass.gathered(part.map { Int32($0) })
      var delta = some.output
      Scalar.sigmoidResidual(&delta, data: data, rows: Array(rows[part]), columns: pixels)
      slopes += decoder.inputGradient(delta, some)
    }
    return slopes
  }

  private func evaluate(_ points: SoftBlock, values: Bool, gradients: Bool) throws -> CostBlock {
    try checkLayer(points.shape, against: shape)
    let width = shape.width
    let draws = points.draws
    let count = shape.rows * draws
    var block = CostBlock(values: [])
    if values { block.values.reserveCapacity(count) }
    if gradients { block.gradients.reserveCapacity(count * shape.width) }
    for start in stride(from: 0, to: count, by: Self.chunk) {
      let part = start..<min(count, start + Self.chunk)
      let rows = part.map { $0 / draws }
      let pass = decoder.forward(
        points.points[part.lowerBound * width..<part.upperBound * width].map { Scalar($0) },
        rows: part.count)
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

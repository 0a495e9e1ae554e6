import Discrete
import Networks
import Tensors

/// Bernoulli negative log-likelihood of data rows under a decoder:
/// `f_b(z) = sum_j softplus(y_j) - x_b . y`, `y = decoder(z)`.
///
/// Entry points are specialised by name: calls through `any CostOracle` would otherwise run the
/// unspecialised code of a generic type, several times slower.
public struct DecoderOracle<Scalar: NetworkScalar>: BulkOracle {
  public let shape: LayerShape
  let decoder: ReLUNetwork<Scalar>
  /// `x`, `[rows][pixels]`.
  let data: [Scalar]
  /// `X W^T` with the last layer's weights, `[rows][its inputs]`: the data's part of every
  /// gradient, which no code changes.
  let projectedData: [Scalar]

  /// Points per product. A fixed number: bits of a product depend on its batch shape.
  private static var chunk: Int { 1024 }

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

  private init(
    shape: LayerShape, decoder: ReLUNetwork<Scalar>, data: [Scalar], projectedData: [Scalar]
  ) {
    self.shape = shape
    self.decoder = decoder
    self.data = data
    self.projectedData = projectedData
  }

  public func restricted(toRow index: Int) -> any CostOracle {
    let inputs = decoder.layers[2].inputs
    return DecoderOracle(
      shape: shape.with(rows: 1), decoder: decoder,
      data: Array(data[index * pixels..<(index + 1) * pixels]),
      projectedData: Array(projectedData[index * inputs..<(index + 1) * inputs]))
  }

  /// Each weight once forward and once backward.
  public var workPerPoint: Double {
    decoder.layers.reduce(0) { $0 + 2 * Double($1.inputs) * Double($1.outputs) }
  }

  /// Pixels of one row.
  var pixels: Int { decoder.layers[2].outputs }

  public var capabilities: OracleCapabilities {
    OracleCapabilities(sharesCodesAcrossRows: true, precision: Scalar.precision, bends: true)
  }

  /// Cost per point, in flops: `2 (h1 h2 + h1 pixels)`, twice that again with gradients.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func costs(at codes: CodeBlock, gradients: Bool) throws -> CostBlock {
    block(try evaluate(codes, values: true, gradients: gradients))
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func costs(at points: SoftBlock, gradients: Bool) throws -> CostBlock {
    let scalars = points.points.map { Scalar($0) }
    return block(
      try evaluate(scalars, points.shape, draws: points.draws, values: true, gradients: gradients))
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func gradients(at codes: CodeBlock) throws -> [Double] {
    block(try evaluate(codes, values: false, gradients: true)).gradients
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func gradients(at points: SoftBlock) throws -> [Double] {
    let scalars = points.points.map { Scalar($0) }
    return block(
      try evaluate(scalars, points.shape, draws: points.draws, values: false, gradients: true)
    ).gradients
  }

  func block(_ costs: Costs) -> CostBlock {
    CostBlock(values: costs.values, gradients: costs.gradients.map { Double($0) })
  }

  /// Costs `[rows][draws]` and derivatives `[rows][draws][D K]` in the network's precision.
  typealias Costs = (values: [Double], gradients: [Scalar])

  /// Every code is decoded once for all rows that meet it; a backward pass is made once for each
  /// different pair of a row and a code.
  func evaluate(_ codes: CodeBlock, values: Bool, gradients: Bool) throws -> Costs {
    try checkLayer(codes.shape, against: shape)
    let points = distinct(codes, gradients: gradients)
    let latents = shape.latents
    var pairs = (values: [Double](), gradients: [Scalar]())
    if gradients { pairs.gradients.reserveCapacity(points.pairCount * shape.width) }
    for start in stride(from: 0, to: points.count, by: Self.chunk) {
      let part = start..<min(points.count, start + Self.chunk)
      var pass = decoder.forward(
        codes: Array(points.codes[part.lowerBound * latents..<part.upperBound * latents]),
        latents: latents, categories: shape.categories)
      let met = points.firstPair[part.lowerBound]..<points.firstPair[part.upperBound]
      let rows = Array(points.pairRows[met])
      let own = part.flatMap { code in
        repeatElement(
          Int32(code - part.lowerBound), count: points.firstPair[code + 1] - points.firstPair[code])
      }
      if values { pairs.values += likelihood(pass.output, codes: own, rows: rows) }
      if gradients { pairs.gradients += codeGradients(&pass, codes: own, rows: rows) }
    }
    return spread(pairs, points)
  }

  /// What is evaluated once. Pairs take a forward pass a code and a backward pass a pair, but their
  /// activations have to be brought together: with gradients, a twentieth must be saved.
  private func distinct(_ codes: CodeBlock, gradients: Bool) -> DistinctCodes {
    guard Shortcuts.sharedCodes.isOn else { return DistinctCodes(apart: codes) }
    let points = DistinctCodes(codes)
    let all = codes.draws * shape.rows
    let repays =
      gradients ? 20 * (points.count + points.pairCount) < 19 * 2 * all : points.count < all
    return repays ? points : DistinctCodes(apart: codes)
  }

  /// The values and gradients of pairs, for every point.
  private func spread(_ pairs: Costs, _ points: DistinctCodes) -> Costs {
    // Each point with a pair of its own.
    if points.pairCount == points.pairOfPoint.count,
      points.pairOfPoint.indices.allSatisfy({ points.pairOfPoint[$0] == $0 })
    {
      return pairs
    }
    let width = shape.width
    var costs = Costs(values: [], gradients: [])
    if !pairs.values.isEmpty { costs.values = points.pairOfPoint.map { pairs.values[Int($0)] } }
    guard !pairs.gradients.isEmpty else { return costs }
    let count = points.pairOfPoint.count * width
    costs.gradients = [Scalar](unsafeUninitializedCapacity: count) { buffer, initialized in
      pairs.gradients.withUnsafeBufferPointer { gradients in
        if let to = buffer.baseAddress, let from = gradients.baseAddress {
          for (point, pair) in points.pairOfPoint.enumerated() {
            (to + point * width).initialize(from: from + Int(pair) * width, count: width)
          }
        }
      }
      initialized = count
    }
    return costs
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
  private func codeGradients(
    _ pass: inout ReLUNetwork<Scalar>.Pass, codes: [Int32], rows: [Int32]
  ) -> [Scalar] {
    // Where each code is met by one row, its activations serve as they are.
    if codes.count != pass.rows { pass = pass.gathered(codes) }
    if rows.count <= Self.chunk { return codeGradients(&pass, rows: rows) }
    var codeGradients: [Scalar] = []
    for start in stride(from: 0, to: rows.count, by: Self.chunk) {
      let part = start..<min(rows.count, start + Self.chunk)
      var some = pass.gathered(part.map { Int32($0) })
      codeGradients += self.codeGradients(&some, rows: Array(rows[part]))
    }
    return codeGradients
  }

  /// `df/dz` of a pass with a row each; takes its output.
  private func codeGradients(_ pass: inout ReLUNetwork<Scalar>.Pass, rows: [Int32]) -> [Scalar] {
    var delta: [Scalar] = []
    swap(&delta, &pass.output)
    Scalar.sigmoidResidual(&delta, data: data, rows: rows, columns: pixels)
    return decoder.inputGradient(delta, pass)
  }

  /// - Parameter points: `[rows][draws][D K]`.
  func evaluate(
    _ points: [Scalar], _ layer: LayerShape, draws: Int, values: Bool, gradients: Bool
  ) throws -> Costs {
    try checkLayer(layer, against: shape)
    let width = shape.width
    let count = shape.rows * draws
    var costs = Costs(values: [], gradients: [])
    if values { costs.values.reserveCapacity(count) }
    if gradients { costs.gradients.reserveCapacity(count * shape.width) }
    for start in stride(from: 0, to: count, by: Self.chunk) {
      let part = start..<min(count, start + Self.chunk)
      let rows = part.map { $0 / draws }
      var pass = decoder.forward(
        Array(points[part.lowerBound * width..<part.upperBound * width]), rows: part.count)
      if values {
        costs.values += Self.likelihood(pass.output, data: data, rows: rows, pixels: pixels)
      }
      if gradients {
        costs.gradients += codeGradients(&pass, rows: rows.map { Int32(truncatingIfNeeded: $0) })
      }
    }
    return costs
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

extension DecoderOracle {
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func singleCosts(at codes: CodeBlock, values: Bool, gradients: Bool) throws -> SingleCosts
  {
    let costs = try evaluate(codes, values: values, gradients: gradients)
    return SingleCosts(values: costs.values, gradients: Scalar.singles(costs.gradients))
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func singleCosts(ofJointCodes jointCodes: Range<Int>, gradients: Bool) throws
    -> SingleCosts
  {
    let costs = jointCodeCosts(jointCodes, gradients: gradients, route: .automatic)
    return SingleCosts(values: costs.values, gradients: Scalar.singles(costs.gradients))
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func singleGradients(at points: [Float], draws: Int) throws -> [Float] {
    precondition(points.count == shape.count * draws)
    return Scalar.singles(
      try evaluate(
        Scalar.numbers(points), shape, draws: draws, values: false, gradients: true
      ).gradients)
  }
}

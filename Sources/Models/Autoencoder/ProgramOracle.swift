import Discrete
import Networks

/// The cost of codes under a decoder program: `f_b(z) = likelihood(decoder(embed(z)), x_b)`.
struct ProgramOracle<Scalar: NetworkScalar>: BulkOracle {
  let shape: LayerShape
  private let model: Autoencoder<Scalar>.Model
  /// `x`, `[rows][numbers]`.
  private let data: [Scalar]

  /// Points per pass. A fixed number: bits of a product depend on its batch shape.
  private static var chunk: Int { 512 }

  init(shape: LayerShape, model: Autoencoder<Scalar>.Model, data: [Scalar]) {
    self.shape = shape
    self.model = model
    self.data = data
  }

  private var columns: Int { model.decoder.outputShape.count }

  /// Whatever the operations are, they may bend.
  var capabilities: OracleCapabilities {
    OracleCapabilities(sharesCodesAcrossRows: true, precision: Scalar.precision, bends: true)
  }

  /// About two passes through all weights; those of convolutions serve many places.
  var workPerPoint: Double {
    Double(2 * model.decoder.parameterCount + model.decoder.activationCount)
  }

  func restricted(toRow index: Int) -> any CostOracle {
    ProgramOracle(
      shape: shape.with(rows: 1), model: model,
      data: Array(data[index * columns..<(index + 1) * columns]))
  }

  func costs(at codes: CodeBlock, gradients: Bool) throws -> CostBlock {
    try checkLayer(codes.shape, against: shape)
    let latents = shape.latents
    return evaluate(count: shape.rows * codes.draws, gradients: gradients) { part in
      let rows = part.map { $0 / max(1, codes.draws) }
      return (
        oneHot(codes.indices[part.lowerBound * latents..<part.upperBound * latents]), rows
      )
    }
  }

  func costs(at points: SoftBlock, gradients: Bool) throws -> CostBlock {
    try checkLayer(points.shape, against: shape)
    let width = shape.width
    return evaluate(count: shape.rows * points.draws, gradients: gradients) { part in
      (
        points.points[part.lowerBound * width..<part.upperBound * width].map { Scalar($0) },
        part.map { $0 / max(1, points.draws) }
      )
    }
  }

  /// Every state is decoded once; a backward pass is made for each row and state.
  func costs(ofStates states: Range<Int>, gradients: Bool) throws -> CostBlock {
    let count = states.count
    let width = shape.width
    var block = CostBlock(
      values: [Double](repeating: 0, count: shape.rows * count),
      gradients: [Double](repeating: 0, count: gradients ? shape.count * count : 0))
    let all = JointStates(latents: shape.latents, categories: shape.categories)
    for start in stride(from: 0, to: count, by: Self.chunk) {
      let part = start..<min(count, start + Self.chunk)
      let points = oneHot(
        all.codes(states.lowerBound + part.lowerBound..<states.lowerBound + part.upperBound)[...])
      let pass = decode(points, count: part.count)
      for row in 0..<shape.rows {
        let rows = [Int](repeating: row, count: part.count)
        let first = row * count + start
        let values = model.likelihood.values(pass.output, data: data, rows: rows, columns: columns)
        for (index, value) in values.enumerated() { block.values[first + index] = value }
        guard gradients else { continue }
        let slopes = slopes(pass, points, rows)
        for index in slopes.indices {
          block.gradients[first * width + index] = Double(slopes[index])
        }
      }
    }
    return block
  }

  private func evaluate(
    count: Int, gradients: Bool, _ points: (Range<Int>) -> (points: [Scalar], rows: [Int])
  ) -> CostBlock {
    var block = CostBlock(values: [])
    block.values.reserveCapacity(count)
    if gradients { block.gradients.reserveCapacity(count * shape.width) }
    for start in stride(from: 0, to: count, by: Self.chunk) {
      let part = start..<min(count, start + Self.chunk)
      let (points, rows) = points(part)
      let pass = decode(points, count: part.count)
      block.values += model.likelihood.values(
        pass.output, data: data, rows: rows, columns: columns)
      if gradients { block.gradients += slopes(pass, points, rows).map { Double($0) } }
    }
    return block
  }

  private func decode(_ points: [Scalar], count: Int) -> ProgramPass<Scalar> {
    model.decoder.forward(model.bottleneck.embed(points), rows: count, model.decoderWeights)
  }

  /// `df/dz` of a pass, `[points][D][K]`.
  private func slopes(
    _ pass: ProgramPass<Scalar>, _ points: [Scalar], _ rows: [Int]
  ) -> [Scalar] {
    let delta = model.likelihood.residual(pass.output, data: data, rows: rows, columns: columns)
    let lower = model.decoder.inputGradient(delta, pass, model.decoderWeights)
    return model.bottleneck.embedPullBack(lower, points, wantsParameters: false).points
  }

  private func oneHot(_ codes: ArraySlice<Int32>) -> [Scalar] {
    var points = [Scalar](repeating: 0, count: codes.count * shape.categories)
    for (block, code) in codes.enumerated() { points[block * shape.categories + Int(code)] = 1 }
    return points
  }
}

import Discrete
import Networks

/// The cost of codes under a decoder program: `f_b(z) = likelihood(decoder(embed(z)), x_b)`.
struct ProgramOracle<Scalar: NetworkScalar>: BulkOracle {
  let shape: LayerShape
  private let model: AutoencoderModel<Scalar>
  /// `x`, `[rows][numbers]`.
  private let data: [Scalar]
  /// Points per pass. A fixed number: bits of a product depend on its batch shape.
  private let chunk: Int

  init(shape: LayerShape, model: AutoencoderModel<Scalar>, data: [Scalar], chunk: Int = 512) {
    self.shape = shape
    self.model = model
    self.data = data
    self.chunk = chunk
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
      data: Array(data[index * columns..<(index + 1) * columns]), chunk: chunk)
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func costs(at codes: CodeBlock, gradients: Bool) throws -> CostBlock {
    try checkLayer(codes.shape, against: shape)
    let latents = shape.latents
    return try evaluate(draws: codes.draws, gradients: gradients) { part in
      .codes(Array(codes.indices[part.lowerBound * latents..<part.upperBound * latents]))
    }
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func costs(at points: SoftBlock, gradients: Bool) throws -> CostBlock {
    try checkLayer(points.shape, against: shape)
    let width = shape.width
    return try evaluate(draws: points.draws, gradients: gradients) { part in
      .soft(points.points[part.lowerBound * width..<part.upperBound * width].map { Scalar($0) })
    }
  }

  /// Every joint code is decoded once; a backward pass is made for each row and joint code.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func costs(ofJointCodes jointCodes: Range<Int>, gradients: Bool) throws -> CostBlock {
    let count = jointCodes.count
    let width = shape.width
    var block = CostBlock(
      values: [Double](repeating: 0, count: shape.rows * count),
      gradients: [Double](repeating: 0, count: gradients ? shape.count * count : 0))
    let all = JointCodes(latents: shape.latents, categories: shape.categories)
    for start in stride(from: 0, to: count, by: chunk) {
      let part = start..<min(count, start + chunk)
      let pass = try model.decode(
        .codes(
          all.codes(
            jointCodes.lowerBound + part.lowerBound..<jointCodes.lowerBound + part.upperBound)))
      for row in 0..<shape.rows {
        let rows = [Int](repeating: row, count: part.count)
        let first = row * count + start
        let values = model.likelihood.values(pass.output, data: data, rows: rows, columns: columns)
        for (index, value) in values.enumerated() { block.values[first + index] = value }
        guard gradients else { continue }
        let codeGradients = codeGradients(pass, rows)
        for index in codeGradients.indices {
          block.gradients[first * width + index] = Double(codeGradients[index])
        }
      }
    }
    return block
  }

  private func evaluate(
    draws: Int, gradients: Bool, _ points: (Range<Int>) -> DecodedPoints<Scalar>
  ) throws -> CostBlock {
    let count = shape.rows * draws
    var block = CostBlock(values: [])
    block.values.reserveCapacity(count)
    if gradients { block.gradients.reserveCapacity(count * shape.width) }
    for start in stride(from: 0, to: count, by: chunk) {
      let part = start..<min(count, start + chunk)
      let rows = part.map { $0 / draws }
      let pass = try model.decode(points(part))
      block.values += model.likelihood.values(
        pass.output, data: data, rows: rows, columns: columns)
      if gradients { block.gradients += codeGradients(pass, rows).map { Double($0) } }
    }
    return block
  }

  /// `df/dz` of a pass, `[points][D][K]`.
  private func codeGradients(_ pass: ProgramPass<Scalar>, _ rows: [Int]) -> [Scalar] {
    let delta = model.likelihood.residual(pass.output, data: data, rows: rows, columns: columns)
    return model.bottleneck.pointGradient(
      model.decoder.inputGradient(delta, pass, model.decoderWeights))
  }
}

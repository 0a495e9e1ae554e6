import Discrete

/// A cost given by its value, and possibly its gradient, at every joint code; no soft points.
public struct TableOracle: BulkOracle {
  public let shape: LayerShape
  private let jointCodes: Int
  private let values: [Double]
  private let gradients: [Double]

  /// Largest number of joint codes that a table may have.
  public static let jointCodeLimit = 1 << 22

  /// - Parameters:
  ///   - values: `f` of every joint code in `JointCodes` order, `[jointCodes]` for all rows alike or
  ///     `[B][jointCodes]`.
  ///   - gradients: `df/dz`, `[jointCodes][D][K]` or `[B][jointCodes][D][K]`, 0 in the padding of a layer with
  ///     `levels`; empty where not known.
  /// - Throws: `DiscreteError.shape` for wrong lengths or too many joint codes, `.notFinite` for a NaN
  ///   or an infinity.
  public init(shape: LayerShape, values: [Double], gradients: [Double] = []) throws {
    guard let jointCodes = shape.jointCodes(limit: Self.jointCodeLimit) else {
      throw DiscreteError.shape(
        "\(shape.jointCodesText) joint codes are more than a table may have (\(Self.jointCodeLimit))"
      )
    }
    try checkCoefficients(
      "values", values, count: values.count == jointCodes ? jointCodes : shape.rows * jointCodes)
    if !gradients.isEmpty {
      let one = jointCodes * shape.width
      try checkCoefficients(
        "gradients", gradients, count: gradients.count == one ? one : shape.rows * one)
    }
    self.shape = shape
    self.jointCodes = jointCodes
    self.values = values
    self.gradients = gradients
  }

  public var capabilities: OracleCapabilities {
    OracleCapabilities(
      gradients: !gradients.isEmpty, softPoints: false, sharesCodesAcrossRows: true, roundoff: 0)
  }

  public func costs(at codes: CodeBlock, gradients wanted: Bool) throws -> CostBlock {
    try checkLayer(codes.shape, against: shape)
    let joint = JointCodes(shape)
    return try lookUp(draws: codes.draws, gradients: wanted) { row, draw in
      let start = (row * codes.draws + draw) * shape.latents
      return joint.index(of: codes.indices[start..<start + shape.latents])
    }
  }

  public func costs(at points: SoftBlock, gradients: Bool) throws -> CostBlock {
    throw DiscreteError.unsupported("a table has no value between its joint codes")
  }

  public func costs(ofJointCodes range: Range<Int>, gradients: Bool) throws -> CostBlock {
    try lookUp(draws: range.count, gradients: gradients) { _, draw in range.lowerBound + draw }
  }

  private func lookUp(
    draws: Int, gradients wanted: Bool, jointCode: (_ row: Int, _ draw: Int) -> Int
  ) throws -> CostBlock {
    if wanted && gradients.isEmpty {
      throw DiscreteError.unsupported("the table has no gradients")
    }
    let width = shape.width
    var block = CostBlock(values: [])
    block.values.reserveCapacity(shape.rows * draws)
    if wanted { block.gradients.reserveCapacity(shape.rows * draws * width) }
    for row in 0..<shape.rows {
      let valueBase = values.count == jointCodes ? 0 : row * jointCodes
      let gradientBase = gradients.count == jointCodes * width ? 0 : row * jointCodes
      for draw in 0..<draws {
        let jointCode = jointCode(row, draw)
        block.values.append(values[valueBase + jointCode])
        if wanted {
          let start = (gradientBase + jointCode) * width
          block.gradients.append(contentsOf: gradients[start..<start + width])
        }
      }
    }
    return block
  }
}

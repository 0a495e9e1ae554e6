import Discrete

/// A cost given by its value, and possibly its gradient, at every joint state; no soft points.
public struct TableOracle: BulkOracle {
  public let shape: LayerShape
  private let states: Int
  private let values: [Double]
  private let gradients: [Double]

  /// Largest number of joint states that a table may have.
  public static let stateLimit = 1 << 22

  /// - Parameters:
  ///   - values: `f` of every joint state in `JointStates` order, `[states]` for all rows alike or
  ///     `[B][states]`.
  ///   - gradients: `df/dz`, `[states][D][K]` or `[B][states][D][K]`, 0 in the padding of a layer with
  ///     `levels`; empty where not known.
  /// - Throws: `DiscreteError.shape` for wrong lengths or too many states, `.notFinite` for a NaN
  ///   or an infinity.
  public init(shape: LayerShape, values: [Double], gradients: [Double] = []) throws {
    guard let states = shape.jointStates(limit: Self.stateLimit) else {
      throw DiscreteError.shape(
        "\(shape.statesText) joint states are more than a table may have (\(Self.stateLimit))"
      )
    }
    try checkCoefficients(
      "values", values, count: values.count == states ? states : shape.rows * states)
    if !gradients.isEmpty {
      let one = states * shape.width
      try checkCoefficients(
        "gradients", gradients, count: gradients.count == one ? one : shape.rows * one)
    }
    self.shape = shape
    self.states = states
    self.values = values
    self.gradients = gradients
  }

  public var capabilities: OracleCapabilities {
    OracleCapabilities(
      gradients: !gradients.isEmpty, softPoints: false, sharesCodesAcrossRows: true, roundoff: 0)
  }

  public func costs(at codes: CodeBlock, gradients wanted: Bool) throws -> CostBlock {
    try checkLayer(codes.shape, against: shape)
    let joint = JointStates(shape)
    return try lookUp(draws: codes.draws, gradients: wanted) { row, draw in
      let start = (row * codes.draws + draw) * shape.latents
      return joint.state(codes.indices[start..<start + shape.latents])
    }
  }

  public func costs(at points: SoftBlock, gradients: Bool) throws -> CostBlock {
    throw DiscreteError.unsupported("a table has no value between its joint states")
  }

  public func costs(ofStates range: Range<Int>, gradients: Bool) throws -> CostBlock {
    try lookUp(draws: range.count, gradients: gradients) { _, draw in range.lowerBound + draw }
  }

  private func lookUp(
    draws: Int, gradients wanted: Bool, state: (_ row: Int, _ draw: Int) -> Int
  ) throws -> CostBlock {
    if wanted && gradients.isEmpty {
      throw DiscreteError.unsupported("the table has no gradients")
    }
    let width = shape.width
    var block = CostBlock(values: [])
    block.values.reserveCapacity(shape.rows * draws)
    if wanted { block.gradients.reserveCapacity(shape.rows * draws * width) }
    for row in 0..<shape.rows {
      let valueBase = values.count == states ? 0 : row * states
      let gradientBase = gradients.count == states * width ? 0 : row * states
      for draw in 0..<draws {
        let state = state(row, draw)
        block.values.append(values[valueBase + state])
        if wanted {
          let start = (gradientBase + state) * width
          block.gradients.append(contentsOf: gradients[start..<start + width])
        }
      }
    }
    return block
  }
}

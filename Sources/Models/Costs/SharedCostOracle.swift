import Discrete

/// The oracle of a cost that all rows share: every point is a point of the same function.
public struct SharedCostOracle: BulkOracle {
  public private(set) var shape: LayerShape
  public let cost: any SharedCost
  private let termSizes: (values: Double, gradients: Double)
  private let kinks: [CostKink]
  private let isSeparable, isPolynomial: Bool

  /// Points per product. A fixed number: bits of a product depend on its batch shape.
  private static let chunk = 256

  /// - Throws: `DiscreteError.shape` for a layer without rows, latents or categories.
  public init(rows: Int, cost: any SharedCost) throws {
    try self.init(
      shape: LayerShape(rows: rows, latents: cost.latents, categories: cost.categories), cost: cost)
  }

  /// The cost on a layer whose latents may have fewer categories than it has: those are never drawn, and
  /// `df/dz` is 0 there.
  ///
  /// - Throws: `DiscreteError.shape` for a layer without rows, latents or categories, or where the cost is of
  ///   other numbers of them.
  public init(shape: LayerShape, cost: any SharedCost) throws {
    guard shape.rows > 0, cost.latents > 0, cost.categories > 0 else {
      throw DiscreteError.shape(
        "a layer needs at least one row, latent and category, found \(shape.rows) x \(cost.latents) x \(cost.categories)"
      )
    }
    let covering = LayerShape(
      rows: shape.rows, latents: cost.latents, categories: cost.categories)
    try checkLayer(shape.coveringUniform, against: covering)
    self.shape = shape
    self.cost = cost
    let traits = cost.traits
    termSizes = (cost.termSize, traits.gradientTermSize)
    kinks = traits.kinks
    isSeparable = traits.separableTerms != nil
    if case .polynomial = traits.form { isPolynomial = true } else { isPolynomial = false }
  }

  public func restricted(toRow index: Int) -> any CostOracle {
    var row = self
    row.shape = shape.with(rows: 1)
    return row
  }

  public var capabilities: OracleCapabilities {
    OracleCapabilities(
      sharesCodesAcrossRows: true, separable: isSeparable,
      wholeTables: isPolynomial && !shape.isRagged,
      termSize: termSizes.values, gradientTermSize: termSizes.gradients,
      kinks: kinks)
  }

  public func costs(at codes: CodeBlock, gradients: Bool) throws -> CostBlock {
    try checkLayer(codes.shape, against: shape)
    return evaluate(count: shape.rows * codes.draws, gradients: gradients) { points in
      .hard(
        Array(
          codes.indices[points.lowerBound * shape.latents..<points.upperBound * shape.latents]))
    }
  }

  public func costs(at points: SoftBlock, gradients: Bool) throws -> CostBlock {
    try checkLayer(points.shape, against: shape)
    let width = shape.width
    return evaluate(count: shape.rows * points.draws, gradients: gradients) { range in
      .soft(Array(points.points[range.lowerBound * width..<range.upperBound * width]))
    }
  }

  public func costs(ofJointCodes jointCodes: Range<Int>, gradients: Bool) throws -> CostBlock {
    let all = JointCodes(shape)
    let first = jointCodes.lowerBound
    // All joint codes at once have a shorter way, with and without gradients.
    let whole = !shape.isRagged && jointCodes.count == shape.jointCodes(limit: jointCodes.count)
    let values = whole ? cost.jointValues() : nil
    var one = CostBlock(values: [])
    if gradients || values == nil {
      one = evaluate(count: jointCodes.count, gradients: gradients) { points in
        .hard(all.codes(first + points.lowerBound..<first + points.upperBound))
      }
    }
    if let values { one.values = values }
    guard shape.rows > 1 else { return one }
    var block = CostBlock(values: [])
    block.values.reserveCapacity(one.values.count * shape.rows)
    block.gradients.reserveCapacity(one.gradients.count * shape.rows)
    for _ in 0..<shape.rows {
      block.values.append(contentsOf: one.values)
      block.gradients.append(contentsOf: one.gradients)
    }
    return block
  }

  private func evaluate(
    count: Int, gradients: Bool, points: (Range<Int>) -> CostPoints
  ) -> CostBlock {
    var block = CostBlock(values: [])
    block.values.reserveCapacity(count)
    if gradients { block.gradients.reserveCapacity(count * shape.width) }
    for start in stride(from: 0, to: count, by: Self.chunk) {
      let range = start..<min(count, start + Self.chunk)
      let part = cost.evaluate(points(range), count: range.count, gradients: gradients)
      block.values.append(contentsOf: part.values)
      block.gradients.append(contentsOf: part.gradients)
    }
    if shape.isRagged { clearPadding(&block.gradients) }
    return block
  }

  /// Sets `df/dz` to 0 beyond a latent's own categories.
  private func clearPadding(_ gradients: inout [Double]) {
    let size = shape.categories
    for start in stride(from: 0, to: gradients.count, by: size) {
      for place in shape.categories(of: start / size % shape.latents)..<size {
        gradients[start + place] = 0
      }
    }
  }
}

/// - Throws: `DiscreteError.shape` if `found` is not the layer `expected`.
func checkLayer(_ found: LayerShape, against expected: LayerShape) throws {
  guard found == expected else {
    throw DiscreteError.shape(
      "the oracle is of a \(expected.sizesText) layer, the points of a \(found.sizesText) one"
    )
  }
}

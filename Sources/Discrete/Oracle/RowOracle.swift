/// One row of a layer's oracle: the whole layer is asked at the row's points, and the numbers of the
/// other rows are dropped. Cost: that of all rows.
struct RowOracle: BulkOracle {
  let layer: any CostOracle
  let row: Int

  var shape: LayerShape { layer.shape.with(rows: 1) }
  var capabilities: OracleCapabilities { layer.capabilities }
  var workPerPoint: Double { layer.workPerPoint * Double(layer.shape.rows) }

  func costs(at codes: CodeBlock, gradients: Bool) throws -> CostBlock {
    try own(
      layer.costs(
        at: CodeBlock(shape: layer.shape, draws: codes.draws, indices: repeated(codes.indices)),
        gradients: gradients), draws: codes.draws)
  }

  func costs(at points: SoftBlock, gradients: Bool) throws -> CostBlock {
    try own(
      layer.costs(
        at: SoftBlock(shape: layer.shape, draws: points.draws, points: repeated(points.points)),
        gradients: gradients), draws: points.draws)
  }

  func costs(ofJointCodes jointCodes: Range<Int>, gradients: Bool) throws -> CostBlock {
    try own(layer.costs(ofJointCodes: jointCodes, gradients: gradients), draws: jointCodes.count)
  }

  private func repeated<Element>(_ points: [Element]) -> [Element] {
    Array(repeatElement(points, count: layer.shape.rows).joined())
  }

  private func own(_ costs: CostBlock, draws: Int) -> CostBlock {
    let stride = draws * shape.width
    return CostBlock(
      values: Array(costs.values[row * draws..<(row + 1) * draws]),
      gradients: costs.gradients.isEmpty
        ? [] : Array(costs.gradients[row * stride..<(row + 1) * stride]))
  }
}

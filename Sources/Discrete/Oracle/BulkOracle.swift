/// An oracle with quicker ways to many numbers at once. Each has a default made of `costs(at:gradients:)`,
/// and must give the same numbers: to the bit in float64 where an oracle computes in it, else to its
/// rounding.
public protocol BulkOracle: CostOracle {
  /// `df/dz` alone, where values take work beyond the gradients.
  func gradients(at codes: CodeBlock) throws -> [Double]
  func gradients(at points: SoftBlock) throws -> [Double]

  /// All rows at the same joint codes: the default evaluates each pair of row and joint code.
  func costs(ofJointCodes jointCodes: Range<Int>, gradients: Bool) throws -> CostBlock

  /// Derivatives as they are in float32; the default rounds those of float64, which changes none of an
  /// oracle that computes in float32.
  func singleCosts(at codes: CodeBlock, values: Bool, gradients: Bool) throws -> SingleCosts
  func singleCosts(ofJointCodes jointCodes: Range<Int>, gradients: Bool) throws -> SingleCosts
  func singleGradients(at points: [Float], draws: Int) throws -> [Float]

  /// One row without the others: the default asks for all rows at the same points and takes the
  /// numbers of one.
  func restricted(toRow index: Int) -> any CostOracle

  /// Multiplications of one point of one row.
  var workPerPoint: Double { get }
}

extension BulkOracle {
  public func gradients(at codes: CodeBlock) throws -> [Double] { try plainGradients(at: codes) }
  public func gradients(at points: SoftBlock) throws -> [Double] { try plainGradients(at: points) }
  public func costs(ofJointCodes jointCodes: Range<Int>, gradients: Bool) throws -> CostBlock {
    try plainCosts(ofJointCodes: jointCodes, gradients: gradients)
  }
  public func singleCosts(at codes: CodeBlock, values: Bool, gradients: Bool) throws -> SingleCosts
  {
    try plainSingleCosts(at: codes, values: values, gradients: gradients)
  }
  public func singleCosts(ofJointCodes jointCodes: Range<Int>, gradients: Bool) throws
    -> SingleCosts
  {
    try plainSingleCosts(ofJointCodes: jointCodes, gradients: gradients)
  }
  public func singleGradients(at points: [Float], draws: Int) throws -> [Float] {
    try plainSingleGradients(at: points, draws: draws)
  }
  public func restricted(toRow index: Int) -> any CostOracle { plainRow(index) }
  public var workPerPoint: Double { plainWork }
}

/// The same from single evaluations.
extension CostOracle {
  func plainGradients(at codes: CodeBlock) throws -> [Double] {
    try costs(at: codes, gradients: true).gradients
  }

  func plainGradients(at points: SoftBlock) throws -> [Double] {
    try costs(at: points, gradients: true).gradients
  }

  func plainCosts(ofJointCodes jointCodes: Range<Int>, gradients: Bool) throws -> CostBlock {
    let codes = JointCodes(shape).codes(jointCodes)
    var indices: [Int32] = []
    indices.reserveCapacity(codes.count * shape.rows)
    for _ in 0..<shape.rows { indices.append(contentsOf: codes) }
    return try costs(
      at: CodeBlock(shape: shape, draws: jointCodes.count, indices: indices), gradients: gradients)
  }

  func plainSingleCosts(at codes: CodeBlock, values: Bool, gradients: Bool) throws -> SingleCosts {
    guard values else {
      return SingleCosts(
        values: [], gradients: gradients ? try self.gradients(at: codes).map { Float($0) } : [])
    }
    return SingleCosts(try costs(at: codes, gradients: gradients))
  }

  func plainSingleCosts(ofJointCodes jointCodes: Range<Int>, gradients: Bool) throws -> SingleCosts
  {
    SingleCosts(try costs(ofJointCodes: jointCodes, gradients: gradients))
  }

  func plainSingleGradients(at points: [Float], draws: Int) throws -> [Float] {
    try gradients(
      at: SoftBlock(shape: shape, draws: draws, points: points.map { Double($0) })
    ).map { Float($0) }
  }

  func plainRow(_ index: Int) -> any CostOracle {
    shape.rows == 1 ? self : RowOracle(layer: self, row: index)
  }

  var plainWork: Double { Double(shape.width) * Double(shape.width) }
}

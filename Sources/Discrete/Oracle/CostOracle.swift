/// The cost `f_b(z)` of every row `b` of a layer: the only thing an estimator sees of a model.
///
/// A call takes many draws of all rows at once. Oracles are immutable and may be called from
/// several threads. The same call gives the same bits.
///
/// What is known of the cost travels in `capabilities`. Quicker ways to the same numbers are a
/// `BulkOracle`: a wrapper that passes on `capabilities` alone is slower, not wrong.
public protocol CostOracle: Sendable {
  /// The layer that the cost is a function of.
  var shape: LayerShape { get }
  var capabilities: OracleCapabilities { get }

  /// Costs, and on request `df/dz`, at hard points.
  /// - Throws: `DiscreteError.unsupported` if gradients are asked for and not offered.
  func costs(at codes: CodeBlock, gradients: Bool) throws -> CostBlock

  /// Costs, and on request `df/dz`, at points on the product of simplices.
  /// - Throws: `DiscreteError.unsupported` if the oracle is defined on one-hot points only.
  func costs(at points: SoftBlock, gradients: Bool) throws -> CostBlock

  /// Itself, where it has quicker ways to the same numbers; nobody writes it.
  var bulk: (any BulkOracle)? { get }
}

extension CostOracle {
  public var bulk: (any BulkOracle)? { nil }
}

extension CostOracle where Self: BulkOracle {
  public var bulk: (any BulkOracle)? { self }
}

extension CostOracle {
  /// `df/dz` alone, as in `costs(at:gradients:)`.
  public func gradients(at codes: CodeBlock) throws -> [Double] {
    try bulk?.gradients(at: codes) ?? plainGradients(at: codes)
  }

  public func gradients(at points: SoftBlock) throws -> [Double] {
    try bulk?.gradients(at: points) ?? plainGradients(at: points)
  }

  /// Costs of every row at the joint codes `jointCodes` (see `JointCodes` for their order): a
  /// `CostBlock` with `draws = jointCodes.count`.
  public func costs(ofJointCodes jointCodes: Range<Int>, gradients: Bool) throws -> CostBlock {
    try bulk?.costs(ofJointCodes: jointCodes, gradients: gradients)
      ?? plainCosts(ofJointCodes: jointCodes, gradients: gradients)
  }

  /// The numbers of `costs(at:gradients:)` with `df/dz` in float32, each if asked for.
  public func singleCosts(at codes: CodeBlock, values: Bool, gradients: Bool) throws -> SingleCosts
  {
    try bulk?.singleCosts(at: codes, values: values, gradients: gradients)
      ?? plainSingleCosts(at: codes, values: values, gradients: gradients)
  }

  /// The same for `costs(ofJointCodes:gradients:)`.
  public func singleCosts(ofJointCodes jointCodes: Range<Int>, gradients: Bool) throws
    -> SingleCosts
  {
    try bulk?.singleCosts(ofJointCodes: jointCodes, gradients: gradients)
      ?? plainSingleCosts(ofJointCodes: jointCodes, gradients: gradients)
  }

  /// `df/dz` in float32 at points on the product of simplices, both
  /// `[rows][draws][latents][categories]`.
  public func singleGradients(at points: [Float], draws: Int) throws -> [Float] {
    try bulk?.singleGradients(at: points, draws: draws)
      ?? plainSingleGradients(at: points, draws: draws)
  }

  /// The cost of row `index` alone, as an oracle of a layer of one row.
  public func restricted(toRow index: Int) -> any CostOracle {
    bulk?.restricted(toRow: index) ?? plainRow(index)
  }

  /// About how many multiplications one point of one row takes, with its gradient: what integrals of
  /// a batch weigh their points by; `(D K)^2` where the oracle does not say.
  public var workPerPoint: Double { bulk?.workPerPoint ?? plainWork }
}

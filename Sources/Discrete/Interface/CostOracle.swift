/// What an oracle offers beyond plain evaluation; the engine picks the cheapest way by these.
public struct OracleCapabilities: Sendable, Equatable {
  /// `df/dz` can be asked for.
  public var gradients: Bool
  /// `f` is defined inside the simplex, not only at one-hot points.
  public var softPoints: Bool
  /// All rows can be evaluated at the same codes for less than one evaluation a row (decoders).
  public var sharesCodesAcrossRows: Bool
  /// `f` is a sum of one term per latent.
  public var separable: Bool
  /// All joint states at once take less than their parts would.
  public var wholeTables: Bool
  /// What it computes in. The derivatives of an oracle in float32 carry no more digits, so blocks of
  /// draws take them from `singleCosts` as they are instead of through float64 arrays.
  public var precision: NumberPrecision
  /// How far a value, or an entry of a gradient, may be off, over the largest size that it takes:
  /// 0 for numbers that are given, `computedRoundoff` for sums in double, `singleRoundoff` for
  /// networks in float32. Errors of numbers carry it on.
  public var roundoff: Double
  /// The largest terms that a value is summed of, where they are known: constants of opposite signs
  /// cancel in the value, not in its rounding. 0 where the values' own sizes say it all.
  public var termSize: Double
  /// The same of `df/dz`, as a norm.
  public var slopeTermSize: Double
  /// `df/dz` bends or jumps inside the simplex at places that `CostOracle.kinks` does not name (networks
  /// of rectified units).
  public var bends: Bool

  /// A few roundings of 2^-53 each: costs computed in double, and what is taken where an oracle
  /// does not say.
  public static let computedRoundoff = 0x1p-51
  /// A few roundings of 2^-24 each: costs computed in float32.
  public static let singleRoundoff = 0x1p-22

  /// - Parameter roundoff: by default that of the precision.
  public init(
    gradients: Bool = true, softPoints: Bool = true, sharesCodesAcrossRows: Bool = false,
    separable: Bool = false, wholeTables: Bool = false, precision: NumberPrecision = .double,
    roundoff: Double? = nil, termSize: Double = 0, slopeTermSize: Double = 0,
    bends: Bool = false
  ) {
    self.gradients = gradients
    self.softPoints = softPoints
    self.sharesCodesAcrossRows = sharesCodesAcrossRows
    self.separable = separable
    self.wholeTables = wholeTables
    self.precision = precision
    self.roundoff =
      roundoff
      ?? (precision == .single
        ? OracleCapabilities.singleRoundoff : OracleCapabilities.computedRoundoff)
    self.termSize = termSize
    self.slopeTermSize = slopeTermSize
    self.bends = bends
  }
}

/// The cost `f_b(z)` of every row `b` of a layer: the only thing an estimator sees of a model.
///
/// A call takes many draws of all rows at once. Oracles are immutable and may be called from
/// several threads. The same call gives the same bits.
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

  /// `df/dz` alone, as in `costs(at:gradients:)`. The default asks for both; oracles whose values
  /// take work beyond the gradients do better.
  func gradients(at codes: CodeBlock) throws -> [Double]
  func gradients(at points: SoftBlock) throws -> [Double]

  /// Costs of every row at the joint states `states` (see `JointStates` for their order): a
  /// `CostBlock` with `draws = states.count`.
  ///
  /// The default evaluates each (row, state) pair; oracles whose rows share codes do better.
  func costs(ofStates states: Range<Int>, gradients: Bool) throws -> CostBlock

  /// The numbers of `costs(at:gradients:)` with `df/dz` in float32, each if asked for.
  ///
  /// The default rounds those numbers, which changes none of an oracle in float32; oracles that have
  /// them in float32 do better. So a wrapper that passes on `capabilities` alone is slower, not wrong.
  func singleCosts(at codes: CodeBlock, values: Bool, gradients: Bool) throws -> SingleCosts

  /// The same for `costs(ofStates:gradients:)`.
  func singleCosts(ofStates states: Range<Int>, gradients: Bool) throws -> SingleCosts

  /// `df/dz` in float32 at points on the product of simplices, both
  /// `[rows][draws][latents][categories]`.
  func singleGradients(at points: [Float], draws: Int) throws -> [Float]

  /// The cost of row `index` alone, as an oracle of a layer of one row.
  ///
  /// The default asks for all rows at the same points and takes the numbers of one; oracles that can
  /// leave the others out do better.
  func restricted(toRow index: Int) -> any CostOracle

  /// Where every row's cost bends or jumps inside the simplex, as far as that is known: integrals over
  /// soft points are split there. The default is a smooth cost.
  var kinks: [CostKink] { get }

  /// About how many multiplications one point of one row takes, with its gradient: what integrals of
  /// a batch weigh their points by. The default is `(D K)^2`.
  var workPerPoint: Double { get }
}

extension CostOracle {
  public func restricted(toRow index: Int) -> any CostOracle {
    shape.rows == 1 ? self : RowOracle(layer: self, row: index)
  }

  public var kinks: [CostKink] { [] }

  public var workPerPoint: Double { Double(shape.width) * Double(shape.width) }

  public func singleCosts(at codes: CodeBlock, values: Bool, gradients: Bool) throws -> SingleCosts
  {
    guard values else {
      return SingleCosts(
        values: [], gradients: gradients ? try self.gradients(at: codes).map { Float($0) } : [])
    }
    let costs = try self.costs(at: codes, gradients: gradients)
    return SingleCosts(values: costs.values, gradients: costs.gradients.map { Float($0) })
  }

  public func singleCosts(ofStates states: Range<Int>, gradients: Bool) throws -> SingleCosts {
    let costs = try self.costs(ofStates: states, gradients: gradients)
    return SingleCosts(values: costs.values, gradients: costs.gradients.map { Float($0) })
  }

  public func singleGradients(at points: [Float], draws: Int) throws -> [Float] {
    try gradients(
      at: SoftBlock(shape: shape, draws: draws, points: points.map { Double($0) })
    ).map { Float($0) }
  }

  public func gradients(at codes: CodeBlock) throws -> [Double] {
    try costs(at: codes, gradients: true).gradients
  }

  public func gradients(at points: SoftBlock) throws -> [Double] {
    try costs(at: points, gradients: true).gradients
  }

  public func costs(ofStates states: Range<Int>, gradients: Bool) throws -> CostBlock {
    let codes = JointStates(shape).codes(states)
    var indices: [Int32] = []
    indices.reserveCapacity(codes.count * shape.rows)
    for _ in 0..<shape.rows { indices.append(contentsOf: codes) }
    return try costs(
      at: CodeBlock(shape: shape, draws: states.count, indices: indices), gradients: gradients)
  }
}

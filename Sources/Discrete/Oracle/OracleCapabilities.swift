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
  /// All joint codes at once take less than their parts would.
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
  public var gradientTermSize: Double
  /// Where every row's cost bends or jumps inside the simplex, as far as that is known: integrals over
  /// soft points are split there.
  public var kinks: [CostKink]
  /// `df/dz` bends or jumps inside the simplex at places that `kinks` does not name (networks of
  /// rectified units).
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
    roundoff: Double? = nil, termSize: Double = 0, gradientTermSize: Double = 0,
    kinks: [CostKink] = [], bends: Bool = false
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
    self.gradientTermSize = gradientTermSize
    self.kinks = kinks
    self.bends = bends
  }
}

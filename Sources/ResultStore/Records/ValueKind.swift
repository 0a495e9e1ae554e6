/// The kind of a stored value.
///
/// SQLite turns nan into NULL, and an infinity would spoil every average, so neither is stored as
/// a number: the value is NULL and the kind tells which it was.
public enum ValueKind: String, Sendable, CaseIterable {
  /// An ordinary number.
  case finite
  /// Not a number.
  case nan
  /// Plus infinity.
  case positiveInfinity = "pos_inf"
  /// Minus infinity.
  case negativeInfinity = "neg_inf"
  /// Not measured.
  case missing

  /// The kind of a value, where `nil` means not measured.
  public init(of value: Double?) {
    guard let value else {
      self = .missing
      return
    }
    if value.isNaN {
      self = .nan
    } else if value.isInfinite {
      self = value > 0 ? .positiveInfinity : .negativeInfinity
    } else {
      self = .finite
    }
  }

  /// The value this kind stands for, given the stored finite number.
  public func value(stored: Double?) -> Double? {
    switch self {
    case .finite: return stored
    case .nan: return Double.nan
    case .positiveInfinity: return Double.infinity
    case .negativeInfinity: return -Double.infinity
    case .missing: return nil
    }
  }
}

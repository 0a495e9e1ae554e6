/// The floating-point format that numbers were computed in, whatever array holds them.
public enum NumberPrecision: String, Sendable, Hashable {
  /// float32
  case single
  /// float64
  case double
}

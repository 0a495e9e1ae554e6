import Discrete
import Networks

extension NetworkScalar {
  /// What oracles and pull-backs of this type say they compute in.
  static var precision: NumberPrecision { Self.self == Float.self ? .single : .double }
}

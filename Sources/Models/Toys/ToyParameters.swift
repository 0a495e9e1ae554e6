import Discrete

extension ParameterSpec {
  /// Key of a problem's random coefficients.
  static let problemSeed = ParameterSpec(
    "seed", .integer(0...Int.max), default: .integer(1), "Key of the random coefficients")
}

/// A centre or offset of a toy cost: small enough that no power of it overflows.
let moderateNumber = ParameterKind.number(minimum: -10, maximum: 10, exclusive: false)

/// A logit: beyond 700 a probability underflows to 0.
let logitNumber = ParameterKind.number(minimum: -700, maximum: 700, exclusive: false)

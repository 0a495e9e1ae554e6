import Discrete
import Foundation

/// Straight-through rules that act on each coordinate alone: `h` times a factor of `z`.
struct StraightThroughSurrogate: Surrogate {
  /// The factor at coordinate `z` of an axis.
  let factor: @Sendable (_ point: QuantisedPoint, _ z: Double, _ axis: Int) -> Double

  func gradient(_ point: QuantisedPoint, uniforms: [Double]) throws -> SurrogateGradient {
    let h = try point.decoded(point.quantised).gradient
    return SurrogateGradient(
      points: h.enumerated().map {
        $1 * factor(point, point.points[$0], $0 % point.quantiser.dimension)
      },
      codebooks: point.zeroCodebooks)
  }
}

extension StraightThroughSurrogate {
  private static func kind(
    _ name: String, _ summary: String, parameters: [ParameterSpec] = [],
    for quantisers: [Quantiser.Kind] = [.sign],
    factor: @escaping @Sendable (ResolvedParameters) -> @Sendable (Double) -> Double
  ) -> SurrogateKind {
    SurrogateKind(name, summary, parameters: parameters, for: quantisers) { parameters in
      let factor = factor(parameters)
      return StraightThroughSurrogate { _, z, _ in factor(z) }
    }
  }

  static let plain = kind(
    "straight-through", "h as it is (Bengio et al. 2013)", for: Quantiser.Kind.allCases
  ) { _ in { _ in 1 } }

  static let clipped = kind(
    "clipped", "h where |z| <= c, 0 beyond",
    parameters: [ParameterSpec("c", .temperature, default: .number(1), "Where it ends")],
    for: [.scalar, .sign, .fsq]
  ) { parameters in
    let limit = parameters.number("c")
    return { abs($0) <= limit ? 1 : 0 }
  }

  static let fsq = SurrogateKind(
    "fsq",
    "h over floor(L/2), times the bound's derivative db/dz: straight through the rounding alone (Mentzer et al. 2023)",
    for: [.fsq]
  ) { _ in
    StraightThroughSurrogate { point, z, axis in
      point.quantiser.decoderDerivative(z, axis: axis)
    }
  }

  static let tanh = kind("tanh", "h (1 - tanh^2 z)") { _ in
    { z in
      let inverse = 1 / cosh(z)
      return inverse * inverse
    }
  }

  static let hardTanh = kind("hardtanh", "h where |z| <= 1, 0 beyond") { _ in
    { abs($0) <= 1 ? 1 : 0 }
  }

  static let dspike = kind(
    "dspike", "h b / (2 tanh(b/2)) / cosh^2(b z) where |z| <= 1/2, 0 beyond (Li et al. 2021)",
    parameters: [ParameterSpec("b", .temperature, default: .number(1), "Sharpness")]
  ) { parameters in
    let sharpness = parameters.number("b")
    let scale = sharpness / (2 * Foundation.tanh(sharpness / 2))
    return { z in
      guard abs(z) <= 0.5 else { return 0 }
      let inverse = 1 / cosh(sharpness * z)
      return scale * inverse * inverse
    }
  }

  static let reste = kind(
    "reste",
    "h (1/o) |z|^((1 - o)/o) where .1 < |z| <= t, its chord .1^(1/o)/.1 inside, 0 beyond (Wu et al. 2023)",
    parameters: [
      ParameterSpec(
        "o", .number(minimum: 1, maximum: 1e6, exclusive: false), default: .number(2),
        "Power 1/o of the soft sign"),
      ParameterSpec("t", .temperature, default: .number(1.5), "Where it ends"),
    ]
  ) { parameters in
    let (o, t) = (parameters.number("o"), parameters.number("t"))
    return { z in
      let size = abs(z)
      guard size <= t else { return 0 }
      return size > 0.1 ? pow(size, (1 - o) / o) / o : pow(0.1, 1 / o) / 0.1
    }
  }
}

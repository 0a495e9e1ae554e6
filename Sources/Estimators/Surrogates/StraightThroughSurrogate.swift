import Discrete
import Foundation

/// Straight-through rules that act on each coordinate alone: `h` times a factor of `z`.
struct StraightThroughSurrogate: Surrogate {
  let quantisers: [Quantiser.Kind]
  /// The factor at coordinate `z` of an axis.
  let factor: @Sendable (_ quantiser: Quantiser, _ z: Double, _ axis: Int) -> Double

  func backward(_ point: QuantisedPoint, _ h: [Double], uniforms: [Double]) -> SurrogateEstimate {
    SurrogateEstimate(
      points: h.enumerated().map {
        $1 * factor(point.quantiser, point.points[$0], $0 % point.quantiser.dimension)
      },
      codebooks: point.zeroCodebooks)
  }
}

extension EstimatorDescriptor {
  private static func coordinates(
    _ name: String, _ summary: String, formula: String, source: String, traps: [String] = [],
    parameters: [ParameterSpec] = [], for quantisers: [Quantiser.Kind] = [.sign],
    factor: @escaping @Sendable (ResolvedParameters) -> @Sendable (Double) -> Double
  ) -> EstimatorDescriptor {
    .surrogate(
      name, summary, formula: formula, source: source, traps: traps, parameters: parameters
    ) { parameters in
      let factor = factor(parameters)
      return StraightThroughSurrogate(quantisers: quantisers) { _, z, _ in factor(z) }
    }
  }

  static let straightThroughSurrogate = coordinates(
    "straight-through", "The decoder's gradient as it is.", formula: "g = h",
    source: "Bengio et al. 2013, arXiv:1308.3432", for: Quantiser.Kind.allCases
  ) { _ in { _ in 1 } }

  static let clippedSurrogate = coordinates(
    "clipped", "The decoder's gradient within a range of the coordinate.",
    formula: "g = h where |z| <= c, 0 beyond",
    source: "Courbariaux et al. 2016, arXiv:1602.02830",
    traps: ["A coordinate beyond c has no gradient that could bring it back."],
    parameters: [ParameterSpec("c", .temperature, default: .number(1), "Where it ends")],
    for: [.scalar, .sign, .fsq]
  ) { parameters in
    let limit = parameters.number("c")
    return { abs($0) <= limit ? 1 : 0 }
  }

  static let fsqSurrogate = EstimatorDescriptor.surrogate(
    "fsq", "Straight through the rounding alone: the bound keeps its derivative.",
    formula: "g = h / floor(L/2) * db/dz", source: "Mentzer et al. 2023, arXiv:2309.15505"
  ) { _ in
    StraightThroughSurrogate(quantisers: [.fsq]) { quantiser, z, axis in
      quantiser.decoderDerivative(z, axis: axis)
    }
  }

  static let tanhSurrogate = coordinates(
    "tanh", "The derivative of tanh in place of that of the sign.",
    formula: "g = h (1 - tanh^2 z)", source: "Gong et al. 2019, arXiv:1908.05033"
  ) { _ in
    { z in
      let inverse = 1 / cosh(z)
      return inverse * inverse
    }
  }

  static let hardTanhSurrogate = coordinates(
    "hardtanh", "The derivative of the hard tanh in place of that of the sign.",
    formula: "g = h where |z| <= 1, 0 beyond", source: "Courbariaux et al. 2016, arXiv:1602.02830"
  ) { _ in { abs($0) <= 1 ? 1 : 0 } }

  static let dspikeSurrogate = coordinates(
    "dspike", "The derivative of a sharpened tanh on the unit interval.",
    formula: "g = h b / (2 tanh(b/2)) / cosh^2(b z) where |z| <= 1/2, 0 beyond",
    source: "Li et al. 2021, NeurIPS 34",
    traps: [
      "Its factor integrates to 1, for levels 0 and 1; for levels -1 and 1 a factor 2 is missing."
    ],
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

  static let resteSurrogate = coordinates(
    "reste", "The derivative of a power in place of that of the sign.",
    formula: "g = h (1/o) |z|^((1 - o)/o) where .1 < |z| <= t, h .1^(1/o)/.1 inside, 0 beyond",
    source: "Wu et al. 2023, arXiv:2308.06689",
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

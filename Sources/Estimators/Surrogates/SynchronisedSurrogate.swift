import Discrete

/// Straight-through with `nu (q - sg q)` added to the output: the encoder's gradient is `h`, the chosen code's `nu h`
/// (Huh et al. 2023).
struct SynchronisedSurrogate: Surrogate {
  /// `nu`
  let share: Double

  var quantisers: [Quantiser.Kind] { Quantiser.Kind.nearest }

  func backward(_ point: QuantisedPoint, _ h: [Double], uniforms: [Double]) -> SurrogateEstimate {
    var codebooks = point.zeroCodebooks
    point.forEachUnit { unit, index, first, category in
      point.add(
        h[first..<first + unit.dimension].map { share * $0 }, unit: index, category: category,
        to: &codebooks)
    }
    return SurrogateEstimate(points: h, codebooks: codebooks)
  }

  static let share = ParameterSpec(
    "nu", .real, default: .number(1), "Share of the gradient that the chosen code gets")
}

extension EstimatorDescriptor {
  static let synchronisedSurrogate = EstimatorDescriptor.surrogate(
    "sync", "Straight-through that moves the chosen code too.",
    formula: "g = h; nu h at the chosen code", source: "Huh et al. 2023, arXiv:2305.08842",
    parameters: [SynchronisedSurrogate.share]
  ) { SynchronisedSurrogate(share: $0.number("nu")) }
}

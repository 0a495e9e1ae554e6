import Discrete

/// Straight-through with `nu (q - sg q)` added to the output: the encoder's gradient is `h`, the chosen code's `nu h`
/// (Huh et al. 2023).
struct SynchronisedSurrogate: Surrogate {
  /// `nu`
  let share: Double

  func gradient(_ point: QuantisedPoint, uniforms: [Double]) throws -> SurrogateGradient {
    let h = try point.decoded(point.quantised).gradient
    var codebooks = point.zeroCodebooks
    point.forEachUnit { unit, index, first, category in
      point.add(
        h[first..<first + unit.dimension].map { share * $0 }, unit: index, category: category,
        to: &codebooks)
    }
    return SurrogateGradient(points: h, codebooks: codebooks)
  }

  static let share = ParameterSpec(
    "nu", .real, default: .number(1), "Share of the gradient that the chosen code gets")

  static let kind = SurrogateKind(
    "sync", "h; nu h at the chosen code (Huh et al. 2023)", parameters: [share],
    for: Quantiser.Kind.nearest
  ) { SynchronisedSurrogate(share: $0.number("nu")) }
}

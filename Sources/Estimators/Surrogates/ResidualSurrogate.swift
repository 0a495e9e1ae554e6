import Discrete
import Tensors

/// How the stages of a residual quantiser hand gradients on.
enum ResidualConvention: String, CaseIterable, Sendable {
  /// `r_(l+1) = r_l - out_l`: the residual keeps the graph (EnCodec).
  case graphKept = "graph-kept"
  /// `r_(l+1) = r_l - sg(q_l)`, outputs summed.
  case detachedSummed = "detached-summed"
  /// The residual detached, one surrogate from `z` to the sum (Moshi).
  case oneSurrogate = "one-ste"

  static let parameter = ParameterSpec(
    "convention", .choice(allCases.map(\.rawValue)), default: .text("graph-kept"),
    "How stages hand gradients on")

  static func named(_ parameters: ResolvedParameters) -> ResidualConvention {
    ResidualConvention(rawValue: parameters.text("convention")) ?? .graphKept
  }
}

/// A residual quantiser whose stages carry gradients by one surrogate each, with Jacobians `A_l`: `dz_q/dz_e` is
/// `A_1 + A_2 (I - A_1) + A_3 (I - A_2)(I - A_1) + ...` where the residual keeps the graph, `A_1 + A_2 + ...` where it
/// is detached.
struct ResidualSurrogate: Surrogate {
  let convention: ResidualConvention
  /// Stages turn by the rotation trick; else straight through.
  let rotates: Bool

  var quantisers: [Quantiser.Kind] { [.residual] }

  func backward(
    _ point: QuantisedPoint, _ h: [Double], uniforms: [Double]
  ) throws -> SurrogateEstimate {
    let size = point.quantiser.dimension
    var gradient = h
    try point.forEachUnit { _, _, first, category in
      let range = first..<first + size
      gradient.replaceSubrange(
        range,
        with: RotationSurrogate.pullBack(
          Array(h[range]), try jacobian(point, Array(point.points[range]), category)))
    }
    return SurrogateEstimate(points: gradient, codebooks: point.zeroCodebooks)
  }

  private func jacobian(_ point: QuantisedPoint, _ z: [Double], _ category: Int) throws -> [Double]
  {
    let size = z.count
    let identity = (0..<size * size).map { $0 / size == $0 % size ? 1.0 : 0 }
    func stage(_ from: [Double], _ to: [Double]) throws -> [Double] {
      rotates ? try RotationSurrogate.jacobian(from, to: to) : identity
    }
    if convention == .oneSurrogate {
      return try stage(z, Array(point.quantiser.units[0].vector(category)))
    }
    var rest = z
    var handed = identity
    var sum = [Double](repeating: 0, count: size * size)
    for (codes, code) in zip(point.quantiser.codebooks, point.stageCodes(category)) {
      let own = Array(codes[code * size..<(code + 1) * size])
      let output = matrixProduct(try stage(rest, own), handed, m: size, n: size, k: size)
      for index in sum.indices {
        sum[index] += output[index]
        if convention == .graphKept { handed[index] -= output[index] }
      }
      for axis in 0..<size { rest[axis] -= own[axis] }
    }
    return sum
  }
}

/// Straight-through stages with `nu (q_l - sg q_l)` added to each output. Where the residual keeps the graph what the
/// stages add telescopes: the last one alone moves its code.
struct ResidualSynchronisedSurrogate: Surrogate {
  let convention: ResidualConvention
  /// `nu`
  let share: Double

  var quantisers: [Quantiser.Kind] { [.residual] }

  func backward(
    _ point: QuantisedPoint, _ h: [Double], uniforms: [Double]
  ) throws -> SurrogateEstimate {
    let encoder = try ResidualSurrogate(convention: convention, rotates: false)
      .backward(point, h, uniforms: [])
    let size = point.quantiser.dimension
    var codebooks = point.zeroCodebooks
    point.forEachUnit { _, _, first, category in
      for (stage, code) in point.stageCodes(category).enumerated()
      where convention != .graphKept || stage == codebooks.count - 1 {
        for axis in 0..<size { codebooks[stage][code * size + axis] += share * h[first + axis] }
      }
    }
    return SurrogateEstimate(points: encoder.points, codebooks: codebooks)
  }
}

extension EstimatorDescriptor {
  static let residualSurrogate = EstimatorDescriptor.surrogate(
    "residual", "Stages by one rule each, or one rule around the sum.",
    formula:
      "straight-through: g = h, M h, h where the residual keeps the graph, is detached, or M stages have one rule",
    source:
      "Zeghidour et al. 2021, arXiv:2107.03312; Defossez et al. 2022, arXiv:2210.13438; Defossez et al. 2024, arXiv:2410.00037",
    traps: ["A detached residual multiplies the encoder's gradient by the number of stages."],
    parameters: [
      ResidualConvention.parameter,
      ParameterSpec(
        "inner", .choice(["straight-through", "rotation"]), default: .text("straight-through"),
        "Rule of a stage"),
    ]
  ) {
    ResidualSurrogate(
      convention: .named($0), rotates: $0.text("inner") == "rotation")
  }

  static let residualSynchronisedSurrogate = EstimatorDescriptor.surrogate(
    "residual-sync", "Straight-through stages that move their codes too.",
    formula:
      "g as of 'residual'; nu h at the code of every stage, of the last alone where the residual keeps the graph",
    source: "Huh et al. 2023, arXiv:2305.08842",
    traps: ["Where the residual keeps the graph all stages but the last get nothing."],
    parameters: [ResidualConvention.parameter, SynchronisedSurrogate.share]
  ) {
    ResidualSynchronisedSurrogate(convention: .named($0), share: $0.number("nu"))
  }
}

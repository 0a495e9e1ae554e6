import Discrete
import Foundation
import Tensors

/// Rules that keep the distance to the code and let it move: the forward is `z + ||q - z|| v` with a direction `v` that
/// carries no gradient, so with `u = (q - z)/||q - z||` the encoder gets `h - u (v . h)` and the code `u (v . h)`.
///
/// `v = u` is DiVeQ without noise, whose forward is the code; noise turns it. A random `v` is noise substitution, whose
/// forward is no code. Where `z_e` is its code `u` is 0.
struct DirectionSurrogate: Surrogate {
  enum Direction: Sendable {
    /// The unit vector of `(q - z) + sigma n`, `n` standard normal.
    case turned(noise: Double)
    /// Uniform on the unit sphere.
    case uniform
  }

  let direction: Direction

  func uniforms(_ point: QuantisedPoint) -> Int {
    switch direction {
    case .turned(let noise): noise > 0 ? point.points.count : 0
    case .uniform:
      point.points.count / point.quantiser.dimension
        * point.quantiser.units.reduce(0) { $0 + Self.sphereUniforms($1.dimension) }
    }
  }

  var quantisers: [Quantiser.Kind] { Quantiser.Kind.nearest + [.residual] }

  /// One unit with its code: `u` from `z_e` to the code, `v` the direction taken, and the distance.
  private struct Turn {
    let unit: Int
    let range: Range<Int>
    let category: Int
    let u, v: [Double]
    let length: Double
  }

  func forward(_ point: QuantisedPoint, uniforms: [Double]) -> [Double] {
    if case .turned(0) = direction { return point.quantised }
    var forward = point.points
    for turn in turns(point, uniforms) {
      for (axis, place) in turn.range.enumerated() { forward[place] += turn.length * turn.v[axis] }
    }
    return forward
  }

  func backward(
    _ point: QuantisedPoint, _ h: [Double], uniforms: [Double]
  ) -> SurrogateEstimate {
    var gradient = h
    var codebooks = point.zeroCodebooks
    for turn in turns(point, uniforms) {
      let along = zip(turn.v, h[turn.range]).reduce(0) { $0 + $1.0 * $1.1 }
      let own = turn.u.map { $0 * along }
      for (axis, place) in turn.range.enumerated() { gradient[place] -= own[axis] }
      point.add(own, unit: turn.unit, category: turn.category, to: &codebooks)
    }
    return SurrogateEstimate(points: gradient, codebooks: codebooks)
  }

  private func turns(_ point: QuantisedPoint, _ uniforms: [Double]) -> [Turn] {
    var next = uniforms[...]
    var turns: [Turn] = []
    point.forEachUnit { unit, index, first, category in
      let range = first..<first + unit.dimension
      let step = zip(unit.vector(category), point.points[range]).map { $0 - $1 }
      let length = Self.length(step)
      // Where z_e is its code the distance has no direction to grow in: its subgradient is 0.
      let u = step.map { length > 0 ? $0 / length : 0 }
      let v: [Double]
      switch direction {
      case .turned(let noise) where noise > 0:
        let turned = zip(step, next.prefix(range.count)).map {
          $0 + noise * StandardNormal.quantile($1, complement: 1 - $1)
        }
        next = next.dropFirst(range.count)
        v = turned.map { $0 / Self.length(turned) }
      case .turned: v = u
      case .uniform:
        let count = Self.sphereUniforms(range.count)
        v = Self.sphere(Array(next.prefix(count)), dimension: range.count)
        next = next.dropFirst(count)
      }
      turns.append(
        Turn(unit: index, range: range, category: category, u: u, v: v, length: length))
    }
    return turns
  }

  private static func length(_ x: [Double]) -> Double {
    x.reduce(0) { $0 + $1 * $1 }.squareRoot()
  }

  /// Uniforms of a point on the sphere: an angle, an angle and a height, or one a normal.
  private static func sphereUniforms(_ dimension: Int) -> Int {
    dimension == 2 || dimension == 3 ? dimension - 1 : dimension
  }

  private static func sphere(_ u: [Double], dimension: Int) -> [Double] {
    switch dimension {
    case 2: return [cos(2 * .pi * u[0]), sin(2 * .pi * u[0])]
    case 3:
      let height = 2 * u[1] - 1
      let radius = max(0, 1 - height * height).squareRoot()
      return [radius * cos(2 * .pi * u[0]), radius * sin(2 * .pi * u[0]), height]
    default:
      let normals = u.map { StandardNormal.quantile($0, complement: 1 - $0) }
      return normals.map { $0 / length(normals) }
    }
  }
}

extension EstimatorDescriptor {
  static let diveqSurrogate = EstimatorDescriptor.surrogate(
    "diveq", "The distance to the code moves along a direction that is held.",
    formula:
      "g = h - u (v . h), u (v . h) at the code: u the direction of q - z_e, v that of q - z_e + noise n",
    source: "Vali et al. 2025, arXiv:2509.26469",
    traps: [
      "With noise the decoder is not evaluated at a code.",
      "Where z_e is its code u is 0, and g = h.",
    ],
    parameters: [
      ParameterSpec(
        "noise", .number(minimum: 0, maximum: 1e6, exclusive: false), default: .number(0),
        "Standard deviation of the noise of a coordinate of the direction")
    ]
  ) { DirectionSurrogate(direction: .turned(noise: $0.number("noise"))) }

  static let nsvqSurrogate = EstimatorDescriptor.surrogate(
    "nsvq", "Noise of the length of the quantisation error in place of the error.",
    formula:
      "g = h - u (v . h), u (v . h) at the code: v uniform on the sphere, forward z_e + ||q - z_e|| v",
    source: "Vali and Backstrom, IEEE Access 10 (2022)",
    traps: ["The decoder is not evaluated at a code, and one estimate has a variance."]
  ) { _ in DirectionSurrogate(direction: .uniform) }
}

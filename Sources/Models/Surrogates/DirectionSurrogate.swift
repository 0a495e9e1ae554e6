import Discrete
import Foundation
import Tensors

/// Rules that keep the distance to the code and let it move: the forward is `z + ||q - z|| v` with a direction `v` that
/// carries no gradient, so with `u = (q - z)/||q - z||` the encoder gets `h - u (v . h)` and the code `u (v . h)`.
///
/// `v = u` is DiVeQ without noise, whose forward is the code; noise turns it. A random `v` is noise substitution, whose
/// forward is no code.
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

  func gradient(_ point: QuantisedPoint, uniforms: [Double]) throws -> SurrogateGradient {
    var next = uniforms[...]
    var forward = point.points
    var parts: [(unit: Int, range: Range<Int>, category: Int, u: [Double], v: [Double])] = []
    try point.forEachUnit { unit, index, first, category in
      let range = first..<first + unit.dimension
      let step = zip(unit.vector(category), point.points[range]).map { $0 - $1 }
      let length = Self.length(step)
      guard length > 0 else {
        throw DiscreteError.notFinite(
          "z_e is its code: there is no direction from one to the other")
      }
      let u = step.map { $0 / length }
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
      for (axis, place) in range.enumerated() { forward[place] += length * v[axis] }
      parts.append((index, range, category, u, v))
    }
    if case .turned(0) = direction { forward = point.quantised }
    var gradient = try point.decoded(forward).gradient
    var codebooks = point.zeroCodebooks
    for part in parts {
      let along = zip(part.v, gradient[part.range]).reduce(0) { $0 + $1.0 * $1.1 }
      let own = part.u.map { $0 * along }
      for (axis, place) in part.range.enumerated() { gradient[place] -= own[axis] }
      point.add(own, unit: part.unit, category: part.category, to: &codebooks)
    }
    return SurrogateGradient(points: gradient, codebooks: codebooks)
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

  static let diveq = SurrogateKind(
    "diveq",
    "h - u (v . h), and u (v . h) at the code: u from z_e to the code, v the same with noise (Vali et al. 2025)",
    parameters: [
      ParameterSpec(
        "noise", .number(minimum: 0, maximum: 1e6, exclusive: false), default: .number(0),
        "Standard deviation of the noise of a coordinate of the direction")
    ], for: Quantiser.Kind.nearest + [.residual]
  ) { DirectionSurrogate(direction: .turned(noise: $0.number("noise"))) }

  static let nsvq = SurrogateKind(
    "nsvq",
    "h - u (v . h), and u (v . h) at the code: v uniform on the sphere, forward z_e + ||q - z_e|| v (Vali and Backstrom 2022)",
    for: Quantiser.Kind.nearest + [.residual]
  ) { _ in DirectionSurrogate(direction: .uniform) }
}

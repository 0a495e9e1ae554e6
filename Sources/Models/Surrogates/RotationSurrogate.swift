import Discrete
import Tensors

/// The rotation trick: `q = R z` with the scaled rotation `R = (||q||/||z||)(I - 2 w w^T + 2 q^ u^T)`, `u = z/||z||`,
/// `q^ = q/||q||`, `w = (u + q^)/||u + q^||`; the gradient is `R^T h` (Fifty et al. 2024).
package struct RotationSurrogate: Surrogate {
  package func gradient(_ point: QuantisedPoint, uniforms: [Double]) throws -> SurrogateGradient {
    let h = try point.decoded(point.quantised).gradient
    var gradient = [Double](repeating: 0, count: h.count)
    try point.forEachUnit { unit, _, first, category in
      let range = first..<first + unit.dimension
      gradient.replaceSubrange(
        range,
        with: Self.pullBack(
          Array(h[range]),
          try Self.jacobian(Array(point.points[range]), to: Array(unit.vector(category)))))
    }
    return SurrogateGradient(points: gradient, codebooks: point.zeroCodebooks)
  }

  /// `R`, `[d][d]`.
  ///
  /// - Throws: `DiscreteError.notFinite` where a vector is 0, or the two are opposite: no rotation is meant there.
  package static func jacobian(_ z: [Double], to q: [Double]) throws -> [Double] {
    func length(_ x: [Double]) -> Double { x.reduce(0) { $0 + $1 * $1 }.squareRoot() }
    let (zLength, qLength) = (length(z), length(q))
    let (u, direction) = (z.map { $0 / zLength }, q.map { $0 / qLength })
    let sum = zip(u, direction).map { $0 + $1 }
    let sumLength = length(sum)
    guard zLength > 0, qLength > 0, sumLength > 0 else {
      throw DiscreteError.notFinite(
        "no rotation takes z_e to its code: one of them is 0, or they are opposite")
    }
    let w = sum.map { $0 / sumLength }
    let scale = qLength / zLength
    let count = z.count
    return (0..<count * count).map { index in
      let (row, column) = (index / count, index % count)
      return scale
        * ((row == column ? 1 : 0) - 2 * w[row] * w[column] + 2 * direction[row] * u[column])
    }
  }

  /// `J^T h`
  static func pullBack(_ h: [Double], _ jacobian: [Double]) -> [Double] {
    matrixProduct(jacobian, h, m: h.count, n: 1, k: h.count, transposeA: true)
  }

  static let kind = SurrogateKind(
    "rotation", "R^T h with the scaled rotation R of z_e to its code (Fifty et al. 2024)",
    for: Quantiser.Kind.nearest
  ) { _ in RotationSurrogate() }
}

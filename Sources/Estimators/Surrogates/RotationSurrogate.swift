import Discrete
import Tensors

/// The rotation trick: `q = R z` with the scaled rotation `R = (||q||/||z||)(I - 2 w w^T + 2 q^ u^T)`, `u = z/||z||`,
/// `q^ = q/||q||`, `w = (u + q^)/||u + q^||`; the gradient is `R^T h` (Fifty et al. 2024).
package struct RotationSurrogate: Surrogate {
  package init() {}

  package var quantisers: [Quantiser.Kind] { Quantiser.Kind.nearest }

  package func backward(
    _ point: QuantisedPoint, _ h: [Double], uniforms: [Double]
  ) throws -> SurrogateEstimate {
    var gradient = [Double](repeating: 0, count: h.count)
    try point.forEachUnit { unit, _, first, category in
      let range = first..<first + unit.dimension
      gradient.replaceSubrange(
        range,
        with: Self.pullBack(
          Array(h[range]),
          try Self.jacobian(Array(point.points[range]), to: Array(unit.vector(category)))))
    }
    return SurrogateEstimate(points: gradient, codebooks: point.zeroCodebooks)
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
}

extension EstimatorDescriptor {
  static let rotationSurrogate = EstimatorDescriptor.surrogate(
    "rotation", "The rotation trick: the gradient turns with z_e to its code.",
    formula: "g = R^T h, R the scaled rotation of z_e to its code",
    source: "Fifty et al. 2024, arXiv:2410.06424",
    traps: ["The scale of R is ||q||/||z_e||: small codes make small gradients."]
  ) { _ in RotationSurrogate() }
}

import Discrete

/// `f(y) = y' A y + sum_r ((W y)_r)^3`. Gradient: `(A + A') y + 3 W' (W y)^2`.
public struct CubicCost: SharedCost {
  public let latents: Int
  public let categories: Int
  private let quadratic: QuadraticForm
  private let terms: PointMap

  /// - Parameters:
  ///   - matrix: `A[D K][D K]`, row-major, not necessarily symmetric.
  ///   - factors: `W[R][D K]`, row-major; any number of rows.
  /// - Throws: `DiscreteError.shape` or `.notFinite` for unusable coefficients.
  public init(latents: Int, categories: Int, matrix: [Double], factors: [Double]) throws {
    let width = latents * categories
    let rank = width == 0 ? 0 : factors.count / width
    try checkCoefficients("A", matrix, count: width * width)
    try checkCoefficients("W", factors, count: rank * width)
    self.latents = latents
    self.categories = categories
    quadratic = QuadraticForm(matrix, latents: latents, categories: categories)
    terms = PointMap(factors, outputs: rank, latents: latents, categories: categories)
  }

  public var traits: CostTraits {
    CostTraits(
      form: .polynomial(
        CubicPolynomial(
          matrix: quadratic.matrix, linear: [Double](repeating: 0, count: width),
          factors: terms.matrix)))
  }

  public func evaluate(_ points: CostPoints, count: Int, gradients: Bool) -> CostBlock {
    var block = quadratic.evaluate(points, count: count, gradients: gradients)
    let rank = terms.outputs
    var projected = terms.apply(points, count: count)
    for point in 0..<count {
      for index in point * rank..<(point + 1) * rank {
        let u = projected[index]
        block.values[point] += u * u * u
        projected[index] = 3 * u * u
      }
    }
    guard gradients else { return block }
    let derivatives = terms.pullBack(projected, count: count)
    for index in derivatives.indices { block.gradients[index] += derivatives[index] }
    return block
  }
}

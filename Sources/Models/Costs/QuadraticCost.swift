import Discrete

/// `f(y) = y' A y + b . y` with any square `A`. Gradient: `(A + A') y + b`.
public struct QuadraticCost: SharedCost {
  public let latents: Int
  public let categories: Int
  private let quadratic: QuadraticForm
  private let linear: LinearCost

  /// - Parameters:
  ///   - matrix: `A[D K][D K]`, row-major, not necessarily symmetric.
  ///   - weights: `b[D K]`.
  /// - Throws: `DiscreteError.shape` or `.notFinite` for unusable coefficients.
  public init(latents: Int, categories: Int, matrix: [Double], weights: [Double]) throws {
    let width = latents * categories
    try checkCoefficients("A", matrix, count: width * width)
    try checkCoefficients("b", weights, count: width)
    self.latents = latents
    self.categories = categories
    quadratic = QuadraticForm(matrix, latents: latents, categories: categories)
    linear = try LinearCost(latents: latents, categories: categories, weights: weights)
  }

  public var traits: CostTraits {
    CostTraits(
      form: .polynomial(CubicPolynomial(matrix: quadratic.matrix, linear: linear.weights)))
  }

  public func evaluate(_ points: CostPoints, count: Int, gradients: Bool) -> CostBlock {
    var block = quadratic.evaluate(points, count: count, gradients: gradients)
    let added = linear.evaluate(points, count: count, gradients: gradients)
    for index in block.values.indices { block.values[index] += added.values[index] }
    for index in block.gradients.indices { block.gradients[index] += added.gradients[index] }
    return block
  }
}

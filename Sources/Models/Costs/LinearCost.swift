import Discrete

/// `f(y) = sum_dk a[d, k] y[d, k] + b`. Gradient: `a`.
public struct LinearCost: SharedCost {
  public let latents: Int
  public let categories: Int
  let weights: [Double]
  private let constant: Double

  /// - Parameter weights: `a[D][K]`.
  /// - Throws: `DiscreteError.shape` or `.notFinite` for unusable coefficients.
  public init(latents: Int, categories: Int, weights: [Double], constant: Double = 0) throws {
    try checkCoefficients("a", weights, count: latents * categories)
    try checkCoefficients("b", [constant], count: 1)
    self.latents = latents
    self.categories = categories
    self.weights = weights
    self.constant = constant
  }

  public var traits: CostTraits {
    CostTraits(
      separableTerms: weights,
      form: .polynomial(CubicPolynomial(linear: weights, constant: constant)))
  }

  public func evaluate(_ points: CostPoints, count: Int, gradients: Bool) -> CostBlock {
    var values = [Double](repeating: constant, count: count)
    for point in 0..<count {
      switch points {
      case .hard(let codes):
        for latent in 0..<latents {
          values[point] += weights[latent * categories + Int(codes[point * latents + latent])]
        }
      case .soft(let points):
        for index in 0..<width { values[point] += weights[index] * points[point * width + index] }
      }
    }
    guard gradients else { return CostBlock(values: values) }
    var derivatives: [Double] = []
    derivatives.reserveCapacity(count * width)
    for _ in 0..<count { derivatives.append(contentsOf: weights) }
    return CostBlock(values: values, gradients: derivatives)
  }
}

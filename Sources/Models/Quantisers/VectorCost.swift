import Discrete
import Tensors

/// A cost of the decoder's input `y = z_q` in `R^m`, by its coefficients.
package struct VectorCost: Sendable {
  package enum Form: Sendable {
    /// `a . y + b`
    case linear(a: [Double], b: Double)
    /// `y' A y + b . y`
    case quadratic(matrix: [Double], b: [Double])
    /// `y' A y + sum_r ((W y)_r)^3`
    case cubic(matrix: [Double], factors: [Double])
    /// `w2 . tanh(W1 y + b1) + b2`
    case tanhNetwork(inputWeights: [Double], offset: [Double], output: [Double], constant: Double)
  }

  /// `m`
  package let size: Int
  package let form: Form
  /// Made once: surrogates with noise ask for it at every draw.
  private let own: Result<any SharedCost, any Error>

  package init(size: Int, form: Form) {
    self.size = size
    self.form = form
    own = Result {
      try Self.cost(form, latents: 1, categories: size, matrix: { $0 }, vectors: { $0 })
    }
  }

  /// The cost of `y = E x` for points `x` of a layer: the same form, with `E` in its coefficients.
  ///
  /// - Parameter map: `E`, `[m][D K]`.
  private func cost(of map: [Double], latents: Int, categories: Int) throws -> any SharedCost {
    let (size, width) = (size, latents * categories)
    func vectors(_ rows: [Double]) -> [Double] {
      matrixProduct(rows, map, m: rows.count / size, n: width, k: size)
    }
    return try Self.cost(
      form, latents: latents, categories: categories,
      matrix: { matrix in
        matrixProduct(map, vectors(matrix), m: width, n: width, k: size, transposeA: true)
      }, vectors: vectors)
  }

  private static func cost(
    _ form: Form, latents: Int, categories: Int, matrix: ([Double]) -> [Double],
    vectors: ([Double]) -> [Double]
  ) throws -> any SharedCost {
    switch form {
    case .linear(let a, let b):
      return try LinearCost(
        latents: latents, categories: categories, weights: vectors(a), constant: b)
    case .quadratic(let own, let b):
      return try QuadraticCost(
        latents: latents, categories: categories, matrix: matrix(own), weights: vectors(b))
    case .cubic(let own, let factors):
      return try CubicCost(
        latents: latents, categories: categories, matrix: matrix(own), factors: vectors(factors))
    case .tanhNetwork(let weights, let offset, let output, let constant):
      return try TanhNetworkCost(
        latents: latents, categories: categories, inputWeights: vectors(weights),
        inputOffset: offset, outputWeights: output, constant: constant)
    }
  }
}

extension VectorCost: PointDecoder {
  package func costs(
    at points: [Double], count: Int
  ) throws -> (values: [Double], gradients: [Double]) {
    let block = try own.get().evaluate(.soft(points), count: count, gradients: true)
    return (block.values, block.gradients)
  }

  /// The cost of the points of a layer whose latents are the units of all tokens.
  func layerCost(_ quantiser: Quantiser, _ shape: LayerShape) throws -> any SharedCost {
    let width = shape.width
    var map = [Double](repeating: 0, count: size * width)
    for latent in 0..<shape.latents {
      let (unit, _, coordinates) = quantiser.unit(ofLatent: latent)
      for (index, value) in unit.vectors.enumerated() {
        map[
          (coordinates.lowerBound + index % unit.dimension) * width + latent * shape.categories
            + index / unit.dimension] = value
      }
    }
    return try cost(of: map, latents: shape.latents, categories: shape.categories)
  }
}

import Discrete

/// A quantiser at the tokens `z_e` of one row, with a cost of what the decoder sees.
package struct QuantisedPoint: Sendable {
  package let quantiser: Quantiser
  /// `z_e`, `[tokens][d]`.
  package let points: [Double]
  package let cost: VectorCost

  package init(quantiser: Quantiser, points: [Double], cost: VectorCost) {
    self.quantiser = quantiser
    self.points = points
    self.cost = cost
  }

  /// `z_q`, `[tokens][d]`.
  package var quantised: [Double] { quantiser.vectors(quantiser.categories(of: points)) }

  /// `L` and `dL/dy` at a point of the decoder, `[tokens][d]`.
  ///
  /// - Throws: `DiscreteError.notFinite` where one is not finite.
  package func decoded(_ point: [Double]) throws -> (value: Double, gradient: [Double]) {
    let block = try cost.cost().evaluate(.soft(point), count: 1, gradients: true)
    guard (block.values + block.gradients).allSatisfy(\.isFinite) else {
      throw DiscreteError.notFinite("the cost or its gradient at the quantised point is not finite")
    }
    return (block.values[0], block.gradients)
  }

  /// The cost of the layer's points.
  package func layerCost(_ shape: LayerShape) throws -> any SharedCost {
    let width = shape.width
    var map = [Double](repeating: 0, count: points.count * width)
    for latent in 0..<shape.latents {
      let (unit, _, coordinates) = quantiser.unit(ofLatent: latent)
      for (index, value) in unit.vectors.enumerated() {
        map[
          (coordinates.lowerBound + index % unit.dimension) * width + latent * shape.categories
            + index / unit.dimension] = value
      }
    }
    return try cost.cost(of: map, latents: shape.latents, categories: shape.categories)
  }
}

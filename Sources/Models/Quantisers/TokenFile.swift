import Discrete

/// What a file says of a quantiser: its tokens, and a cost of what the decoder sees.
package struct TokenFile: Sendable {
  package let quantiser: Quantiser
  /// `z_e`, `[tokens][d]`.
  package let points: [Double]
  package let cost: VectorCost

  package init(quantiser: Quantiser, points: [Double], cost: VectorCost) {
    self.quantiser = quantiser
    self.points = points
    self.cost = cost
  }

  /// As surrogates take it.
  package var point: QuantisedPoint {
    QuantisedPoint(quantiser: quantiser, points: points, decoder: cost)
  }
}

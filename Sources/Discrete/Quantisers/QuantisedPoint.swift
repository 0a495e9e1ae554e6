/// What stands behind a quantiser on one row: the cost of what the decoder sees.
public protocol PointDecoder: Sendable {
  /// `L` and `dL/dy` at points `y` of the decoder's input, `[count]` and `[count][tokens][d]`.
  func costs(at points: [Double], count: Int) throws -> (values: [Double], gradients: [Double])
}

/// A quantiser at the tokens `z_e` of one row, with a cost of what the decoder sees.
public struct QuantisedPoint: Sendable {
  public let quantiser: Quantiser
  /// `z_e`, `[tokens][d]`.
  public let points: [Double]
  public let decoder: any PointDecoder

  public init(quantiser: Quantiser, points: [Double], decoder: any PointDecoder) {
    self.quantiser = quantiser
    self.points = points
    self.decoder = decoder
  }

  /// `z_q`, `[tokens][d]`.
  public var quantised: [Double] { quantiser.vectors(quantiser.categories(of: points)) }

  /// `L` and `dL/dy` at a point of the decoder, `[tokens][d]`.
  ///
  /// - Throws: `DiscreteError.notFinite` where one is not finite.
  public func decoded(_ point: [Double]) throws -> (value: Double, gradient: [Double]) {
    let (values, gradients) = try decoded([point])
    return (values[0], gradients[0])
  }

  /// The same at several points, `[point][tokens][d]`.
  public func decoded(
    _ points: [[Double]]
  ) throws -> (values: [Double], gradients: [[Double]]) {
    let (values, gradients) = try decoder.costs(
      at: points.flatMap(\.self), count: points.count)
    guard (values + gradients).allSatisfy(\.isFinite) else {
      throw DiscreteError.notFinite("the cost or its gradient at the quantised point is not finite")
    }
    let size = self.points.count
    return (
      values, points.indices.map { Array(gradients[$0 * size..<($0 + 1) * size]) }
    )
  }
}

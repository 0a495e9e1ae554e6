/// Logits `phi[B][D][K]` of a factorised categorical layer, in float64.
public struct Logits: Sendable, Equatable {
  public let shape: LayerShape
  /// Row-major values `[rows][latents][categories]`.
  public let values: [Double]

  /// - Throws: `DiscreteError.shape` if `values` does not have `shape.count` elements,
  ///   `DiscreteError.notFinite` if a value is NaN or infinite.
  public init(shape: LayerShape, values: [Double]) throws {
    guard values.count == shape.count else {
      throw DiscreteError.shape(
        "logits need \(shape.count) values for \(shape.rows) x \(shape.latents) x \(shape.categories), found \(values.count)"
      )
    }
    if let index = values.firstIndex(where: { !$0.isFinite }) {
      throw DiscreteError.notFinite("logit \(index) is \(values[index])")
    }
    self.shape = shape
    self.values = values
  }

  /// The logits of one row.
  public func row(_ row: Int) -> RowLogits {
    let width = shape.width
    return RowLogits(
      latents: shape.latents, categories: shape.categories,
      values: Array(values[row * width..<(row + 1) * width]))
  }
}

/// Logits `phi[D][K]` of one row.
public struct RowLogits: Sendable, Equatable {
  public let latents: Int
  public let categories: Int
  /// Row-major values `[latents][categories]`.
  public let values: [Double]

  public init(latents: Int, categories: Int, values: [Double]) {
    precondition(values.count == latents * categories)
    self.latents = latents
    self.categories = categories
    self.values = values
  }

  /// `softmax(phi[d, :] / temperature)` of every latent, `[latents][categories]`.
  ///
  /// Stable: the maximum of each latent is subtracted first. Cost: `D K` exponentials.
  public func probabilities(temperature: Double = 1) -> [Double] {
    softmax(values, categories: categories, scale: 1 / temperature)
  }
}

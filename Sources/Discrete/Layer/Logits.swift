/// Logits `phi[B][D][K]` of a factorised categorical layer, in float64.
public struct Logits: Sendable, Equatable {
  public let shape: LayerShape
  /// Row-major values `[rows][latents][categories]`, minus infinity in the padding of a layer with
  /// `levels`.
  public let values: [Double]

  /// - Parameter values: `[rows][latents][categories]`; of a layer with `levels`, the categories that there
  ///   are one after the other, `[rows][sum_d K_d]`.
  /// - Throws: `DiscreteError.shape` for another number of values, or a latent of less than two categories
  ///   among others; `DiscreteError.notFinite` if a value is NaN or infinite.
  public init(shape: LayerShape, values: [Double]) throws {
    let due = shape.rows * shape.packedWidth
    guard values.count == due else {
      throw DiscreteError.shape(
        "logits need \(due) values for \(shape.sizesText), found \(values.count)"
      )
    }
    if let latent = shape.levels.firstIndex(where: { $0 < 2 }) {
      throw DiscreteError.shape(
        "a latent needs at least 2 categories, latent \(latent) has \(shape.levels[latent])")
    }
    if let index = values.firstIndex(where: { !$0.isFinite }) {
      throw DiscreteError.notFinite("logit \(index) is \(values[index])")
    }
    self.shape = shape
    self.values = shape.padded(values, filling: -.infinity)
  }

  /// The logits of one row.
  public func row(_ row: Int) -> RowLogits {
    let width = shape.width
    return RowLogits(
      latents: shape.latents, categories: shape.categories, levels: shape.levels,
      values: Array(values[row * width..<(row + 1) * width]))
  }
}

/// Logits `phi[D][K]` of one row.
public struct RowLogits: Sendable, Equatable {
  public let latents: Int
  public let categories: Int
  /// See `LayerShape.levels`.
  public let levels: [Int]
  /// Row-major values `[latents][categories]`, minus infinity in the padding.
  public let values: [Double]

  public init(latents: Int, categories: Int, values: [Double]) {
    self.init(latents: latents, categories: categories, levels: [], values: values)
  }

  init(latents: Int, categories: Int, levels: [Int], values: [Double]) {
    precondition(values.count == latents * categories)
    self.latents = latents
    self.categories = categories
    self.levels = levels
    self.values = values
  }

  /// The layer of this row alone.
  public var shape: LayerShape {
    levels.isEmpty
      ? LayerShape(rows: 1, latents: latents, categories: categories)
      : LayerShape(rows: 1, categories: levels)
  }

  /// Number of categories of one latent.
  public func categories(of latent: Int) -> Int { levels.isEmpty ? categories : levels[latent] }

  /// The places of one latent's own categories in an array `[latents][categories]`.
  public func places(of latent: Int) -> Range<Int> {
    latent * categories..<latent * categories + categories(of: latent)
  }

  /// The row of the first latents alone.
  public func prefix(latents count: Int) -> RowLogits {
    let shape = shape.prefix(latents: count)
    return RowLogits(
      latents: shape.latents, categories: shape.categories, levels: shape.levels,
      values: (0..<shape.latents).flatMap { latent in
        let from = latent * categories
        return values[from..<from + shape.categories]
      })
  }

  /// The row of one latent alone.
  public func latent(_ latent: Int) -> RowLogits {
    let own = places(of: latent)
    return RowLogits(latents: 1, categories: own.count, values: Array(values[own]))
  }

  /// `softmax(phi[d, :] / temperature)` of every latent, `[latents][categories]`.
  ///
  /// Stable: the maximum of each latent is subtracted first. Cost: `D K` exponentials.
  public func probabilities(temperature: Double = 1) -> [Double] {
    softmax(values, categories: categories, scale: 1 / temperature)
  }
}

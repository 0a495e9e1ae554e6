/// Hard one-hot points of a layer, as category indices `[rows][draws][latents]`.
public struct CodeBlock: Sendable, Equatable {
  public let shape: LayerShape
  public let draws: Int
  public var indices: [Int32]

  public init(shape: LayerShape, draws: Int, indices: [Int32]) {
    precondition(indices.count == shape.rows * draws * shape.latents)
    self.shape = shape
    self.draws = draws
    self.indices = indices
  }
}

/// Points on the product of simplices, `[rows][draws][latents][categories]`.
public struct SoftBlock: Sendable, Equatable {
  public let shape: LayerShape
  public let draws: Int
  public var points: [Double]

  public init(shape: LayerShape, draws: Int, points: [Double]) {
    precondition(points.count == shape.count * draws)
    self.shape = shape
    self.draws = draws
    self.points = points
  }
}

/// What a cost oracle answers for a block of points.
public struct CostBlock: Sendable, Equatable {
  /// `f_b(z)`, `[rows][draws]`.
  public var values: [Double]
  /// `df_b/dz`, `[rows][draws][latents][categories]`; empty when not asked for.
  public var gradients: [Double]

  public init(values: [Double], gradients: [Double] = []) {
    self.values = values
    self.gradients = gradients
  }
}

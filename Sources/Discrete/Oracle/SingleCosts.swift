/// What an oracle answers in float32 for a block of hard points.
public struct SingleCosts: Sendable, Equatable {
  /// `f_b(z)`, `[rows][draws]`; empty when not asked for.
  public var values: [Double]
  /// `df_b/dz`, `[rows][draws][latents][categories]`; empty when not asked for.
  public var gradients: [Float]

  public init(values: [Double], gradients: [Float]) {
    self.values = values
    self.gradients = gradients
  }

  /// Costs in float64, their gradients rounded.
  init(_ costs: CostBlock) {
    self.init(values: costs.values, gradients: costs.gradients.map { Float($0) })
  }
}

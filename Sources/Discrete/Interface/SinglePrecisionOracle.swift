/// An oracle that computes in float32: its derivatives carry no more digits, and blocks of draws take
/// them as they are instead of through float64 arrays.
public protocol SinglePrecisionOracle: CostOracle {
  /// Costs and `df/dz` at hard points, each if asked for: the numbers of `costs(at:gradients:)`.
  func singleCosts(at codes: CodeBlock, values: Bool, gradients: Bool) throws -> SingleCosts

  /// The numbers of `costs(ofStates:gradients:)`.
  func singleCosts(ofStates states: Range<Int>, gradients: Bool) throws -> SingleCosts

  /// `df/dz` at points on the product of simplices, both `[rows][draws][latents][categories]`.
  func singleGradients(at points: [Float], draws: Int) throws -> [Float]
}

/// What an oracle in float32 answers for a block of hard points.
public struct SingleCosts: Sendable, Equatable {
  /// `f_b(z)`, `[rows][draws]`; empty when not asked for.
  public var values: [Double]
  /// `df_b/dz`, `[rows][draws][latents][categories]`; empty when not asked for.
  public var gradients: [Float]

  public init(values: [Double], gradients: [Float]) {
    self.values = values
    self.gradients = gradients
  }
}

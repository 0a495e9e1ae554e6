/// Mean and unbiased variance of every coordinate of one estimator's logit gradient, `[B][D][K]`,
/// with the factor `1/B` of the objective.
public struct CoordinateMoments: Sendable, Equatable {
  /// Estimates behind the moments.
  public var draws: Int
  public var mean: [Double]
  /// Sum of squared deviations over `draws - 1`; NaN for a single draw.
  public var variance: [Double]

  public init(draws: Int, mean: [Double], variance: [Double]) {
    self.draws = draws
    self.mean = mean
    self.variance = variance
  }
}

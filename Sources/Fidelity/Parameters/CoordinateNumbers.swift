/// Mean and variance of every coordinate of a gradient estimate, each with its standard error.
///
/// Of the sum over rows with the factor `1/B` of the objective.
public struct CoordinateNumbers: Sendable, Equatable {
  public var mean: [Double]
  /// Of draws `sqrt(variance / draws)`; of finite sums 0.
  public var meanError: [Double]
  /// Unbiased.
  public var variance: [Double]
  /// Of draws by the spread of the blocks' own variances, NaN for a single block; of finite sums 0.
  public var varianceError: [Double]

  public init(
    mean: [Double], meanError: [Double], variance: [Double], varianceError: [Double]
  ) {
    self.mean = mean
    self.meanError = meanError
    self.variance = variance
    self.varianceError = varianceError
  }

  /// Sampled numbers.
  ///
  /// - Parameter squaredErrors: of the variances.
  init(mean: [Double], variance: [Double], squaredErrors: [Double], draws: Int) {
    self.init(
      mean: mean, meanError: variance.map { (max($0, 0) / Double(draws)).squareRoot() },
      variance: variance, varianceError: squaredErrors.map { max($0, 0).squareRoot() })
  }
}

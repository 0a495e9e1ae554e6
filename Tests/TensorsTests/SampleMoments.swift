import Foundation

/// Mean and variance of a sample with their standard errors.
struct SampleMoments {
  let count: Double
  let mean: Double
  let variance: Double
  /// Standard error of the variance, from the fourth central moment.
  let varianceError: Double

  init(_ values: [Double]) {
    let n = Double(values.count)
    let mean = values.reduce(0, +) / n
    var second = 0.0
    var fourth = 0.0
    for value in values {
      let square = (value - mean) * (value - mean)
      second += square
      fourth += square * square
    }
    second /= n
    fourth /= n
    self.count = n
    self.mean = mean
    self.variance = second
    self.varianceError = ((fourth - second * second) / n).squareRoot()
  }

  /// z-scores of mean and variance against known values.
  func scores(mean trueMean: Double, variance trueVariance: Double) -> [Double] {
    [
      (mean - trueMean) / (trueVariance / count).squareRoot(),
      (variance - trueVariance) / varianceError,
    ]
  }

  /// z-scores of the differences from an independent sample.
  func scores(against other: SampleMoments) -> [Double] {
    [
      (mean - other.mean)
        / (variance / count + other.variance / other.count).squareRoot(),
      (variance - other.variance)
        / (varianceError * varianceError + other.varianceError * other.varianceError).squareRoot(),
    ]
  }
}

/// What rounding may have made of a metric as it is shown.
enum RoundingEffect: Equatable {
  /// The value may be off by as much.
  case error(Double)
  /// Nothing varies beyond rounding: a ratio to the variance is infinite, and above a lower end; NaN
  /// where there is not even rounding.
  case endless(low: Double)
  /// The number is relative to a norm that is 0 within its rounding: it does not exist.
  case missing
}

/// The norms of a scope with how far each may be off: what the effect of rounding on a metric is made of.
///
/// Norms move by their bounds, `||m - g*||` by `difference`; every error is what the metric's own
/// formula makes of that, and a few roundings of the value itself.
struct RoundingParts {
  let statistics: ScopeStatistics
  /// `||m - g*||`, `||g*||`, `||m||`
  let bias: Double
  let norm: Double
  let size: Double
  /// Of `||m - g*||` and of its square.
  let delta: Double
  let squareError: Double
  /// Rounding of the sums of squares over the coordinates and of the formula, relative.
  let own: Double
  let hasTarget: Bool
  let hasMean: Bool
  /// Of the norms, relative: they may be smaller by as much.
  let targetError: Double
  let meanError: Double

  var rounding: RoundingBound { statistics.rounding }
  var difference: Double { statistics.difference }
  var trace: Double { statistics.trace }

  init(_ statistics: ScopeStatistics) {
    self.statistics = statistics
    let rounding = statistics.rounding
    bias = max(statistics.difference, 0).squareRoot()
    norm = max(statistics.target, 0).squareRoot()
    size = max(statistics.mean, 0).squareRoot()
    delta = rounding.difference
    squareError = delta * (2 * bias + delta)
    own = RowRounding.unit * (16 + Double(statistics.count).squareRoot())
    // A sampled target may be all noise.
    hasTarget = norm > rounding.target && statistics.target > statistics.targetNoise
    hasMean = size > rounding.mean
    targetError = hasTarget ? rounding.target / norm : 0
    meanError = hasMean ? rounding.mean / size : 0
  }

  /// Of `x / y` for `x` off by `error` and `y` off by `relative` of itself.
  func ratio(_ x: Double, _ error: Double, over y: Double, _ relative: Double) -> RoundingEffect {
    .error((x + error) / (y * (1 - relative)) - x / y + own * x / y)
  }

  /// Of `||m - g*|| / ||g*||`.
  var biasByTarget: RoundingEffect {
    hasTarget ? ratio(bias, delta, over: norm, targetError) : .missing
  }

  /// Bound of the angle between the computed and the true pair: `asin x <= 1.6 x`.
  var angleError: Double { 1.6 * (meanError + targetError) }

  /// Of `sqrt((bias^2 + tr(S)/M)) / ||g*||`.
  func rootError(draws: Double) -> RoundingEffect {
    let square = max(difference + trace / draws, 0)
    let error = squareError + rounding.trace / draws
    let value = square.squareRoot() / norm
    let high = (square + error).squareRoot() / (norm * (1 - targetError))
    let low = max(square - error, 0).squareRoot() / (norm * (1 + targetError))
    return .error(max(high - value, value - low) + own * value)
  }
}

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

extension ScopeStatistics {
  /// The effect of `rounding` on a metric.
  ///
  /// Norms move by their bounds, `||m - g*||` by `difference`; every error is what the metric's own
  /// formula makes of that, and a few roundings of the value itself.
  func roundingEffect(_ metric: Metric) -> RoundingEffect {
    let bias = max(difference, 0).squareRoot()
    let norm = max(target, 0).squareRoot()
    let size = max(mean, 0).squareRoot()
    let delta = rounding.difference
    let squareError = delta * (2 * bias + delta)
    let own = ownRounding
    // A sampled target may be all noise.
    let hasTarget = norm > rounding.target && target > targetNoise
    let hasMean = size > rounding.mean
    // Norms may be smaller by as much.
    let targetError = hasTarget ? rounding.target / norm : 0
    let meanError = hasMean ? rounding.mean / size : 0
    /// Of `x / y` for `x` off by `error` and `y` off by `relative` of itself.
    func ratio(_ x: Double, _ error: Double, over y: Double, _ relative: Double) -> RoundingEffect {
      .error((x + error) / (y * (1 - relative)) - x / y + own * x / y)
    }
    switch metric {
    case .biasSquared:
      // What is subtracted for the noise is rounded as the variance is.
      let noise = trace > 0 ? rounding.trace * max(meanNoise, 0) / trace : 0
      return .error(squareError + own * difference + noise)
    case .relativeBias, .reinMaxBias:
      return hasTarget ? ratio(bias, delta, over: norm, targetError) : .missing
    case .variance: return .error(rounding.trace + own * abs(trace))
    case .varianceMean: return .error((rounding.trace + own * abs(trace)) / Double(count))
    case .mse: return .error(squareError + rounding.trace + own * (difference + abs(trace)))
    case .rmse1: return hasTarget ? rootError(1, squareError, norm, targetError, own) : .missing
    case .rmse10: return hasTarget ? rootError(10, squareError, norm, targetError, own) : .missing
    case .rmse100: return hasTarget ? rootError(100, squareError, norm, targetError, own) : .missing
    case .rmse1000:
      return hasTarget ? rootError(1000, squareError, norm, targetError, own) : .missing
    case .snr:
      let lowest = (size - rounding.mean) * (size - rounding.mean) / (trace + rounding.trace)
      guard trace > rounding.trace else {
        return hasMean ? .endless(low: trace + rounding.trace > 0 ? lowest : .nan) : .missing
      }
      let highest = (size + rounding.mean) * (size + rounding.mean) / (trace - rounding.trace)
      let value = mean / trace
      return .error(max(highest - value, value - (hasMean ? lowest : 0)) + own * value)
    case .cosineOfMean, .reinMaxCosine:
      guard hasTarget, hasMean else { return .missing }
      let angle = angleError(meanError, targetError)
      let sine = bias > 0 ? min(1, bias / norm) : 0
      return .error(min(2, angle * (sine + angle) + own))
    case .scale:
      guard hasTarget, hasMean else { return .missing }
      let factor = (1 + targetError) * (1 + meanError) / ((1 - meanError) * (1 - meanError))
      return .error(norm / size * (factor - 1 + own))
    case .scaleFreeBias:
      guard hasTarget, hasMean else { return .missing }
      // The square is a difference of two, each of the size of bias^2; the part along m is a difference
      // of two of the size of ||m||^2.
      let square = (2 * bias * (rounding.pull + own * max(norm, size)) + own * difference) / target
      let value = max(raw(.scaleFreeBias), 0).squareRoot()
      let moved = max(
        (value * value + square).squareRoot() - value,
        value - max(value * value - square, 0).squareRoot())
      return .error(moved + angleError(meanError, targetError))
    case .targetNorm: return .error(rounding.target + own * norm)
    case .estimateNorm: return .error(rounding.mean + own * size)
    case .reinMaxBiasRelativeToMean:
      return hasMean ? ratio(bias, delta, over: size, meanError) : .missing
    case .reinMaxDeviation:
      guard hasMean else { return .missing }
      let deviation = max(trace, 0).squareRoot()
      let moved = (max(trace, 0) + rounding.trace).squareRoot() - deviation
      let below = deviation - max(trace - rounding.trace, 0).squareRoot()
      return ratio(deviation, max(moved, below), over: size, meanError)
    default: return .error(0)
    }
  }

  /// Whether `g*` is 0 within its rounding.
  var targetVanishes: Bool { target.squareRoot() <= rounding.target }

  /// Whether what the cost's own rounding makes of a number exceeds a thousandth of it; of a bias or a
  /// variance, which may vanish, a thousandth of what it is held against.
  func isCostRoundingLarge(_ number: FidelityNumber) -> Bool {
    guard rounding.cost > 0 else { return false }
    guard case .error(let bound) = roundingEffect(number.metric) else {
      // Missing for the cost's sake.
      return number.value.isNaN && rounding.cost > rounding.difference / 2
    }
    let size =
      switch number.metric {
      case .biasSquared, .variance, .mse: max(abs(number.value), target)
      case .varianceMean: max(abs(number.value), target / Double(count))
      case .relativeBias, .scaleFreeBias, .reinMaxBias, .reinMaxBiasRelativeToMean,
        .reinMaxDeviation, .rmse1, .rmse10, .rmse100, .rmse1000:
        max(number.value, 1)
      // Without the noise it may be 0.
      case .estimateNorm: max(number.value, mean.squareRoot())
      default: abs(number.value)
      }
    return bound * (rounding.cost / rounding.difference) > 1e-3 * size
  }

  /// Rounding of the sums of squares over the coordinates and of the formula, relative.
  private var ownRounding: Double { RowRounding.unit * (16 + Double(count).squareRoot()) }

  /// Bound of the angle between the computed and the true pair: `asin x <= 1.6 x`.
  private func angleError(_ mean: Double, _ target: Double) -> Double { 1.6 * (mean + target) }

  /// Of `sqrt((bias^2 + tr(S)/M)) / ||g*||`.
  private func rootError(
    _ draws: Double, _ squareError: Double, _ norm: Double, _ targetError: Double, _ own: Double
  ) -> RoundingEffect {
    let square = max(difference + trace / draws, 0)
    let error = squareError + rounding.trace / draws
    let value = square.squareRoot() / norm
    let high = (square + error).squareRoot() / (norm * (1 - targetError))
    let low = max(square - error, 0).squareRoot() / (norm * (1 + targetError))
    return .error(max(high - value, value - low) + own * value)
  }
}

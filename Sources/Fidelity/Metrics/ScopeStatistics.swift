import Foundation

/// The inner products that all metrics of one scope are functions of.
struct ScopeStatistics: Sendable {
  /// `||m - g*||^2`
  var difference: Double
  /// `||m||^2`
  var mean: Double
  /// `<m, g*>`
  var dot: Double
  /// `||g*||^2`
  var target: Double
  /// `tr(S)`, of one estimate.
  var trace: Double
  /// `tr(S)/n`: 0 for exact moments.
  var meanNoise: Double
  /// `tr(S_r)/n_r`: 0 for exact targets.
  var targetNoise: Double
  /// Coordinates of the scope.
  var count: Int
  /// How far rounding may have moved these.
  var rounding = RoundingBound()

  /// The metric before its presentation: norms stay squared, so that noise is subtracted where it
  /// enters and intervals are formed where estimates are near normal.
  func raw(_ metric: Metric) -> Double {
    let bias = difference - meanNoise - targetNoise
    let norm = target - targetNoise
    let meanNorm = mean - meanNoise
    switch metric {
    case .biasSquared: return bias
    case .relativeBias: return bias / norm
    case .variance: return trace
    case .varianceMean: return trace / Double(count)
    case .mse: return bias + trace
    case .rmse1: return (bias + trace) / norm
    case .rmse10: return (bias + trace / 10) / norm
    case .rmse100: return (bias + trace / 100) / norm
    case .rmse1000: return (bias + trace / 1000) / norm
    case .snr: return meanNorm / trace
    case .cosineOfMean: return dot / (meanNorm.squareRoot() * norm.squareRoot())
    case .scale: return dot / meanNorm
    case .scaleFreeBias:
      // The residual of g* on m is that of d = m - g*, which does not cancel.
      let along = mean - meanNoise - dot
      return (bias - along * along / meanNorm) / norm
    case .targetNorm: return norm
    case .targetErrorSquared: return targetNoise
    case .estimateNorm: return meanNorm
    case .reinMaxBias: return (difference / target).squareRoot()
    case .reinMaxBiasRelativeToMean: return (difference / mean).squareRoot()
    case .reinMaxDeviation: return (max(trace, 0) / mean).squareRoot()
    case .reinMaxCosine: return dot / (mean * target).squareRoot()
    case .cosineOfDraw, .gapLatent, .gapLatentRelative, .gapLogits, .gapLogitsRelative,
      .gapLayer, .gapLayerRelative, .gapBypassLatent, .gapBypassLatentRelative, .gapBypassLayer,
      .gapBypassLayerRelative, .gapBypassRow, .gapBypassRowRelative, .valueCalls, .gradientCalls,
      .mseTimesCost, .targetErrorRatio:
      return .nan
    }
  }

  /// The metrics that are functions of these statistics.
  static let metrics: [Metric] = [
    .biasSquared, .relativeBias, .variance, .varianceMean, .mse, .rmse1, .rmse10, .rmse100,
    .rmse1000, .snr, .cosineOfMean, .scale, .scaleFreeBias, .targetNorm,
    .targetErrorSquared, .estimateNorm, .reinMaxBias, .reinMaxBiasRelativeToMean, .reinMaxDeviation,
    .reinMaxCosine,
  ]

  /// Whether the metric is shown as the root of its raw form.
  static func isRoot(_ metric: Metric) -> Bool {
    switch metric {
    case .relativeBias, .rmse1, .rmse10, .rmse100, .rmse1000, .scaleFreeBias, .targetNorm,
      .estimateNorm:
      true
    default: false
    }
  }

  /// The statistics of means that are `meanChange` away and of traces `traceChange` away: in sixteen directions
  /// of the plane of `m` and `g*` and off it. What a number changes by at most over these is its
  /// error, whatever the direction of the true one.
  func neighbours(meanChange e: Double, traceChange: Double) -> [ScopeStatistics] {
    let norm = max(target, 0).squareRoot()
    // `m` along `g*` (or along itself, where there is no `g*`) and across it.
    let along = norm > 0 ? dot / norm : max(mean, 0).squareRoot()
    let across = norm > 0 ? max(0, mean - along * along).squareRoot() : 0
    let awayAlong = along - norm
    var neighbours: [ScopeStatistics] = []
    let directions = (0..<16).map { (cos(.pi * Double($0) / 8), sin(.pi * Double($0) / 8)) }
    for (x, y) in directions + [(0, 0)] {
      for trace in [trace - traceChange, trace + traceChange] {
        var other = self
        other.mean = max(0, mean + 2 * e * (x * along + y * across) + e * e)
        other.difference = max(0, difference + 2 * e * (x * awayAlong + y * across) + e * e)
        other.dot = dot + e * x * norm
        other.trace = max(0, trace)
        neighbours.append(other)
      }
    }
    return neighbours
  }

  /// Sums of part statistics over the parts of a scope.
  static func + (a: ScopeStatistics, b: ScopeStatistics) -> ScopeStatistics {
    ScopeStatistics(
      difference: a.difference + b.difference, mean: a.mean + b.mean, dot: a.dot + b.dot,
      target: a.target + b.target, trace: a.trace + b.trace, meanNoise: a.meanNoise + b.meanNoise,
      targetNoise: a.targetNoise + b.targetNoise, count: a.count,
      rounding: a.rounding + b.rounding)
  }
}

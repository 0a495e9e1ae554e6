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

  /// Sums of part statistics over the parts of a scope.
  static func + (a: ScopeStatistics, b: ScopeStatistics) -> ScopeStatistics {
    ScopeStatistics(
      difference: a.difference + b.difference, mean: a.mean + b.mean, dot: a.dot + b.dot,
      target: a.target + b.target, trace: a.trace + b.trace, meanNoise: a.meanNoise + b.meanNoise,
      targetNoise: a.targetNoise + b.targetNoise, count: a.count,
      rounding: a.rounding + b.rounding)
  }
}

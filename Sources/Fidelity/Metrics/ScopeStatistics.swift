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

  /// `||m - g*||^2` without the noise.
  var bias: Double { difference - meanNoise - targetNoise }
  /// `||g*||^2` without the noise.
  var norm: Double { target - targetNoise }
  /// `||m||^2` without the noise.
  var meanNorm: Double { mean - meanNoise }

  /// The metric before its presentation; NaN for numbers that are no functions of these.
  func raw(_ metric: Metric) -> Double { metric.descriptor.form?.raw(self) ?? .nan }

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

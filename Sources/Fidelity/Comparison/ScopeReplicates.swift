/// The statistics of one scope, whole and with each block left out.
struct ScopeReplicates: Sendable {
  let scope: String
  let full: ScopeStatistics
  /// Without each block of estimates; empty where nothing was drawn.
  let withoutBlock: [ScopeStatistics]
  /// Without each block of a sampled target; empty for exact targets.
  let withoutTargetBlock: [ScopeStatistics]
  /// As far away as the errors of a quadrature allow, in several directions; empty for finite sums and
  /// draws.
  let coarse: [ScopeStatistics]
  /// Inner products of what the blocks deviate by.
  var forms = ScopeForms(estimates: nil, target: nil, cross: [])
  /// The standard error of the estimate of `tr(S)` as far as it is known without draws, whatever these show.
  var traceError = 0.0
}

/// Differences of two estimators that were measured on the same draws against the same target.
struct PairedForming {
  let intervals: IntervalForming

  /// The difference of a metric as it is shown; blocks and target blocks are left out of both
  /// sides together, so that what the two share cancels.
  ///
  /// - Parameter factors: multiply the metric of each side (costs, for work-normalised forms).
  func difference(
    _ metric: Metric, _ first: ScopeReplicates, _ second: ScopeReplicates,
    factors: (first: Double, second: Double) = (1, 1)
  ) -> PairedDifference {
    let scale = ScopeScale([first.full, second.full])
    var result = plain(metric, scale.scaled(first), scale.scaled(second), factors: factors)
    result.scale(by: metric.descriptor.unit.power * scale.exponent)
    return result
  }

  private func plain(
    _ metric: Metric, _ first: ScopeReplicates, _ second: ScopeReplicates,
    factors: (first: Double, second: Double)
  ) -> PairedDifference {
    func shown(_ statistics: ScopeStatistics, _ factor: Double) -> Double {
      factor * intervals.shown(metric, statistics.raw(metric))
    }
    let a = shown(first.full, factors.first)
    let b = shown(second.full, factors.second)
    let blocks = blockVariance(
      first.withoutBlock.map { shown($0, factors.first) },
      second.withoutBlock.map { shown($0, factors.second) })
    let targetBlocks = blockVariance(
      first.withoutTargetBlock.map { shown($0, factors.first) },
      second.withoutTargetBlock.map { shown($0, factors.second) })
    var result = PairedDifference(
      scope: first.scope, metric: metric, first: a, second: b, difference: a - b,
      standardError: 0, low: a - b, high: a - b, level: intervals.level,
      interval: IntervalMethod.exact.name,
      pValue: nil, degrees: nil)
    // What rounding alone may have made of either is no difference.
    let rounding =
      factors.first * roundingError(metric, first.full)
      + factors.second * roundingError(metric, second.full)
    guard blocks.count + targetBlocks.count > 0 else {
      result.low -= rounding
      result.high += rounding
      if rounding.isInfinite { result.difference = .nan }
      guard !(first.coarse.isEmpty && second.coarse.isEmpty) else { return result }
      // Changes have no common sign: they add up.
      result.standardError =
        (first.coarse.map { abs(a - shown($0, factors.first)) }.max() ?? 0)
        + (second.coarse.map { abs(b - shown($0, factors.second)) }.max() ?? 0)
      result.low -= result.standardError
      result.high += result.standardError
      result.interval = IntervalMethod.quadratureStep.name
      return result
    }
    let variance = blocks.variance + targetBlocks.variance
    let degrees = Double(max(blocks.count, targetBlocks.count) - 1)
    let error = variance.squareRoot()
    let half = StudentT.critical(level: intervals.level, degrees: degrees) * error
    result.standardError = error
    result.low -= half
    result.high += half
    result.interval = IntervalMethod.jackknife.name
    result.degrees = degrees
    let t = abs(a - b) / error
    // Equal to the last bit in every block: nothing speaks against "no difference".
    result.pValue = a == b ? 1 : 2 * StudentT.cumulative(-t, degrees: degrees)
    // As in single numbers: seen where it is no less than a millionth of the half.
    guard rounding > 0x1p-20 * half else { return result }
    result.low -= rounding
    result.high += rounding
    if rounding.isInfinite { result.difference = .nan }
    if result.low < 0, result.high > 0 { result.pValue = 1 }
    return result
  }

  /// Without end where the number does not exist.
  private func roundingError(_ metric: Metric, _ statistics: ScopeStatistics) -> Double {
    guard case .error(let bound) = statistics.roundingEffect(metric) else { return .infinity }
    return RoundingBound.powerOfTwo(bound)
  }

  /// Jackknife variance of a difference. Equal numbers of blocks are common draws and are left out
  /// together; unequal ones are independent of each other.
  private func blockVariance(
    _ first: [Double], _ second: [Double]
  ) -> (count: Int, variance: Double) {
    let count = max(first.count, second.count)
    if first.count == second.count {
      return (count, intervals.jackknifeVariance(zip(first, second).map { $0 - $1 }))
    }
    return (
      count, intervals.jackknifeVariance(first) + intervals.jackknifeVariance(second)
    )
  }
}

import Discrete

/// From moments and a target to numbers with errors, on every scope.
package struct MeasurementAssembly {
  let geometry: ScopeGeometry
  let target: TargetGradient
  /// `g*` on every part.
  private let targetParts: [[Double]]
  private let targetSquares: [Double]
  /// Noise and leave-one-out deviations of a Monte Carlo target.
  private let targetSpread: SampleSpread?
  let intervals: IntervalForming

  /// - Parameter engine: the engine that sampled a Monte Carlo target.
  package init(
    geometry: ScopeGeometry, target: TargetGradient, engine: MonteCarloEngine?, level: Double
  ) {
    self.geometry = geometry
    self.target = target
    intervals = IntervalForming(level: level)
    targetParts = geometry.parts(of: target.gradient)
    targetSquares = ScopeGeometry.dots(targetParts, targetParts)
    if let sampled = target.sampled, let engine {
      targetSpread = SampleSpread(sampled, engine: engine)
    } else {
      targetSpread = nil
    }
  }

  /// Numbers from exact moments.
  package func numbers(_ exact: ExactMeasurement) -> [FidelityNumber] {
    let randomised = !exact.replicates.isEmpty
    return replicates(exact).flatMap { scope in
      ScopeStatistics.metrics.map { metric in
        if !randomised && target.sampled == nil {
          return intervals.exact(
            metric, scope: scope.scope, statistics: scope.full, coarse: scope.coarse)
        }
        var number = intervals.jackknife(
          metric, scope: scope.scope, full: scope.full, withoutBlock: scope.withoutBlock,
          withoutTargetBlock: scope.withoutTargetBlock, draws: target.sampled?.draws ?? 0)
        if randomised {
          number.moments = .quadrature
          number.draws = nil
        }
        return number
      }
    }
  }

  /// Numbers from block sums.
  package func numbers(_ sampled: SampledMeasurement, engine: MonteCarloEngine) -> [FidelityNumber]
  {
    replicates(sampled, engine: engine).flatMap { scope in
      ScopeStatistics.metrics.map { metric in
        intervals.jackknife(
          metric, scope: scope.scope, full: scope.full, withoutBlock: scope.withoutBlock,
          withoutTargetBlock: scope.withoutTargetBlock, draws: sampled.draws)
      }
    }
  }

  /// Statistics of exact moments; of a randomised quadrature, whose noise in the mean is
  /// subtracted like that of draws, with each randomisation left out.
  func replicates(_ exact: ExactMeasurement) -> [ScopeReplicates] {
    let base = partStatistics(mean: exact.mean)
    let coarse = exact.coarse.map { partStatistics(mean: $0.mean) }
    let without = exact.replicates.map { partStatistics(mean: $0.mean) }
    let count = Double(exact.replicates.count)
    var noise: [Double]?
    for replicate in exact.replicates {
      let parts = geometry.parts(of: zip(replicate.mean, exact.mean).map { $0 - $1 })
      let squares = ScopeGeometry.dots(parts, parts).map { (count - 1) / count * $0 }
      noise = noise.map { zip($0, squares).map(+) } ?? squares
    }
    let noiseWithout = noise?.map { $0 * count / (count - 1) }
    // A sampled target counts in every interval even where the moments are exact.
    let withoutTarget = targetSpread.map { leaveOutTarget(base, mean: exact.mean, $0) } ?? []
    return geometry.scopes.map { scope in
      ScopeReplicates(
        scope: scope.name,
        full: sum(
          base, scope, traces: exact.traces, meanNoise: noise, targetNoise: targetSpread?.noise),
        withoutBlock: without.enumerated().map { index, parts in
          sum(
            parts, scope, traces: exact.replicates[index].traces, meanNoise: noiseWithout,
            targetNoise: targetSpread?.noise)
        },
        withoutTargetBlock: withoutTarget.enumerated().map { block, parts in
          sum(
            parts, scope, traces: exact.traces, meanNoise: noise,
            targetNoise: targetSpread?.noiseWithout[block])
        },
        coarse: exact.coarse.flatMap { second in
          coarse.map {
            sum(
              $0, scope, traces: second.traces, meanNoise: nil, targetNoise: targetSpread?.noise)
          }
        })
    }
  }

  /// Statistics of sampled estimates, with each block left out.
  func replicates(_ sampled: SampledMeasurement, engine: MonteCarloEngine) -> [ScopeReplicates] {
    let spread = SampleSpread(sampled, engine: engine)
    let base = partStatistics(mean: spread.mean)
    let means = geometry.parts(of: spread.mean)
    let withoutBlock = spread.deviations.map { deviation in
      moved(base, mean: means, by: deviation, factor: spread.factor)
    }
    let withoutTarget =
      targetSpread.map { leaveOutTarget(base, mean: spread.mean, $0) } ?? []
    return geometry.scopes.map { scope in
      ScopeReplicates(
        scope: scope.name,
        full: sum(
          base, scope, traces: spread.traces, meanNoise: spread.noise,
          targetNoise: targetSpread?.noise),
        withoutBlock: withoutBlock.enumerated().map { block, parts in
          sum(
            parts, scope, traces: spread.tracesWithout[block],
            meanNoise: spread.noiseWithout[block], targetNoise: targetSpread?.noise)
        },
        withoutTargetBlock: withoutTarget.enumerated().map { block, parts in
          sum(
            parts, scope, traces: spread.traces, meanNoise: spread.noise,
            targetNoise: targetSpread?.noiseWithout[block])
        },
        coarse: nil)
    }
  }

  /// Inner products of a mean with itself and the target on every part.
  private struct PartProducts {
    var difference: [Double]
    var mean: [Double]
    var dot: [Double]
    var target: [Double]
  }

  private func partStatistics(mean: [Double]) -> PartProducts {
    let means = geometry.parts(of: mean)
    let difference = geometry.parts(of: zip(mean, target.gradient).map { $0 - $1 })
    return PartProducts(
      difference: ScopeGeometry.dots(difference, difference),
      mean: ScopeGeometry.dots(means, means), dot: ScopeGeometry.dots(means, targetParts),
      target: targetSquares)
  }

  /// The products after the mean, given by its parts, moved by `factor * deviation`.
  private func moved(
    _ base: PartProducts, mean: [[Double]], by deviation: [Double], factor: Double
  ) -> PartProducts {
    let parts = geometry.parts(of: deviation)
    let square = ScopeGeometry.dots(parts, parts)
    let withMean = ScopeGeometry.dots(mean, parts)
    let withTarget = ScopeGeometry.dots(targetParts, parts)
    var result = base
    for part in square.indices {
      let second = factor * factor * square[part]
      result.difference[part] += 2 * factor * (withMean[part] - withTarget[part]) + second
      result.mean[part] += 2 * factor * withMean[part] + second
      result.dot[part] += factor * withTarget[part]
    }
    return result
  }

  /// The products after the target moved by each of its leave-one-out deviations.
  private func leaveOutTarget(
    _ base: PartProducts, mean: [Double], _ spread: SampleSpread
  ) -> [PartProducts] {
    let means = geometry.parts(of: mean)
    return spread.deviations.map { deviation in
      let parts = geometry.parts(of: deviation)
      let square = ScopeGeometry.dots(parts, parts)
      let withMean = ScopeGeometry.dots(means, parts)
      let withTarget = ScopeGeometry.dots(targetParts, parts)
      var result = base
      let factor = spread.factor
      for part in square.indices {
        let second = factor * factor * square[part]
        result.difference[part] += 2 * factor * (withTarget[part] - withMean[part]) + second
        result.dot[part] += factor * withMean[part]
        result.target[part] += 2 * factor * withTarget[part] + second
      }
      return result
    }
  }

  private func sum(
    _ products: PartProducts, _ scope: Scope, traces: [Double], meanNoise: [Double]?,
    targetNoise: [Double]?
  ) -> ScopeStatistics {
    var total = ScopeStatistics(
      difference: 0, mean: 0, dot: 0, target: 0, trace: 0, meanNoise: 0, targetNoise: 0,
      count: scope.count)
    for part in scope.parts {
      total.difference += products.difference[part]
      total.mean += products.mean[part]
      total.dot += products.dot[part]
      total.target += products.target[part]
      total.trace += traces[part]
      total.meanNoise += meanNoise?[part] ?? 0
      total.targetNoise += targetNoise?[part] ?? 0
    }
    return total
  }
}

import Discrete

/// From moments and a target to numbers with errors, on every scope.
package struct MeasurementAssembly {
  let geometry: ScopeGeometry
  let target: TargetGradient
  /// `g*` on every part.
  let targetParts: [[Double]]
  let targetSquares: [Double]
  /// Noise and leave-one-out deviations of a Monte Carlo target.
  let targetSpread: SampleSpread?
  /// The same deviations on every part.
  let targetRows: [DeviationRows]
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
      let spread = SampleSpread(sampled, engine: engine)
      targetSpread = spread
      targetRows = DeviationRows.of(spread, geometry)
    } else {
      targetSpread = nil
      targetRows = []
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
        var number = intervals.sampled(
          metric, scope,
          randomised ? nil : SampledScope(scope, level: intervals.level, draws: targetDraws),
          draws: targetDraws)
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
    replicates(sampled, engine: engine, withForms: true).flatMap { scope in
      let own = SampledScope(scope, level: intervals.level, draws: sampled.draws)
      return ScopeStatistics.metrics.map {
        intervals.sampled($0, scope, own, draws: sampled.draws)
      }
    }
  }

  private var targetDraws: Int { target.sampled?.draws ?? 0 }
}

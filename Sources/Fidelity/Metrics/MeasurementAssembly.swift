import Discrete

/// From moments and a target to numbers with errors, on every scope.
package struct MeasurementAssembly: Sendable {
  let geometry: ScopeGeometry
  let target: TargetGradient
  /// `g*` on every part.
  let targetParts: [[Double]]
  let targetSquares: [Double]
  /// `||g*||^2` on every part and what inner products with it take, by the way of exact moments, which
  /// may round differently.
  let exactTarget: (squares: [Double], image: [[Double]])
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
    let vector = geometry.partial(target.gradient)
    exactTarget = (geometry.squares(vector), geometry.image(vector))
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
    let isSampled = randomised || target.sampled != nil
    let targetDraws = target.sampled?.draws ?? 0
    return replicates(exact).flatMap { scope in
      let own =
        isSampled && !randomised
        ? SampledScope(scope, level: intervals.level, draws: targetDraws) : nil
      return ScopeStatistics.metrics.map { metric in
        guard isSampled else {
          return intervals.exact(
            metric, scope: scope.scope, statistics: scope.full, coarse: scope.coarse)
        }
        var number = intervals.sampled(metric, scope, own, draws: targetDraws)
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
    numbersWithTails(sampled, engine: engine).numbers
  }

  /// The same, and how the draws spread over the blocks on every scope.
  func numbersWithTails(
    _ sampled: SampledMeasurement, engine: MonteCarloEngine
  ) -> (numbers: [FidelityNumber], tails: [ScopeTail]) {
    let scopes = replicates(sampled, engine: engine, withForms: true)
    let numbers = scopes.flatMap { scope in
      let own = SampledScope(scope, level: intervals.level, draws: sampled.draws)
      return ScopeStatistics.metrics.map {
        intervals.sampled($0, scope, own, draws: sampled.draws)
      }
    }
    return (numbers, scopes.map(ScopeTail.init))
  }
}

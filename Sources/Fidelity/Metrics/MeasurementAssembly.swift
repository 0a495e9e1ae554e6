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
  /// Relative rounding of a pull-back to the parameters.
  let pullRoundoff: Double
  /// Of the costs, for bounds of rounding of what was drawn; without them, of the estimates alone.
  var sizes: CostSizes?

  /// `tr(S_r)/n_r` on every part; nil for exact targets. What rounding leaves below 0 is 0.
  var targetNoise: [Double]? { targetSpread?.noise.map { max($0, 0) } }

  /// - Parameter engine: the engine that sampled a Monte Carlo target.
  package init(
    geometry: ScopeGeometry, target: TargetGradient, engine: MonteCarloEngine?, level: Double
  ) {
    self.geometry = geometry
    self.target = target
    intervals = IntervalForming(level: level)
    // A pull-back says what it computes in with its Gram matrices.
    let isSingle = geometry.grams(0).contains { $0.precision == .single }
    pullRoundoff = isSingle ? 0x1p-21 : 0x1p-49
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
  ///
  /// - Throws: `DiscreteError` for a negative variance, and for gradients whose squares are beyond
  ///   doubles.
  package func numbers(_ exact: ExactMeasurement) throws -> [FidelityNumber] {
    try numbers(ofExact: replicates(exact), isRandomised: !exact.replicates.isEmpty)
  }

  /// Numbers of scopes whose moments were not drawn.
  ///
  /// - Parameter isRandomised: whether they have replicates of a randomised quadrature.
  func numbers(ofExact scopes: [ScopeReplicates], isRandomised: Bool) -> [FidelityNumber] {
    let isSampled = isRandomised || target.sampled != nil
    let targetDraws = target.sampled?.draws ?? 0
    return scopes.flatMap { plain in
      let scale = ScopeScale([plain.full])
      let scope = scale.scaled(plain)
      let own =
        isSampled && !isRandomised
        ? SampledScope(scope, level: intervals.level, draws: targetDraws) : nil
      return Metric.ofMoments.map { metric in
        guard isSampled else {
          return scale.unscaled(
            intervals.exact(
              metric, scope: scope.scope, statistics: scope.full, coarse: scope.coarse))
        }
        let number = intervals.sampled(metric, scope, own, draws: targetDraws)
        return scale.unscaled(
          isRandomised
            ? intervals.randomised(number, coarse: scope.coarse)
            : intervals.integrated(number, scope.full, coarse: scope.coarse))
      }
    }
  }

  /// Numbers from block sums, with warnings of what the draws cannot tell.
  ///
  /// - Throws: as for exact moments.
  package func numbers(
    _ sampled: SampledMeasurement, engine: MonteCarloEngine, check: TailCheck = .ofDraws
  ) throws -> [FidelityNumber] {
    let scopes = try replicates(sampled, engine: engine, withForms: true)
    return zip(geometry.scopes, scopes).flatMap { named, plain in
      var known = plain
      known.traceError = check.traceError(
        named, trace: plain.full.trace, draws: sampled.draws)
      let scale = ScopeScale([plain.full])
      let scope = scale.scaled(known)
      let own = SampledScope(scope, level: intervals.level, draws: sampled.draws)
      let tail = ScopeTail(plain)
      return Metric.ofMoments.map { metric in
        var number = scale.unscaled(intervals.sampled(metric, scope, own, draws: sampled.draws))
        check.warn(&number, tail, named)
        return number
      }
    }
  }
}

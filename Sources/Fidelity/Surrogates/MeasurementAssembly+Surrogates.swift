import Discrete

extension MeasurementAssembly {
  /// Numbers of a surrogate.
  ///
  /// - Parameters:
  ///   - encoder: the Jacobian of `theta -> z_e`; nil where nothing stands upstream.
  ///   - grams: bounds of the Gram matrices of every row, by which the target's rounding is judged, `[rows][parts]`.
  func numbers(
    _ own: SurrogateMeasurement, encoder: (any ParameterPullback)?, grams: [[Double]]
  ) throws -> [FidelityNumber] {
    try numbers(
      ofExact: replicates(own, encoder: encoder, grams: grams),
      isRandomised: !own.replicates.isEmpty)
  }

  /// Statistics of a surrogate, with each randomisation of its noise left out.
  func replicates(
    _ own: SurrogateMeasurement, encoder: (any ParameterPullback)?, grams: [[Double]]
  ) throws -> [ScopeReplicates] {
    /// A vector at `z_e` on every part; the logits have none of it.
    func parts(_ features: [Double]) -> [[Double]] {
      [[], features] + (encoder?.pullBack(features) ?? [])
    }
    func base(_ mean: [Double]) -> PartProducts {
      partProducts(
        means: parts(mean), difference: parts(zip(mean, targetParts[1]).map { $0 - $1 }))
    }
    try checkRange(mean: own.mean, traces: own.traces)
    let bounds = roundingBounds(own, grams)
    let noise = shiftNoise(own.replicates.map(\.mean), around: own.mean, parts)
    let pooled = base(own.mean)
    let targetSide = targetSpread.map { leaveOutTarget(pooled, means: parts(own.mean), $0) }
    let without = own.replicates.map { base($0.mean) }
    return scopeReplicates(
      pooled, traces: own.traces.map { max($0, 0) }, noise: noise, bounds: bounds,
      without: zip(without, own.replicates).map { ($0, $1.traces) }, targetSide: targetSide)
  }

  private func roundingBounds(
    _ own: SurrogateMeasurement, _ grams: [[Double]]
  ) -> [RoundingBound] {
    let targets = targetBounds(grams: grams)
    return (0..<geometry.partCount).map { part in
      var bound = targets[part]
      bound.mean = own.rounding[part]
      // The target reaches a part by pull-backs of its own.
      if part > 0 { bound.target += pullRoundoff * targetSquares[part].squareRoot() }
      bound.difference = bound.mean + bound.target
      return bound
    }
  }
}

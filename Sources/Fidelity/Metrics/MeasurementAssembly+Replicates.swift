import Discrete

extension MeasurementAssembly {
  /// Statistics of exact moments; of a randomised quadrature, whose noise in the mean is
  /// subtracted like that of draws, with each randomisation left out.
  func replicates(_ exact: ExactMeasurement) throws -> [ScopeReplicates] {
    try checkRange(mean: exact.mean, traces: exact.traces)
    let bounds = roundingBounds(exact)
    let traces = try variances(exact.traces, bounds, errors: integrationErrors(exact))
    let (base, changes) = exactStatistics(exact.mean, coarse: exact.coarse?.mean)
    let without = exact.replicates.map { exactStatistics($0.mean, coarse: nil).base }
    let noise = shiftNoise(exact.replicates.map(\.mean), around: exact.mean, geometry.parts)
    let targetSide = targetSpread.map {
      leaveOutTarget(base, means: geometry.parts(of: exact.mean), $0)
    }
    return scopeReplicates(
      base, traces: traces, noise: noise, bounds: bounds,
      without: zip(without, exact.replicates).map { ($0, $1.traces) }, targetSide: targetSide
    ) { scope, full in
      exact.coarse.map { second in
        full.neighbours(
          meanChange: scope.parts.reduce(0) { $0 + changes[$1] }.squareRoot(),
          traceChange: scope.parts.reduce(0) {
            $0 + abs(second.traces[$1] - exact.traces[$1])
          })
      } ?? []
    }
  }

  /// `tr` of the jackknife's covariance of a mean on every part, from the means with each randomisation left out; nil
  /// where there are none.
  ///
  /// - Parameter parts: a vector on every part.
  func shiftNoise(
    _ without: [[Double]], around mean: [Double], _ parts: ([Double]) -> [[Double]]
  ) -> [Double]? {
    let count = Double(without.count)
    var noise: [Double]?
    for own in without {
      let deviation = parts(zip(own, mean).map { $0 - $1 })
      let squares = ScopeGeometry.dots(deviation, deviation).map { (count - 1) / count * $0 }
      noise = noise.map { zip($0, squares).map(+) } ?? squares
    }
    return noise
  }

  /// Statistics of every scope, of moments that were not drawn.
  ///
  /// - Parameters:
  ///   - noise: of a randomised quadrature, in the squares on every part; nil for others.
  ///   - without: the same with each randomisation left out.
  ///   - coarse: what a scope's statistics may be by the error of a quadrature.
  func scopeReplicates(
    _ base: PartProducts, traces: [Double], noise: [Double]?, bounds: [RoundingBound],
    without: [(products: PartProducts, traces: [Double])],
    targetSide: (products: [PartProducts], forms: DeviationProducts)?,
    coarse: (Scope, ScopeStatistics) -> [ScopeStatistics] = { _, _ in [] }
  ) -> [ScopeReplicates] {
    let count = Double(without.count)
    let noiseWithout = noise?.map { $0 * count / (count - 1) }
    // A sampled target counts in every interval even where the moments are exact.
    let withoutTarget = targetSide?.products ?? []
    let forms = partForms(own: nil, target: targetSide?.forms)
    return geometry.scopes.map { scope in
      let full = sum(
        base, scope, traces: traces, meanNoise: noise, targetNoise: targetNoise, bounds: bounds)
      return ScopeReplicates(
        scope: scope.name, full: full,
        withoutBlock: without.map { products, traces in
          sum(
            products, scope, traces: traces.map { max($0, 0) }, meanNoise: noiseWithout,
            targetNoise: targetNoise)
        },
        withoutTargetBlock: withoutTarget.enumerated().map { block, parts in
          sum(
            parts, scope, traces: traces, meanNoise: noise,
            targetNoise: targetSpread?.noiseWithout[block].map { max($0, 0) })
        },
        coarse: coarse(scope, full), forms: Self.sum(forms, scope))
    }
  }

  /// How far the traces may be off by their integration: the change on coarsening, or the jackknife
  /// standard error over the randomisations of a rule; nil for finite sums.
  private func integrationErrors(_ exact: ExactMeasurement) -> [Double]? {
    if let coarse = exact.coarse {
      return zip(exact.traces, coarse.traces).map { abs($0 - $1) }
    }
    guard !exact.replicates.isEmpty else { return nil }
    return exact.traces.indices.map { part in
      intervals.jackknifeVariance(exact.replicates.map { $0.traces[part] }).squareRoot()
    }
  }

  /// Statistics of sampled estimates, with each block left out.
  ///
  /// - Parameter withForms: whether the inner products of the deviations are wanted too; they take
  ///   one product of all deviations with each other.
  func replicates(
    _ sampled: SampledMeasurement, engine: MonteCarloEngine, withForms: Bool = false
  ) throws -> [ScopeReplicates] {
    let spread = SampleSpread(sampled, engine: engine)
    try checkRange(mean: spread.mean, traces: spread.traces)
    let bounds = roundingBounds(sampled, mean: spread.mean, grams: engine.gramBounds)
    let traces = try variances(spread.traces, bounds)
    let noise = traces.map { $0 / Double(sampled.draws) }
    let base = partStatistics(mean: spread.mean)
    let means = geometry.parts(of: spread.mean)
    var withoutBlock: [PartProducts] = []
    var withMean: [[Double]] = []
    var withTarget: [[Double]] = []
    let kept = DeviationRows.of(spread, geometry, keep: withForms) { parts in
      let own = ScopeGeometry.dots(means, parts)
      let other = ScopeGeometry.dots(targetParts, parts)
      withoutBlock.append(
        moved(
          base, square: ScopeGeometry.dots(parts, parts), withMean: own, withTarget: other,
          factor: spread.factor))
      withMean.append(own)
      withTarget.append(other)
    }
    let targetSide = targetSpread.map { leaveOutTarget(base, means: means, $0) }
    let withoutTarget = targetSide?.products ?? []
    let forms = partForms(
      own: withForms
        ? DeviationProducts(rows: kept, withMean: withMean, withTarget: withTarget) : nil,
      target: withForms ? targetSide?.forms : nil)
    return geometry.scopes.map { scope in
      ScopeReplicates(
        scope: scope.name,
        full: sum(
          base, scope, traces: traces, meanNoise: noise, targetNoise: targetNoise,
          bounds: bounds),
        withoutBlock: withoutBlock.enumerated().map { block, parts in
          sum(
            parts, scope, traces: spread.tracesWithout[block].map { max($0, 0) },
            meanNoise: spread.noiseWithout[block].map { max($0, 0) }, targetNoise: targetNoise)
        },
        withoutTargetBlock: withoutTarget.enumerated().map { block, parts in
          sum(
            parts, scope, traces: traces, meanNoise: noise,
            targetNoise: targetSpread?.noiseWithout[block].map { max($0, 0) })
        },
        coarse: [], forms: Self.sum(forms, scope))
    }
  }

  /// Deviations `m_k - m` of one side: their rows on every part, and their products with `m` and
  /// `g*`, `[blocks][parts]`, with the opposite sign.
  struct DeviationProducts {
    let rows: [DeviationRows]
    let withMean: [[Double]]
    let withTarget: [[Double]]

    /// The forms on one part.
    func forms(_ part: Int) -> BlockForms {
      func grouped(_ values: [[Double]]) -> [Double] {
        BlockForms.groups(blocks: values.count).map { range in
          -range.reduce(0) { $0 + values[$1][part] } / Double(range.count)
        }
      }
      let own = grouped(withMean)
      return BlockForms(
        count: own.count, gram: rows[part].products(rows[part]), withMean: own,
        withTarget: grouped(withTarget))
    }
  }

  /// Forms of both sides on every part.
  private func partForms(own: DeviationProducts?, target: DeviationProducts?) -> [ScopeForms] {
    guard own != nil || target != nil else { return [] }
    return (0..<geometry.partCount).map { part in
      var cross: [Double] = []
      if let own, let target { cross = own.rows[part].products(target.rows[part]) }
      return ScopeForms(estimates: own?.forms(part), target: target?.forms(part), cross: cross)
    }
  }

  private static func sum(_ forms: [ScopeForms], _ scope: Scope) -> ScopeForms {
    guard !forms.isEmpty else { return ScopeForms(estimates: nil, target: nil, cross: []) }
    return scope.parts.dropFirst().reduce(forms[scope.parts[0]]) { $0 + forms[$1] }
  }

  /// Inner products of a mean with itself and the target on every part.
  struct PartProducts {
    var difference: [Double]
    var mean: [Double]
    var dot: [Double]
    var target: [Double]
  }

  /// The products of a mean, and the squared norms of what a coarser one changes, without gradients of
  /// dense layers' weights.
  ///
  /// Of `m` and `m - g*` the smaller one is pulled back: the other's norm follows from its own and its
  /// product with `g*` without cancellation. The coarser mean moves by a vector that is 0 but in the rows
  /// that were checked.
  private func exactStatistics(
    _ mean: [Double], coarse: [Double]?
  ) -> (base: PartProducts, changes: [Double]) {
    let difference = zip(mean, target.gradient).map { $0 - $1 }
    let norms = ScopeGeometry.dots([difference, mean], [difference, mean])
    let isDifference = norms[0] <= norms[1]
    let own = geometry.partial(isDifference ? difference : mean)
    let squares = geometry.squares(own)
    let base = products(
      squares, withTarget: own.products(exactTarget.image), ofDifference: isDifference)
    let none = [Double](repeating: 0, count: geometry.partCount)
    guard let coarse else { return (base, none) }
    let width = geometry.shape.width
    let rows = (0..<geometry.shape.rows).filter { row in
      (row * width..<(row + 1) * width).contains { coarse[$0] != mean[$0] }
    }
    guard !rows.isEmpty else { return (base, none) }
    let change = geometry.partial(zip(coarse, mean).map { $0 - $1 }, rows: rows)
    return (base, geometry.squares(change))
  }

  /// The products that follow from the squared norms of `m - g*` or of `m` and its products with `g*`.
  private func products(
    _ squares: [Double], withTarget: [Double], ofDifference: Bool
  ) -> PartProducts {
    let target = exactTarget.squares
    let sign: Double = ofDifference ? 1 : -1
    let others = squares.indices.map {
      max(0, squares[$0] + sign * 2 * withTarget[$0] + target[$0])
    }
    return PartProducts(
      difference: ofDifference ? squares : others, mean: ofDifference ? others : squares,
      dot: ofDifference ? zip(withTarget, target).map { $0 + $1 } : withTarget, target: target)
  }

  private func partStatistics(mean: [Double]) -> PartProducts {
    partProducts(
      means: geometry.parts(of: mean),
      difference: geometry.parts(of: zip(mean, target.gradient).map { $0 - $1 }))
  }

  /// - Parameters:
  ///   - means: a mean on every part.
  ///   - difference: what it lacks to the target.
  func partProducts(means: [[Double]], difference: [[Double]]) -> PartProducts {
    PartProducts(
      difference: ScopeGeometry.dots(difference, difference),
      mean: ScopeGeometry.dots(means, means), dot: ScopeGeometry.dots(means, targetParts),
      target: targetSquares)
  }

  /// The products after the mean moved by `factor` times a deviation, given the deviation's
  /// products on every part.
  private func moved(
    _ base: PartProducts, square: [Double], withMean: [Double], withTarget: [Double],
    factor: Double
  ) -> PartProducts {
    var result = base
    for part in square.indices {
      let second = factor * factor * square[part]
      result.difference[part] += 2 * factor * (withMean[part] - withTarget[part]) + second
      result.mean[part] += 2 * factor * withMean[part] + second
      result.dot[part] += factor * withTarget[part]
    }
    return result
  }

  /// The products after the target moved by each of its leave-one-out deviations, and the
  /// deviations' own products.
  func leaveOutTarget(
    _ base: PartProducts, means: [[Double]], _ spread: SampleSpread
  ) -> (products: [PartProducts], forms: DeviationProducts) {
    let factor = spread.factor
    var products: [PartProducts] = []
    var withMeans: [[Double]] = []
    var withTargets: [[Double]] = []
    for deviation in spread.deviations {
      let parts = geometry.parts(of: deviation)
      let square = ScopeGeometry.dots(parts, parts)
      let withMean = ScopeGeometry.dots(means, parts)
      let withTarget = ScopeGeometry.dots(targetParts, parts)
      var result = base
      for part in square.indices {
        let second = factor * factor * square[part]
        result.difference[part] += 2 * factor * (withTarget[part] - withMean[part]) + second
        result.dot[part] += factor * withMean[part]
        result.target[part] += 2 * factor * withTarget[part] + second
      }
      products.append(result)
      withMeans.append(withMean)
      withTargets.append(withTarget)
    }
    return (
      products, DeviationProducts(rows: targetRows, withMean: withMeans, withTarget: withTargets)
    )
  }

  private func sum(
    _ products: PartProducts, _ scope: Scope, traces: [Double], meanNoise: [Double]?,
    targetNoise: [Double]?, bounds: [RoundingBound] = []
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
      if part < bounds.count { total.rounding = total.rounding + bounds[part] }
    }
    return total
  }
}

import Discrete

extension MeasurementAssembly {
  /// Bounds of rounding on every part, of exact moments held against the target.
  func roundingBounds(_ exact: ExactMeasurement) -> [RoundingBound] {
    let targets = targetBounds(grams: exact.rounding.map(\.grams))
    return (0..<geometry.partCount).map { part in
      let grams = exact.rounding.map { part < $0.grams.count ? $0.grams[part] : 0 }
      var bound = RoundingBound()
      bound.mean = total(exact.rounding.map(\.mean), grams, part)
      bound.cost = total(exact.rounding.map(\.cost), grams, part)
      bound.trace = zip(exact.rounding, grams).reduce(0.0) {
        $0 + ($1.0.second + pullUnit(part) * $1.0.own * $1.0.own) * $1.1
      }
      return with(targets[part], bound, mean: exact.mean, grams: grams, part)
    }
  }

  /// The same of sampled ones.
  ///
  /// - Parameter grams: bounds of the Gram matrices of every row, `[rows][parts]`.
  func roundingBounds(
    _ sampled: SampledMeasurement, mean: [Double], grams: [[Double]]
  ) -> [RoundingBound] {
    let own = sampledRounding(sampled)
    let targets = targetBounds(grams: grams)
    return (0..<geometry.partCount).map { part in
      let row = grams.map { $0[part] }
      var bound = RoundingBound()
      bound.mean = spread(own.mean, row, part)
      bound.cost = spread(own.cost, row, part)
      bound.trace = (own.secondOfDraws + pullUnit(part) * own.own * own.own) * (row.max() ?? 0)
      return with(targets[part], bound, mean: mean, grams: row, part)
    }
  }

  /// Of the means of draws: all rows together.
  private func sampledRounding(_ sampled: SampledMeasurement) -> RowRounding {
    let draws = Double(sampled.draws)
    let square = (sampled.squares.first ?? 0) / max(1, draws)
    let rows = Double(geometry.shape.rows)
    let use = sampled.use
    let sizes = sizes?.rows ?? []
    func norm(_ size: (CostSize) -> Double) -> Double {
      sizes.reduce(0) { $0 + size($1) * size($1) }.squareRoot() / rows
    }
    var result = RowRounding(
      growth: sampled.isSingle
        ? Self.singleGrowth : RowRounding.growth(terms: draws, spread: use?.spread ?? 0),
      own: max(square, 0).squareRoot(), size: max(square, 0).squareRoot(), cost: 0)
    guard let use else { return result }
    result.size += norm { use.valueGain * use.value($0) + use.gradientGain * use.gradient($0) }
    result.cost = norm { use.valueGain * $0.valueError + use.gradientGain * $0.gradientError }
    return result
  }

  /// Estimates in float32 are good to about `1e-6` of their size.
  private static let singleGrowth = 0x1p-21

  /// Of the target on every part: `RoundingBound.target` and `cost`.
  func targetBounds(grams: [[Double]]) -> [RoundingBound] {
    (0..<geometry.partCount).map { part in
      let row = grams.map { part < $0.count ? $0[part] : 0 }
      var bound = RoundingBound()
      if let sampled = target.sampled {
        let own = sampledRounding(sampled)
        bound.target = spread(own.mean, row, part)
        bound.cost = spread(own.cost, row, part)
      } else if !target.rounding.isEmpty {
        let weights = part == 0 ? target.rounding.map { _ in 1 } : row
        bound.target = total(target.rounding.map(\.mean), weights, part)
        bound.cost = total(target.rounding.map(\.cost), weights, part)
      }
      return bound
    }
  }

  /// What all three norms have, with the rounding of the pull-back.
  private func with(
    _ target: RoundingBound, _ own: RoundingBound, mean: [Double], grams: [Double], _ part: Int
  ) -> RoundingBound {
    var bound = own
    let unit = pullUnit(part)
    func pull(_ vector: (Int) -> Double) -> Double {
      guard part > 0, grams.count == geometry.shape.rows else { return 0 }
      let width = geometry.shape.width
      return unit
        * (0..<grams.count).reduce(0) { sum, row in
          let square = (row * width..<(row + 1) * width).reduce(0.0) {
            $0 + vector($1) * vector($1)
          }
          return sum + (grams[row] * square).squareRoot()
        }
    }
    let gradient = self.target.gradient
    bound.pull = pull { mean[$0] - gradient[$0] }
    bound.difference = own.mean + target.target + bound.pull
    bound.mean += pull { mean[$0] }
    bound.target = target.target + pull { gradient[$0] }
    bound.cost += target.cost
    return bound
  }

  /// Norm on a part of what every row may be off by: rows are orthogonal at the logits, and add up by
  /// their sizes at parameters.
  private func total(_ rows: [Double], _ grams: [Double], _ part: Int) -> Double {
    guard part > 0 else { return rows.reduce(0) { $0 + $1 * $1 }.squareRoot() }
    return zip(rows, grams).reduce(0) { $0 + $1.0 * $1.1.squareRoot() }
  }

  /// The same where only the norm over all rows is known.
  private func spread(_ norm: Double, _ grams: [Double], _ part: Int) -> Double {
    guard part > 0 else { return norm }
    return norm * (grams.reduce(0, +)).squareRoot()
  }

  /// Relative rounding of a pull-back and of forms in Gram matrices.
  private func pullUnit(_ part: Int) -> Double { part > 0 ? pullRoundoff : 0 }

  /// Whether the target is 0 within its rounding, everywhere.
  var targetVanishes: Bool {
    let bound = targetBounds(grams: [])[0].target
    return targetSquares[0].squareRoot() <= bound
  }

  /// Variances are never negative: one below 0 within its rounding is 0.
  ///
  /// - Parameters:
  ///   - traces: on every part.
  ///   - bounds: of rounding, on every part.
  ///   - errors: of the integration behind them, on every part; nil where there is none.
  /// - Throws: `DiscreteError.notFinite` for one that is negative beyond its error: a defect of the
  ///   estimator's moments, not of the data.
  func variances(
    _ traces: [Double], _ bounds: [RoundingBound], errors: [Double]? = nil
  ) throws -> [Double] {
    for scope in geometry.scopes {
      let trace = scope.parts.reduce(0) { $0 + traces[$1] }
      let bound = scope.parts.reduce(0) { $0 + bounds[$1].trace + 8 * (errors?[$1] ?? 0) }
      guard trace < -bound else { continue }
      throw DiscreteError.notFinite(
        "the variance at the scope '\(scope.name)' is negative, \(trace), beyond its rounding of \(bound): a defect of these moments, which are not stored; measure with moments 'monte-carlo' and report it"
      )
    }
    return traces.map { max($0, 0) }
  }

  /// Refuses gradients whose squares are beyond doubles.
  ///
  /// - Throws: `DiscreteError.unsupported` with the size that was found.
  func checkRange(mean: [Double], traces: [Double]) throws {
    var largest = max(
      target.gradient.reduce(0) { max($0, abs($1)) }, traces[0].magnitude.squareRoot())
    largest = max(largest, mean.reduce(0) { max($0, abs($1)) })
    try ScopeScale.check(largest: largest, of: "gradients of this cost")
  }
}

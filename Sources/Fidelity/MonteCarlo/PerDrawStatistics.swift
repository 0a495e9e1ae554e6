import Discrete

/// Numbers that are means over single draws of the whole batch: the cosine of one draw with the
/// target, and the gradient gap.
///
/// Rows draw independently, so a draw of the batch has no joint codes to sum over: these numbers
/// are sampled even where moments are exact.
///
/// The noise of a sampled target is in all cosines alike: it enters their mean, and its error, by the
/// jackknife over the target's blocks.
struct PerDrawStatistics {
  let source: DrawSource
  let geometry: ScopeGeometry
  let assembly: MeasurementAssembly
  let draws: Int
  let gap: Bool
  let workers: Int

  private var intervals: IntervalForming { assembly.intervals }

  func numbers(_ estimator: any GradientEstimator) throws -> [FidelityNumber] {
    guard draws > 1 else { return [] }
    var values = Values(geometry, targetIsSampled: !assembly.targetRows.isEmpty)
    let chunk = EstimateMemory(estimator, source.problem.shape).drawsPerCall
    for start in stride(from: 0, to: draws, by: chunk) {
      let range = start..<min(start + chunk, draws)
      let rows = try source.draw(
        range, distribution: estimator.plan.distribution, needs: needs(estimator))
      let own = try source.prepared(estimator, rows, range: range)
      try addCosines(try estimates(estimator, own), to: &values)
      if gap { try addGaps(estimator, own, to: &values) }
    }
    var numbers = geometry.scopes.enumerated().map { index, scope in
      intervals.mean(
        .cosineOfDraw, scope: scope.name, of: values.cosines[index],
        replicates: values.directions.isEmpty
          ? [] : cosinesWithoutTargetBlocks(scope, values.directions[index]))
    }
    for metric in [Metric.gapLatent, .gapLatentRelative, .gapLogits, .gapLogitsRelative] {
      guard let gaps = values.gaps[metric] else { continue }
      numbers.append(intervals.mean(metric, scope: "logits", of: gaps))
    }
    for (scope, gaps) in zip(geometry.parameterScopes, values.layerGaps) {
      numbers.append(intervals.mean(.gapLayer, scope: scope.name, of: gaps.absolute))
      numbers.append(intervals.mean(.gapLayerRelative, scope: scope.name, of: gaps.relative))
    }
    return numbers
  }

  /// One value per draw.
  private struct Values {
    /// By scope.
    var cosines: [[Double]]
    /// Sum of `g / ||g||` by scope, with the norm on that scope, `[B][D][K]`; empty where the target
    /// is exact.
    var directions: [[Double]]
    var gaps: [Metric: [Double]] = [:]
    /// By scope of parameters.
    var layerGaps: [(absolute: [Double], relative: [Double])] = []

    init(_ geometry: ScopeGeometry, targetIsSampled: Bool) {
      let scopes = geometry.scopes.count
      cosines = [[Double]](repeating: [], count: scopes)
      directions = [[Double]](
        repeating: [Double](repeating: 0, count: geometry.shape.count),
        count: targetIsSampled ? scopes : 0)
    }
  }

  private func needs(_ estimator: any GradientEstimator) -> GroupNeeds {
    var plan = estimator.plan
    // The gap holds the gradient at the hard point against the one at the soft point.
    if gap && source.problem.oracle.capabilities.gradients { plan.gradients = true }
    return GroupNeeds([plan])
  }

  /// `[row][draws][DK]`
  private func estimates(
    _ estimator: any GradientEstimator, _ rows: [RowDraws]
  ) throws -> [[Double]] {
    try rows.enumerated().map { index, row in try estimates(estimator, row, row: index) }
  }

  private func addCosines(_ rows: [[Double]], to values: inout Values) throws {
    let width = geometry.shape.width
    // No direction to compare with: there is no such number.
    if assembly.targetVanishes {
      let draws = (rows.first?.count ?? 0) / width
      for index in values.cosines.indices {
        values.cosines[index] += [Double](repeating: .nan, count: draws)
      }
      return
    }
    let targetParts = assembly.targetParts
    let targetSquares = assembly.targetSquares
    let draws = (rows.first?.count ?? 0) / width
    // Cosine and norm on every scope.
    let byDraw = parallelMap(draws, workers: workers) { draw -> [(cosine: Double, norm: Double)] in
      let vector = rows.flatMap { $0[draw * width..<(draw + 1) * width] }
      let parts = geometry.parts(of: vector)
      let squares = ScopeGeometry.dots(parts, parts)
      let dots = ScopeGeometry.dots(parts, targetParts)
      return geometry.scopes.map { scope in
        func sum(_ values: [Double]) -> Double { scope.parts.reduce(0) { $0 + values[$1] } }
        // A draw of nothing points nowhere: it counts as 0.
        if sum(squares) == 0 && sum(targetSquares) > 0 { return (0, 0) }
        return (cosine(sum(dots), sum(squares), sum(targetSquares)), sum(squares).squareRoot())
      }
    }
    for (draw, scopes) in byDraw.enumerated() {
      for (index, scope) in scopes.enumerated() {
        values.cosines[index].append(scope.cosine)
        guard index < values.directions.count, scope.norm > 0 else { continue }
        for (row, vectors) in rows.enumerated() {
          for k in 0..<width {
            values.directions[index][row * width + k] += vectors[draw * width + k] / scope.norm
          }
        }
      }
    }
  }

  /// The mean cosine `<u, g*> / ||g*||`, `u` the mean of `g / ||g||`, with each group of the target's
  /// blocks left out.
  private func cosinesWithoutTargetBlocks(_ scope: Scope, _ directions: [Double]) -> [Double] {
    let parts = geometry.parts(of: directions)
    var along = 0.0
    var square = 0.0
    var alongs: [Double] = []
    var crosses: [Double] = []
    var squares: [Double] = []
    for part in scope.parts {
      let deviations = assembly.targetRows[part]
      let count = deviations.count
      if alongs.isEmpty {
        alongs = [Double](repeating: 0, count: count)
        crosses = alongs
        squares = alongs
      }
      along += ScopeGeometry.dots([parts[part]], [assembly.targetParts[part]])[0] / Double(draws)
      square += assembly.targetSquares[part]
      let withDirection = deviations.products(DeviationRows(parts[part]))
      let withTarget = deviations.products(DeviationRows(assembly.targetParts[part]))
      let gram = deviations.products(deviations)
      for k in 0..<count {
        alongs[k] += withDirection[k] / Double(draws)
        crosses[k] += withTarget[k]
        squares[k] += gram[k * count + k]
      }
    }
    // Without block k the target is g* - d_k / (blocks - 1).
    let factor = -1 / Double(max(alongs.count - 1, 1))
    return alongs.indices.map { k in
      (along + factor * alongs[k])
        / (square + 2 * factor * crosses[k] + factor * factor * squares[k]).squareRoot()
    }
  }

  private func addGaps(
    _ estimator: any GradientEstimator, _ rows: [RowDraws], to values: inout Values
  ) throws {
    let oracle = source.problem.oracle
    guard oracle.capabilities.gradients, oracle.capabilities.softPoints,
      let first = rows.first,
      try estimator.checkedSoftPoints(source.problem.logits.row(0), first) != nil
    else { return }
    let draws = first.count
    let soft = try softGradients(estimator, rows)
    let width = geometry.shape.width
    var latent = [Double](repeating: 0, count: draws)
    var latentNorm = latent
    var logits = latent
    var logitsNorm = latent
    var pulledRows: [[Double]] = []
    var pulledReferenceRows: [[Double]] = []
    for (index, row) in rows.enumerated() {
      var difference = row
      difference.gradients = zip(row.gradients, soft[index]).map { $0 - $1 }
      difference.softGradients = difference.gradients
      var reference = row
      reference.gradients = soft[index]
      reference.softGradients = soft[index]
      let pulled = try estimates(estimator, difference, row: index)
      let pulledReference = try estimates(estimator, reference, row: index)
      pulledRows.append(pulled)
      pulledReferenceRows.append(pulledReference)
      for draw in 0..<draws {
        for k in draw * width..<(draw + 1) * width {
          latent[draw] += difference.gradients[k] * difference.gradients[k]
          latentNorm[draw] += soft[index][k] * soft[index][k]
          logits[draw] += pulled[k] * pulled[k]
          logitsNorm[draw] += pulledReference[k] * pulledReference[k]
        }
      }
    }
    // Rows enter with the factor 1/B of the objective; relative forms are free of it.
    let scale = 1 / Double(geometry.shape.rows)
    func roots(_ squares: [Double]) -> [Double] { squares.map { scale * $0.squareRoot() } }
    func ratios(_ squares: [Double], _ norms: [Double]) -> [Double] {
      zip(squares, norms).map(Self.ratio)
    }
    // Where a pull-back of `h(s)` is rounding in every draw, there is nothing to compare with.
    let least = RowRounding.unit * 16 * estimator.traits.gradientGain
    if zip(logitsNorm, latentNorm).allSatisfy({ $0 <= least * least * $1 }) {
      logitsNorm = logitsNorm.map { _ in 0 }
      pulledReferenceRows = pulledReferenceRows.map { $0.map { _ in 0 } }
    }
    values.gaps[.gapLatent, default: []] += roots(latent)
    values.gaps[.gapLatentRelative, default: []] += ratios(latent, latentNorm)
    values.gaps[.gapLogits, default: []] += roots(logits)
    values.gaps[.gapLogitsRelative, default: []] += ratios(logits, logitsNorm)
    try addLayerGaps(pulledRows, reference: pulledReferenceRows, draws: draws, to: &values)
  }

  /// Norms of the pull-backs to the parameters of a whole-batch draw of `A (h(z) - h(s))`, and
  /// over those of `A h(s)`. Both in `[row][draws][DK]` without the factor `1/B`.
  private func addLayerGaps(
    _ difference: [[Double]], reference: [[Double]], draws: Int, to values: inout Values
  ) throws {
    let count = geometry.parameterScopes.count
    guard count > 0 else { return }
    let width = geometry.shape.width
    let scale = 1 / Double(geometry.shape.rows)
    let byDraw = parallelMap(draws, workers: workers) { draw -> ([Double], [Double]) in
      func squares(_ rows: [[Double]]) -> [Double] {
        geometry.parameterSquares(
          rows.flatMap { $0[draw * width..<(draw + 1) * width].map { scale * $0 } })
      }
      return (squares(difference), squares(reference))
    }
    if values.layerGaps.isEmpty {
      values.layerGaps = [(absolute: [Double], relative: [Double])](
        repeating: ([], []), count: count)
    }
    for (squares, norms) in byDraw {
      for scope in 0..<count {
        values.layerGaps[scope].absolute.append(squares[scope].squareRoot())
        values.layerGaps[scope].relative.append(Self.ratio(squares[scope], norms[scope]))
      }
    }
  }

  /// The root of a quotient of squares; NaN where the divisor is 0.
  private static func ratio(_ square: Double, _ norm: Double) -> Double {
    norm > 0 ? (square / norm).squareRoot() : .nan
  }

  private func estimates(
    _ estimator: any GradientEstimator, _ draws: RowDraws, row: Int
  ) throws -> [Double] {
    try estimator.checkedEstimates(source.problem.logits.row(row), draws)
  }

  /// `df/dz` at the soft points, `[row][draws][DK]`; one evaluation where they do not vary.
  private func softGradients(
    _ estimator: any GradientEstimator, _ rows: [RowDraws]
  ) throws -> [[Double]] {
    let width = geometry.shape.width
    let draws = rows.first?.count ?? 0
    if estimator.traits.softPointsVary {
      let gradients = try source.softGradients(estimator, rows)
      let stride = draws * width
      return rows.indices.map { Array(gradients[$0 * stride..<($0 + 1) * stride]) }
    }
    let gradients = try source.softGradients(estimator, rows.map { _ in RowDraws(count: 1) })
    return rows.indices.map { row in
      let own = Array(gradients[row * width..<(row + 1) * width])
      return (0..<draws).flatMap { _ in own }
    }
  }
}

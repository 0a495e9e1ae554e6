import Discrete
import Tensors

/// Measures estimators coordinate by coordinate on common draws.
///
/// All estimators of one forward law share draws and oracle calls. Bits depend on the problem, the
/// estimator, the key and the number of draws: not on the other estimators or on `workers`.
public struct MomentSweep: Sendable {
  public let source: DrawSource
  public let workers: Int

  public init(problem: any DiscreteProblem, key: RandomKey, workers: Int = 1) {
    source = DrawSource(problem: problem, key: key)
    self.workers = workers
  }

  /// Moments of `draws` estimates of each estimator, at least 2. Compiled kernels serve the
  /// estimators they can on problems without parameters upstream.
  ///
  /// - Throws: errors of the oracle; `DiscreteError.parameter` for fewer than two draws, `.unsupported`
  ///   for an estimator that does not work on the layer, and for a problem whose parameters are upstream of a pull-back that is no `CoordinatePullback`.
  public func measure(
    _ estimators: [any GradientEstimator], draws: Int
  ) throws -> [SweptMoments] {
    guard draws > 1 else {
      throw DiscreteError.parameter("moments need at least 2 draws, found \(draws)")
    }
    let estimators = try estimators.map { try $0.adapted(to: source.problem.shape) }
    var results: [SweptMoments?] = estimators.map { estimator in
      guard source.problem.pullback == nil,
        let fused = FusedMoments(problem: source.problem, estimator: estimator)
      else { return nil }
      return SweptMoments(
        logits: fused.moments(draws: 0..<draws, key: source.key, workers: workers), groups: [])
    }
    let rest = estimators.indices.filter { results[$0] == nil }
    for (index, moments) in zip(rest, try swept(rest.map { estimators[$0] }, draws: draws)) {
      results[index] = moments
    }
    return results.compactMap(\.self)
  }

  /// The same through draws of the whole layer.
  private func swept(
    _ estimators: [any GradientEstimator], draws: Int
  ) throws -> [SweptMoments] {
    guard !estimators.isEmpty else { return [] }
    let pullback = source.problem.pullback as? any CoordinatePullback
    guard pullback != nil || source.problem.pullback == nil else {
      throw DiscreteError.unsupported(
        "variances of single parameters need a pull-back that has them (CoordinatePullback)")
    }
    if let lanes = LaneSweep(source, pullback, draws: draws, workers: workers) {
      return finish(try lanes.sums(estimators), draws, pullback)
    }
    // Eight parts at least, so that workers end together.
    let chunk = min(MonteCarloEngine.drawsPerCall(source.problem.shape), (draws + 7) / 8)
    let chunks = (draws + chunk - 1) / chunk
    let parts = try parallelMap(chunks, workers: workers) { index in
      try sums(
        estimators, draws: index * chunk..<min(draws, (index + 1) * chunk), all: draws, pullback)
    }
    var total = parts[0]
    for part in parts.dropFirst() {
      for member in total.indices {
        for row in total[member].indices { total[member][row].add(part[member][row]) }
      }
    }
    return finish(total, draws, pullback)
  }

  /// `[estimator][row]`
  private func sums(
    _ estimators: [any GradientEstimator], draws: Range<Int>, all: Int,
    _ pullback: (any CoordinatePullback)?
  ) throws -> [[RowSums]] {
    let shape = source.problem.shape
    let pullbacks = (0..<shape.rows).map { pullback?.rowPullback($0, draws: all) }
    var sums = estimators.map { _ in pullbacks.map { RowSums(width: shape.width, $0) } }
    let groups = Dictionary(grouping: estimators.indices) { estimators[$0].plan.law }
    var values = [Double](repeating: 0, count: draws.count * shape.width)
    var lines = [Float](repeating: 0, count: pullback == nil ? 0 : values.count)
    for (law, members) in groups {
      let rows = try source.draw(
        draws, law: law, needs: GroupNeeds(members.map { estimators[$0].plan }))
      for member in members {
        let own = try source.prepared(estimators[member], rows, range: draws)
        for row in 0..<shape.rows {
          estimators[member].centredCombine(
            source.problem.logits.row(row), own[row], into: &values)
          sums[member][row].add(values)
          guard let pullback = pullbacks[row] else { continue }
          lines.place(values, width: shape.width, at: 0, stride: draws.count)
          sums[member][row].addOutputs(pullback, lines, count: draws.count, stride: draws.count)
        }
      }
    }
    return sums
  }

  private func finish(
    _ sums: [[RowSums]], _ draws: Int, _ pullback: (any CoordinatePullback)?
  ) -> [SweptMoments] {
    let scale = 1 / Double(source.problem.shape.rows)
    let count = Double(draws)
    var logits: [(mean: [Double], variance: [Double])] = []
    var result: [SweptMoments] = []
    for rows in sums {
      let mean = rows.flatMap { $0.first.map { $0 / count } }
      let variance = zip(rows.flatMap(\.second), mean).map { square, mean in
        max(0, square - count * mean * mean) / (count - 1)
      }
      logits.append((mean, variance))
      result.append(
        SweptMoments(
          logits: CoordinateMoments(
            draws: draws, mean: mean.map { $0 * scale },
            variance: variance.map { $0 * scale * scale }), groups: []))
    }
    guard let pullback else { return result }
    let outputs = outputSquares(sums, draws, pullback)
    // Means and variances of the parameters, one after the other.
    let (means, moments) = (result.map(\.logits.mean), logits)
    let parts = parallelMap(2 * sums.count, workers: workers) { part in
      let index = part / 2
      return part % 2 == 0
        ? pullback.pullBack(means[index])
        : pullback.parameterVariances(outputs[index], logits: moments[index], draws: draws).map {
          $0.map { $0 * scale * scale }
        }
    }
    for index in result.indices {
      result[index].groups = zip(parts[2 * index], parts[2 * index + 1]).map {
        CoordinateMoments(draws: draws, mean: $0, variance: $1)
      }
    }
    return result
  }

  /// Finished sums at the layers' outputs, `[estimator][row]`.
  private func outputSquares(
    _ sums: [[RowSums]], _ draws: Int, _ pullback: any CoordinatePullback
  ) -> [[OutputSquares]] {
    let rows = parallelMap(source.problem.shape.rows, workers: workers) { row in
      var own = sums.compactMap { $0[row].outputs }
      if own.contains(where: { !$0.outer.isEmpty }) {
        pullback.rowPullback(row, draws: draws).finish(&own)
      }
      return own
    }
    return sums.indices.map { estimator in rows.map { $0[estimator] } }
  }
}

/// Sampled moments of every coordinate of a gradient.
public struct SweptMoments: Sendable, Equatable {
  /// At the logits, `[B][D][K]`.
  public var logits: CoordinateMoments
  /// At each parameter group, in the order of the problem's groups; empty without parameters
  /// upstream.
  public var groups: [CoordinateMoments]
}

import Discrete
import Tensors

/// Measures estimators coordinate by coordinate on common draws.
///
/// All estimators of one forward distribution share draws and oracle calls. Bits depend on the problem, the
/// estimator, the key, the number of draws and that of blocks: not on the other estimators or on `workers`.
public struct MomentSweep: Sendable {
  public let source: DrawSource
  public let workers: Int

  public init(problem: any DiscreteProblem, key: RandomKey, workers: Int = 1) {
    self.init(DrawSource(problem: problem, key: key), workers: workers)
  }

  init(_ source: DrawSource, workers: Int) {
    self.source = source
    self.workers = workers
  }

  /// Moments of `draws` estimates of each estimator, at least 2, with errors from the spread of `blocks` blocks of
  /// them. Compiled kernels serve the estimators they can on problems without parameters upstream.
  ///
  /// - Parameter blocks: those of fewer than two draws are joined; errors of variances are NaN for a single one.
  /// - Throws: errors of the oracle; `DiscreteError.parameter` for fewer than two draws, `.unsupported` for an
  ///   estimator that does not work on the layer, `.shape` for a pull-back's arrays of other lengths.
  public func measure(
    _ estimators: [any GradientEstimator], draws: Int, blocks: Int = 32
  ) throws -> [PartNumbers] {
    guard draws > 1 else {
      throw DiscreteError.parameter("moments need at least 2 draws, found \(draws)")
    }
    let blocks = max(1, min(blocks, draws / 2))
    let estimators = try estimators.map { try $0.adapted(to: source.problem.shape) }
    var results: [PartNumbers?] = estimators.map { estimator in
      guard source.problem.pullback == nil, Shortcuts.fusedKernels.isOn,
        let fused = FusedMoments(problem: source.problem, estimator: estimator)
      else { return nil }
      return kernelMoments(fused, draws: draws, blocks: blocks)
    }
    let rest = estimators.indices.filter { results[$0] == nil }
    let sweep = BlockSweep(
      source: source, pullback: source.problem.pullback, draws: draws, blocks: blocks,
      workers: workers)
    if !rest.isEmpty {
      let sums = try sweep.sums(rest.map { estimators[$0] })
      for (index, moments) in zip(rest, try finish(sums, sweep)) { results[index] = moments }
    }
    return results.compactMap(\.self)
  }

  private func kernelMoments(_ fused: FusedMoments, draws: Int, blocks: Int) -> PartNumbers {
    // Pieces of a block run side by side where blocks are long, else blocks do.
    let parts = parallelMap(blocks, workers: workers) { block in
      fused.sums(draws: block * draws / blocks..<(block + 1) * draws / blocks, key: source.key)
    }
    var total = CoordinateSums(count: source.problem.shape.count)
    var tally = SquareTally(count: source.problem.shape.count)
    for part in parts {
      total += part
      let own = part.moments
      tally.add(own.variance.map { $0 * Double(own.draws - 1) }, closing: own.draws)
    }
    let moments = total.moments
    return PartNumbers(
      logits: CoordinateNumbers(
        mean: moments.mean, variance: moments.variance, squaredErrors: tally.squaredErrors,
        draws: draws), groups: [])
  }

  private func finish(_ sums: [BlockSweep.Sums], _ sweep: BlockSweep) throws -> [PartNumbers] {
    let shape = source.problem.shape
    let pullback = source.problem.pullback
    var squares = sums.map { $0.outputs.flatMap(\.total) }
    var logits = sums.map { $0.logits.map(\.total) }
    var means = sums.map { _ in [Double]() }
    // What the blocks' means add.
    for rows in sweep.rowChunks(sums.count) {
      let between = try parallelMap(rows.count, workers: workers) { place in
        let row = rows.lowerBound + place
        let squares = pullback?.checkedSquares(ofRow: row, of: shape.rows)
        return try sums.map { sums -> (mean: [Double], logits: [Double], outputs: [Double]) in
          let whole = BlockShare.average(sums.means[row], width: shape.width)
          let vectors = BlockShare.between(
            sums.means[row], around: whole.mean, width: shape.width)
          return (whole.mean, vectors.squares[0], try squares?(vectors)[0] ?? [])
        }
      }
      for (row, members) in zip(rows, between) {
        for (index, own) in members.enumerated() {
          means[index] += own.mean
          logits[index][row] = zip(logits[index][row], own.logits).map(+)
          let start = pullback?.squares.form.start(of: row) ?? 0
          for position in own.outputs.indices {
            squares[index][start + position] += own.outputs[position]
          }
        }
      }
    }
    let factor = 1 / Double(shape.rows)
    let draws = sweep.draws
    @Sendable func numbers(
      _ mean: [Double], _ squares: [Double], _ errors: [Double]
    ) -> CoordinateNumbers {
      CoordinateNumbers(
        mean: mean, variance: squares.map { max(0, $0) * factor * factor / Double(draws - 1) },
        squaredErrors: errors.map { $0 * factor * factor * factor * factor }, draws: draws)
    }
    let (allSquares, allLogits, allMeans) = (squares, logits, means)
    return try parallelMap(sums.count, workers: workers) { index in
      let mean = allMeans[index].map { $0 * factor }
      let logits = numbers(
        mean, allLogits[index].flatMap { $0 }, sums[index].logits.flatMap(\.squaredErrors))
      guard let pullback else { return PartNumbers(logits: logits, groups: []) }
      let errors = sums[index].outputs.flatMap(\.squaredErrors)
      let variances = zip(
        try pullback.checkedParameterSquares(allSquares[index], power: 1),
        try pullback.checkedParameterSquares(errors, power: 2))
      return PartNumbers(
        logits: logits,
        groups: zip(pullback.pullBack(mean), variances).map { numbers($0, $1.0, $1.1) })
    }
  }
}

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

  /// What one estimator's draws add up to.
  private struct Sums: Sendable {
    /// `sum_i g_i`, `[B][DK]`, without the factor `1/B`.
    var first: [Double]
    /// `sum_i g_i^2`.
    var second: [Double]
    var outputs: OutputSquares?
  }

  /// Moments of `draws` estimates of each estimator, at least 2. Compiled kernels serve the
  /// estimators they can on problems without parameters upstream.
  ///
  /// - Throws: errors of the oracle; `DiscreteError.parameter` for fewer than two draws.
  public func measure(
    _ estimators: [any GradientEstimator], draws: Int
  ) throws -> [SweptMoments] {
    guard draws > 1 else {
      throw DiscreteError.parameter("moments need at least 2 draws, found \(draws)")
    }
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
    let problem = source.problem
    let pullback = problem.pullback as? any CoordinatePullback
    let shape = problem.shape
    // Eight parts at least, so that workers end together.
    let chunk = min(MonteCarloEngine.drawsPerCall(shape), (draws + 7) / 8)
    let chunks = (draws + chunk - 1) / chunk
    let parts = try parallelMap(chunks, workers: workers) { index in
      try sums(
        estimators, draws: index * chunk..<min(draws, (index + 1) * chunk), all: draws,
        pullback: pullback)
    }
    return finish(estimators.indices.map { index in parts.map { $0[index] } }, draws, pullback)
  }

  private func sums(
    _ estimators: [any GradientEstimator], draws: Range<Int>, all: Int,
    pullback: (any CoordinatePullback)?
  ) throws -> [Sums] {
    let shape = source.problem.shape
    var sums = estimators.map { _ in
      Sums(
        first: [Double](repeating: 0, count: shape.count),
        second: [Double](repeating: 0, count: shape.count),
        outputs: pullback?.squares(draws: all))
    }
    let groups = Dictionary(grouping: estimators.indices) { estimators[$0].plan.law }
    for (law, members) in groups {
      let rows = try source.draw(
        draws, law: law, needs: GroupNeeds(members.map { estimators[$0].plan }))
      for member in members {
        let estimator = estimators[member]
        let own = try source.prepared(estimator, rows, range: draws)
        var values = [Double](repeating: 0, count: draws.count * shape.width)
        let keeps = sums[member].outputs != nil
        let estimates = [Float](
          unsafeUninitializedCapacity: keeps ? shape.count * draws.count : 0
        ) { buffer, initialized in
          for row in 0..<shape.rows {
            estimator.combine(source.problem.logits.row(row), own[row], into: &values)
            add(values, row: row, to: &sums[member])
            guard keeps else { continue }
            let start = row * values.count
            for index in 0..<values.count { buffer[start + index] = Float(values[index]) }
          }
          initialized = buffer.count
        }
        if var outputs = sums[member].outputs {
          sums[member].outputs = nil
          pullback?.add(estimates, count: draws.count, to: &outputs)
          sums[member].outputs = outputs
        }
      }
    }
    return sums
  }

  private func add(_ values: [Double], row: Int, to sums: inout Sums) {
    let width = source.problem.shape.width
    let base = row * width
    sums.first.withUnsafeMutableBufferPointer { first in
      sums.second.withUnsafeMutableBufferPointer { second in
        values.withUnsafeBufferPointer { values in
          for start in stride(from: 0, to: values.count, by: width) {
            for index in 0..<width {
              let value = values[start + index]
              first[base + index] += value
              second[base + index] += value * value
            }
          }
        }
      }
    }
  }

  private func finish(
    _ parts: [[Sums]], _ draws: Int, _ pullback: (any CoordinatePullback)?
  ) -> [SweptMoments] {
    let scale = 1 / Double(source.problem.shape.rows)
    let count = Double(draws)
    var logits: [(mean: [Double], variance: [Double])] = []
    var outputs: [OutputSquares] = []
    var result: [SweptMoments] = []
    for parts in parts {
      var total = parts[0]
      for part in parts.dropFirst() {
        for index in total.first.indices {
          total.first[index] += part.first[index]
          total.second[index] += part.second[index]
        }
        if let more = part.outputs { total.outputs?.add(more) }
      }
      let mean = total.first.map { $0 / count }
      let variance = zip(total.second, mean).map { square, mean in
        max(0, square - count * mean * mean) / (count - 1)
      }
      logits.append((mean, variance))
      if let sums = total.outputs { outputs.append(sums) }
      result.append(
        SweptMoments(
          logits: CoordinateMoments(
            draws: draws, mean: mean.map { $0 * scale },
            variance: variance.map { $0 * scale * scale }), groups: []))
    }
    guard let pullback else { return result }
    let variances = pullback.parameterVariances(outputs, logits: logits, draws: draws)
    for index in result.indices {
      let mean = pullback.pullBack(result[index].logits.mean)
      result[index].groups = zip(mean, variances[index]).map {
        CoordinateMoments(draws: draws, mean: $0, variance: $1.map { $0 * scale * scale })
      }
    }
    return result
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

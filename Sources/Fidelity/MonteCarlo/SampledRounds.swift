import Discrete

/// Sampled moments of estimators of one distribution on common draws, extended round by round until each has
/// enough.
///
/// Draw numbers go on from round to round and every block gets an equal share of each, so nothing
/// is drawn twice. Calls of the oracle take the same draws of all rows whoever is in the group: the
/// sums of an estimator do not depend on when the others have enough.
struct SampledRounds {
  let engine: MonteCarloEngine
  let blocks: Int
  let schedule: DrawSchedule

  /// Measures every estimator until `hasEnough` says so, or the schedule ends.
  ///
  /// - Parameter hasEnough: index of the estimator and its sums so far; not called again once it
  ///   says yes. A `DiscreteError` it throws is that estimator's failure.
  /// - Returns: the sums, or why there are none: an estimator that cannot be served (no gradients,
  ///   say) does not stop the others.
  func measure(
    _ estimators: [any GradientEstimator],
    hasEnough: (Int, SampledMeasurement) throws -> Bool
  ) -> [Result<SampledMeasurement, DiscreteError>] {
    var results: [Int: Result<SampledMeasurement, DiscreteError>] = [:]
    var open = Array(estimators.indices)
    var size = 0
    var next: Int? = schedule.first
    while let target = next, !open.isEmpty {
      let added = measured(
        open.map { estimators[$0] }, from: size * blocks, perBlock: target - size)
      var wanting: [Int] = []
      for (index, piece) in zip(open, added) {
        do {
          let sums = try results[index]?.get().extended(by: piece.get()) ?? piece.get()
          guard sums.isFinite else {
            throw DiscreteError.notFinite("an estimate is not finite")
          }
          results[index] = .success(sums)
          if try !hasEnough(index, sums) { wanting.append(index) }
        } catch {
          results[index] = .failure(DiscreteError(error))
        }
      }
      open = wanting
      size = target
      next = schedule.next(size)
    }
    return estimators.indices.compactMap { results[$0] }
  }

  /// One round on common draws; where that fails, each estimator by itself.
  private func measured(
    _ estimators: [any GradientEstimator], from first: Int, perBlock: Int
  ) -> [Result<SampledMeasurement, DiscreteError>] {
    func round(_ members: [any GradientEstimator]) throws -> [SampledMeasurement] {
      try engine.measure(members, blocks: blocks, drawsPerBlock: perBlock, from: first)
    }
    do {
      return try round(estimators).map { .success($0) }
    } catch {
      return estimators.map { estimator in
        Result { try round([estimator])[0] }.mapError { DiscreteError($0) }
      }
    }
  }
}

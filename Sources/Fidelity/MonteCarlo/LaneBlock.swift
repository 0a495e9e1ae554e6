import CKernels
import Discrete

/// Adds the estimates of evaluated draws in float32 to the sums of a replication block.
struct LaneBlock {
  let lanes: LaneSource
  let draws: LaneDraws
  let needs: LaneNeeds
  let grams: [RowGrams]

  /// - Parameter members: estimators of the distribution of the draws, their rules, and their places in `sums`.
  func add(
    _ members: [(estimator: any GradientEstimator, rules: [LaneRule]?, place: Int)],
    to sums: inout [BlockSums]
  ) throws {
    let width = draws.shape.width
    var room = Room(
      lines: [Float](repeating: 0, count: width * draws.stride),
      moments: [Float](
        repeating: 0, count: grams.contains(where: \.needsMoments) ? width * width : 0),
      first: [Double](repeating: 0, count: width))
    // Row by row over the estimators, so that a row's Gram matrices stay in cache.
    let shared = members.filter { $0.estimator.plan.usesDrawsAlone }
    for row in grams.indices {
      var rowDraws: RowDraws?
      for (estimator, rules, place) in shared {
        if let rules {
          add(rules[row], row: row, gradients: draws.gradients, &room, to: &sums[place])
          continue
        }
        let own = try rowDraws ?? lanes.rowDraws(draws, row: row, needs: needs)
        rowDraws = own
        try add(estimator, own, row: row, to: &sums[place])
      }
    }
    for (estimator, rules, place) in members where !estimator.plan.usesDrawsAlone {
      if let rules {
        let gradients = try lanes.softGradients(rules, draws)
        for row in grams.indices {
          add(rules[row], row: row, gradients: gradients, &room, to: &sums[place])
        }
        continue
      }
      let rows = try grams.indices.map { try lanes.rowDraws(draws, row: $0, needs: needs) }
      try lanes.source.eachPrepared(estimator, rows, range: draws.range) { row, own in
        try add(estimator, own, row: row, to: &sums[place])
      }
    }
  }

  /// Arrays that every estimate of a block goes through.
  private struct Room {
    /// Estimates of one row, `[DK][stride]`.
    var lines: [Float]
    /// Their second moments, `[DK][DK]`, zeros below the diagonal.
    var moments: [Float]
    /// Their sums, `[DK]`.
    var first: [Double]
  }

  private func add(
    _ rule: LaneRule, row: Int, gradients: [Float], _ room: inout Room, to sums: inout BlockSums
  ) {
    let (width, stride) = (draws.shape.width, draws.stride)
    rule.combine(draws, row: row, gradients: gradients, into: &room.lines, at: 0, stride: stride)
    for index in 0..<width { room.first[index] = 0 }
    gf_line_sums(room.lines, width, stride, &room.first, nil)
    var square = 0.0
    gf_square_sum(room.lines, room.lines.count, &square)
    let scale = 1 / Double(draws.shape.rows)
    for index in 0..<width { sums.gradient[row * width + index] += scale * room.first[index] }
    let traces = grams[row].traces(
      lines: room.lines, count: draws.range.count, stride: stride,
      square: square, moments: &room.moments)
    for part in traces.indices { sums.squares[part] += scale * scale * traces[part] }
  }

  private func add(
    _ estimator: any GradientEstimator, _ own: RowDraws, row: Int, to sums: inout BlockSums
  ) throws {
    try sums.add(
      estimator, lanes.source.problem.logits.row(row), own, row: row, rows: draws.shape.rows,
      grams[row])
  }
}

import Discrete

/// Evaluated draws of one forward distribution and a run of draw numbers, call by call: side by side in float32 where the
/// problem's oracle computes in it, else as combine steps see them.
struct SegmentDraws: Sendable {
  enum Pieces: Sendable {
    case lanes(LaneSource, LaneNeeds, [LaneDraws])
    /// `[call][row]`
    case rows(DrawSource, [[RowDraws]])
  }

  let pieces: Pieces
  /// Draw numbers of every call.
  let ranges: [Range<Int>]

  /// - Parameters:
  ///   - lanes: nil where the problem is not served so.
  ///   - ranges: draw numbers of every call.
  init(
    _ source: DrawSource, distribution: ForwardDistribution, lanes: LaneSource?,
    members: [(plan: EvaluationPlan, hasRules: Bool)], ranges: [Range<Int>], workers: Int
  ) throws {
    self.ranges = ranges
    guard let lanes else {
      let needs = GroupNeeds(members.map(\.plan))
      pieces = .rows(
        source,
        try parallelMap(ranges.count, workers: workers) {
          try source.draw(ranges[$0], distribution: distribution, needs: needs)
        })
      return
    }
    let needs = LaneNeeds(members)
    pieces = .lanes(
      lanes, needs,
      try parallelMap(ranges.count, workers: workers) {
        try lanes.draw(ranges[$0], needs: needs)
      })
  }

  /// Columns of every call, those that fill its last tile included.
  private func stride(of call: Int) -> Int {
    switch pieces {
    case .lanes(_, _, let draws): draws[call].stride
    case .rows: ranges[call].count
    }
  }

  var stride: Int { ranges.indices.reduce(0) { $0 + stride(of: $1) } }

  /// The columns of some of the draws.
  func columns(of draws: Range<Int>) -> [Range<Int>] {
    var start = 0
    return ranges.indices.compactMap { call in
      defer { start += stride(of: call) }
      let own = draws.clamped(to: ranges[call])
      guard !own.isEmpty else { return nil }
      let first = start + own.lowerBound - ranges[call].lowerBound
      return first..<first + own.count
    }
  }

  /// `df/dz` at the draws' codes as tiles, of every call; empty for other draws.
  var gradients: [[Float]] {
    guard case .lanes(_, _, let draws) = pieces else { return [] }
    return draws.map(\.gradients)
  }

  /// The same at the soft points of rules.
  func softGradients(_ rules: [LaneRule], workers: Int) throws -> [[Float]] {
    guard case .lanes(let lanes, _, let draws) = pieces else { return [] }
    return try parallelMap(draws.count, workers: workers) {
      try lanes.softGradients(rules, draws[$0])
    }
  }

  /// Estimates `[DK][stride]` of one row by its rule.
  func lines(_ rule: LaneRule, row: Int, gradients: [[Float]], width: Int) -> [Float] {
    guard case .lanes(_, _, let draws) = pieces else { return [] }
    let stride = self.stride
    var lines = [Float](repeating: 0, count: width * stride)
    var start = 0
    for (piece, gradients) in zip(draws, gradients) {
      rule.combine(piece, row: row, gradients: gradients, into: &lines, at: start, stride: stride)
      start += piece.stride
    }
    return lines
  }

  /// The draws of one row as combine steps see them, call by call.
  func rowDraws(_ row: Int) throws -> [RowDraws] {
    switch pieces {
    case .lanes(let lanes, let needs, let draws):
      try draws.map { try lanes.rowDraws($0, row: row, needs: needs) }
    case .rows(_, let rows): rows.map { $0[row] }
    }
  }

  /// Estimates of every row by an estimator with points of its own, `[call][row]`, `[draws][DK]` each.
  func prepared(
    _ estimator: any GradientEstimator, on problem: any DiscreteProblem, workers: Int
  ) throws -> [[[Double]]] {
    try parallelMap(ranges.count, workers: workers) { call in
      let rows: [RowDraws]
      let source: DrawSource
      switch pieces {
      case .lanes(let lanes, let needs, let draws):
        source = lanes.source
        rows = try (0..<problem.shape.rows).map {
          try lanes.rowDraws(draws[call], row: $0, needs: needs)
        }
      case .rows(let own, let draws):
        source = own
        rows = draws[call]
      }
      var estimates = rows.map { _ in [Double]() }
      try source.eachPrepared(estimator, rows, range: ranges[call]) { row, draws in
        estimates[row] += try estimator.checkedEstimates(problem.logits.row(row), draws)
      }
      return estimates
    }
  }

  /// Estimates `[draws][DK]` of every call as lines `[DK][stride]`.
  func lines(_ calls: [[Double]], width: Int) -> [Double] {
    let stride = self.stride
    var lines = [Double](repeating: 0, count: width * stride)
    var start = 0
    for (call, estimates) in calls.enumerated() {
      for (index, value) in estimates.enumerated() {
        lines[index % width * stride + start + index / width] = value
      }
      start += self.stride(of: call)
    }
    return lines
  }
}

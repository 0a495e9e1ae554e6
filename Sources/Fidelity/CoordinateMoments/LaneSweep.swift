import Discrete

/// Sums of estimates on a network in float32: blocks of draws are evaluated call by call, and then each
/// row's draws are taken together, side by side.
///
/// Bits depend on the problem, the estimator, the key and the number of draws.
struct LaneSweep: Sendable {
  private let source: DrawSource
  private let pullback: (any CoordinatePullback)?
  private let draws: Int
  private let workers: Int

  /// Most numbers of one array of a block, about: 24 MiB of float32.
  private static let blockNumbers = 6 << 20

  /// Nil where the problem's oracle computes in float64; see `LaneSource`.
  init?(
    _ source: DrawSource, _ pullback: (any CoordinatePullback)?, draws: Int, workers: Int
  ) {
    guard LaneSource.serves(source.problem) else { return nil }
    self.source = source
    self.pullback = pullback
    self.draws = draws
    self.workers = workers
  }

  /// An estimator with its rules, if it has some.
  private struct Member: Sendable {
    let index: Int
    let estimator: any GradientEstimator
    let rules: [LaneRule]?

    var usesDrawsAlone: Bool { estimator.plan.usesDrawsAlone }
  }

  /// The draws of one block, call by call.
  private struct Block: Sendable {
    let lanes: LaneSource
    let needs: LaneNeeds
    let pieces: [LaneDraws]

    var count: Int { pieces.reduce(0) { $0 + $1.range.count } }
    var stride: Int { pieces.reduce(0) { $0 + $1.stride } }
  }

  /// Sums of all draws, `[estimator][row]`.
  func sums(_ estimators: [any GradientEstimator]) throws -> [[RowSums]] {
    let shape = source.problem.shape
    var sums = estimators.map { _ in [RowSums?](repeating: nil, count: shape.rows) }
    let members = estimators.enumerated().map {
      Member(
        index: $0, estimator: $1, rules: LaneRule.rules($1, on: source.problem))
    }
    for (law, group) in Dictionary(grouping: members, by: \.estimator.plan.law) {
      guard let lanes = LaneSource(source, law: law) else { continue }
      let needs = LaneNeeds(group.map { ($0.estimator.plan, $0.rules != nil) })
      for range in blocks {
        let calls = calls(range)
        let pieces = try parallelMap(calls.count, workers: workers) {
          try lanes.draw(calls[$0], needs: needs)
        }
        try add(group, Block(lanes: lanes, needs: needs, pieces: pieces), to: &sums)
      }
    }
    return sums.map { $0.compactMap(\.self) }
  }

  /// Equal blocks of whole tiles.
  private var blocks: [Range<Int>] {
    let lanes = LaneDraws.lanes
    let most = max(lanes, Self.blockNumbers / source.problem.shape.count / lanes * lanes)
    let count = (draws + most - 1) / most
    return parts(0..<draws, of: (draws + count - 1) / count)
  }

  /// The draws of a block in oracle calls, eight at least where there are tiles enough, so that
  /// workers end together.
  private func calls(_ range: Range<Int>) -> [Range<Int>] {
    parts(
      range,
      of: min(MonteCarloEngine.drawsPerCall(source.problem.shape), (range.count + 7) / 8))
  }

  /// Parts of about `size` draws: whole tiles but the last.
  private func parts(_ range: Range<Int>, of size: Int) -> [Range<Int>] {
    let lanes = LaneDraws.lanes
    let size = max(1, (size + lanes - 1) / lanes) * lanes
    return stride(from: range.lowerBound, to: range.upperBound, by: size).map {
      $0..<min($0 + size, range.upperBound)
    }
  }

  private func add(_ group: [Member], _ block: Block, to sums: inout [[RowSums?]]) throws {
    let shared = group.filter(\.usesDrawsAlone)
    try add(shared, block, slopes: block.pieces.map(\.slopes), to: &sums)
    for member in group where !member.usesDrawsAlone {
      guard let rules = member.rules else {
        try add(prepared: member, block, to: &sums)
        continue
      }
      let slopes = try parallelMap(block.pieces.count, workers: workers) {
        try block.lanes.softSlopes(rules, block.pieces[$0])
      }
      try add([member], block, slopes: slopes, to: &sums)
    }
  }

  /// Members without points of their own, or with slopes at their soft points.
  private func add(
    _ members: [Member], _ block: Block, slopes: [[Float]], to sums: inout [[RowSums?]]
  ) throws {
    guard !members.isEmpty else { return }
    try addRows(members, block, to: &sums) { row, sums, lines, finish in
      var rowDraws: [RowDraws]?
      for (place, member) in members.enumerated() {
        var start = 0
        if let rules = member.rules {
          for (piece, slopes) in zip(block.pieces, slopes) {
            rules[row].combine(
              piece, row: row, slopes: slopes, into: &lines, at: start, stride: block.stride)
            start += piece.stride
          }
          sums[place].add(lines: lines, stride: block.stride)
        } else {
          let draws =
            try rowDraws
            ?? block.pieces.map { try block.lanes.rowDraws($0, row: row, needs: block.needs) }
          rowDraws = draws
          for own in draws {
            add(member.estimator, own, row: row, to: &sums[place], &lines, at: start, block.stride)
            start += own.count
          }
        }
        finish(&sums[place], lines)
      }
    }
  }

  /// A member whose own points are evaluated for it.
  private func add(prepared member: Member, _ block: Block, to sums: inout [[RowSums?]]) throws {
    let rows = source.problem.shape.rows
    let prepared = try parallelMap(block.pieces.count, workers: workers) { index in
      let piece = block.pieces[index]
      return try source.prepared(
        member.estimator,
        (0..<rows).map { try block.lanes.rowDraws(piece, row: $0, needs: block.needs) },
        range: piece.range)
    }
    try addRows([member], block, to: &sums) { row, sums, lines, finish in
      var start = 0
      for own in prepared {
        add(member.estimator, own[row], row: row, to: &sums[0], &lines, at: start, block.stride)
        start += own[row].count
      }
      finish(&sums[0], lines)
    }
  }

  /// A combine step in float64: sums as they are, lines rounded.
  private func add(
    _ estimator: any GradientEstimator, _ draws: RowDraws, row: Int, to sums: inout RowSums,
    _ lines: inout [Float], at start: Int, _ stride: Int
  ) {
    let width = source.problem.shape.width
    var values = [Double](repeating: 0, count: draws.count * width)
    estimator.centredCombine(source.problem.logits.row(row), draws, into: &values)
    sums.add(values)
    if sums.outputs != nil { lines.place(values, width: width, at: start, stride: stride) }
  }

  /// Runs `body` on every row with sums of its own and lines `[DK][stride]` to fill; `finish` takes
  /// filled lines of one estimator.
  private func addRows(
    _ members: [Member], _ block: Block, to sums: inout [[RowSums?]],
    _ body:
      @Sendable (
        Int, inout [RowSums], inout [Float], (inout RowSums, [Float]) -> Void
      ) throws -> Void
  ) throws {
    let shape = source.problem.shape
    let (count, stride) = (block.count, block.stride)
    let rows = try parallelMap(shape.rows, workers: workers) { row in
      let pullback = self.pullback?.rowPullback(row, draws: draws)
      var own = members.map { _ in RowSums(width: shape.width, pullback) }
      var lines = [Float](repeating: 0, count: shape.width * stride)
      try body(row, &own, &lines) { sums, lines in
        if let pullback { sums.addOutputs(pullback, lines, count: count, stride: stride) }
      }
      return own
    }
    for (row, own) in rows.enumerated() {
      for (member, more) in zip(members, own) {
        guard sums[member.index][row]?.add(more) == nil else { continue }
        sums[member.index][row] = more
      }
    }
  }
}

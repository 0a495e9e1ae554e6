import Discrete

/// Estimates of one forward distribution, segment by segment of common draws, brought into sums of squares by block and row.
///
/// A segment is as many whole blocks as there is room for, or a part of one; each row's draws of a segment are taken
/// together, side by side.
struct BlockSweep: Sendable {
  let source: DrawSource
  let pullback: (any ParameterPullback)?
  let draws: Int
  let blocks: Int
  let workers: Int

  /// Most numbers of one array of a segment, about: 24 MiB of float32.
  static let segmentNumbers = 6 << 20
  /// Most bytes of sums of single parameters that rows have before they are added up.
  static let waitingBytes = 67_108_864.0

  private var shape: LayerShape { source.problem.shape }

  /// An estimator with its rules, if it has some.
  private struct Member: Sendable {
    let index: Int
    let estimator: any GradientEstimator
    let rules: [LaneRule]?
  }

  /// One estimator's sums so far.
  struct Sums: Sendable {
    /// Means of the closed blocks, `[row][block]`, without the factor `1/B`.
    var means: [[(count: Int, mean: [Double])]]
    /// Those of the parts of the open block.
    var open: [[(count: Int, mean: [Double])]]
    /// At the logits, by row.
    var logits: [SquareTally]
    /// In the pull-back's form: by row, one for all rows, or none.
    var outputs: [SquareTally]

    init(_ shape: LayerShape, _ form: SquareForm?) {
      means = Array(repeating: [], count: shape.rows)
      open = means
      logits = Array(repeating: SquareTally(count: shape.width), count: shape.rows)
      outputs =
        switch form {
        case nil: []
        case .byRow(let count): Array(repeating: SquareTally(count: count), count: shape.rows)
        case .summed(let count): [SquareTally(count: count)]
        }
    }
  }

  /// Sums of all draws of every estimator.
  func sums(_ estimators: [any GradientEstimator]) throws -> [Sums] {
    var sums = estimators.map { _ in Sums(shape, pullback?.squares.form) }
    let laneProblem = LaneSource.serves(source.problem)
    let members = estimators.enumerated().map {
      Member(
        index: $0, estimator: $1,
        rules: laneProblem ? LaneRule.rules($1, on: source.problem) : nil)
    }
    for (distribution, group) in Dictionary(grouping: members, by: \.estimator.plan.distribution) {
      let lanes = LaneSource(source, distribution: distribution)
      for parts in segments {
        guard let first = parts.first, let last = parts.last else { continue }
        let segment = try SegmentDraws(
          source, distribution: distribution, lanes: lanes,
          members: group.map { ($0.estimator.plan, $0.rules != nil) },
          ranges: calls(first.draws.lowerBound..<last.draws.upperBound), workers: workers)
        try add(group, segment, parts, to: &sums)
      }
    }
    return sums
  }

  /// Parts of blocks that are drawn together: blocks of equal size up to one draw, whole where one fits.
  private var segments: [[BlockPart]] {
    let most = max(LaneDraws.lanes, Self.segmentNumbers / shape.count)
    var segments: [[BlockPart]] = []
    var room = 0
    for block in 0..<blocks {
      let whole = block * draws / blocks..<(block + 1) * draws / blocks
      if whole.count <= room, isByRow {
        segments[segments.count - 1].append(BlockPart(draws: whole, closing: whole.count))
        room -= whole.count
        continue
      }
      for start in stride(from: whole.lowerBound, to: whole.upperBound, by: most) {
        let end = min(start + most, whole.upperBound)
        segments.append([
          BlockPart(draws: start..<end, closing: end == whole.upperBound ? whole.count : nil)
        ])
        room = most - (end - start)
      }
    }
    return segments
  }

  /// Whether squares take little room, so that several blocks may stand side by side.
  private var isByRow: Bool {
    if case .summed(let count) = pullback?.squares.form {
      return 8 * Double(count) * Double(blocks * shape.rows) <= Self.waitingBytes
    }
    return true
  }

  /// The draws of a segment in oracle calls, eight at least where there are tiles enough, so that workers end
  /// together: whole tiles but the last.
  private func calls(_ range: Range<Int>) -> [Range<Int>] {
    let size = min(MonteCarloEngine.drawsPerCall(shape), (range.count + 7) / 8)
    let tile = LaneDraws.lanes
    let most = max(1, (size + tile - 1) / tile) * tile
    return stride(from: range.lowerBound, to: range.upperBound, by: most).map {
      $0..<min($0 + most, range.upperBound)
    }
  }

  private func add(
    _ group: [Member], _ segment: SegmentDraws, _ parts: [BlockPart], to sums: inout [Sums]
  ) throws {
    let width = shape.width
    let shared = group.filter(\.estimator.plan.usesDrawsAlone)
    let gradients = segment.gradients
    try visit(shared, segment, parts, to: &sums) { row in
      var rowDraws: [RowDraws]?
      return { member in
        if let rules = member.rules {
          return .single(segment.lines(rules[row], row: row, gradients: gradients, width: width))
        }
        let draws = try rowDraws ?? segment.rowDraws(row)
        rowDraws = draws
        let logits = source.problem.logits.row(row)
        return .double(
          segment.lines(
            try draws.map { try member.estimator.checkedEstimates(logits, $0) }, width: width))
      }
    }
    for member in group where !member.estimator.plan.usesDrawsAlone {
      if let rules = member.rules {
        let gradients = try segment.softGradients(rules, workers: workers)
        try visit([member], segment, parts, to: &sums) { row in
          { _ in .single(segment.lines(rules[row], row: row, gradients: gradients, width: width)) }
        }
      } else {
        let calls = try segment.prepared(
          member.estimator, on: source.problem, workers: workers)
        try visit([member], segment, parts, to: &sums) { row in
          { _ in .double(segment.lines(calls.map { $0[row] }, width: width)) }
        }
      }
    }
  }

  /// Adds the estimates of a segment row by row, each row's Jacobian made once for all members.
  ///
  /// - Parameter lines: estimates `[DK][stride]` of a member on a row.
  private func visit(
    _ members: [Member], _ segment: SegmentDraws, _ parts: [BlockPart], to sums: inout [Sums],
    lines: @Sendable (_ row: Int) throws -> (Member) throws -> RowVectors.Numbers
  ) throws {
    guard !members.isEmpty else { return }
    let columns = parts.map { segment.columns(of: $0.draws) }
    let stride = segment.stride
    let form = pullback?.squares.form
    var waiting: [[[Double]]] = []
    if case .summed(let count) = form {
      waiting = members.map { _ in parts.map { _ in [Double](repeating: 0, count: count) } }
    }
    for rows in rowChunks(members.count * parts.count) {
      let open = members.map { sums[$0.index].open }
      let shares = try parallelMap(rows.count, workers: workers) { place in
        let row = rows.lowerBound + place
        let squares = pullback?.checkedSquares(ofRow: row, of: shape.rows)
        let lines = try lines(row)
        return try members.enumerated().map { index, member in
          try BlockShare.shares(
            lines(member), width: shape.width, stride: stride, parts: parts,
            columns: columns, earlier: open[index][row], squares: squares)
        }
      }
      for (row, byMember) in zip(rows, shares) {
        for (place, shares) in byMember.enumerated() {
          sums[members[place].index].add(shares, parts, row: row, form, &waiting, place)
        }
      }
    }
    for (place, member) in members.enumerated() where !waiting.isEmpty {
      for (part, squares) in zip(parts, waiting[place]) {
        sums[member.index].outputs[0].add(squares, closing: part.closing)
      }
    }
  }

  func rowChunks(_ sums: Int) -> [Range<Int>] {
    let size = Self.rowsTogether(pullback, shape, sums: sums, workers: workers)
    return stride(from: 0, to: shape.rows, by: size).map { $0..<min($0 + size, shape.rows) }
  }
}

extension BlockSweep {
  /// Rows whose sums wait side by side: all, but where they are those of single parameters.
  static func rowsTogether(
    _ pullback: (any ParameterPullback)?, _ shape: LayerShape, sums: Int, workers: Int
  ) -> Int {
    guard case .summed(let count) = pullback?.squares.form else { return shape.rows }
    let bytes = 8 * Double(max(1, count)) * Double(max(1, sums))
    return max(max(1, workers), Int(min(Double(shape.rows), waitingBytes / bytes)))
  }
}

extension BlockSweep.Sums {
  /// Adds one row's shares of a segment.
  fileprivate mutating func add(
    _ shares: [BlockShare], _ parts: [BlockPart], row: Int, _ form: SquareForm?,
    _ waiting: inout [[[Double]]], _ place: Int
  ) {
    for (index, share) in shares.enumerated() {
      logits[row].add(share.squares, closing: parts[index].closing)
      switch form {
      case nil: break
      case .byRow: outputs[row].add(share.outputs, closing: parts[index].closing)
      case .summed:
        for position in share.outputs.indices {
          waiting[place][index][position] += share.outputs[position]
        }
      }
      if let closed = share.closed {
        means[row].append(closed)
        open[row] = []
      } else {
        open[row].append((share.count, share.mean))
      }
    }
  }
}

import Discrete
import Tensors

/// Sums of one estimator over one replication block.
struct BlockSums: Sendable {
  /// `sum_i g_i`, `[B][D][K]`, with the factor `1/B`.
  var gradient: [Double]
  /// `sum_i sum_b g_b^T G_b g_b` on every part, with the factor `1/B^2`.
  var squares: [Double]

  /// Adds the estimates of a combine step on one of `rows` rows.
  mutating func add(
    _ estimator: any GradientEstimator, _ logits: RowLogits, _ draws: RowDraws, row: Int, rows: Int,
    _ grams: RowGrams
  ) throws {
    let width = logits.values.count
    let estimates = try estimator.checkedEstimates(logits, draws)
    let scale = 1 / Double(rows)
    gradient.withUnsafeMutableBufferPointer { gradient in
      estimates.withUnsafeBufferPointer { estimates in
        let mean = UnsafeMutableBufferPointer(rebasing: gradient[row * width..<(row + 1) * width])
        for start in Swift.stride(from: 0, to: estimates.count, by: width) {
          for index in 0..<width { mean[index] += scale * estimates[start + index] }
        }
      }
    }
    let traces = grams.traces(estimates)
    for part in traces.indices { squares[part] += scale * scale * traces[part] }
  }
}

/// The way in which estimates are made of draws.
public enum DrawRoute: String, Sendable, CaseIterable {
  /// One pass of a compiled kernel that draws, maps and sums in float32.
  case kernel = "draws-kernel"
  /// Sixteen draws side by side in float32.
  case lanes = "draws-lanes"
  /// The estimator's `combine`, in double, on draws that its distribution shares.
  case combine = "draws"
}

/// Block sums of one estimator over all draws.
public struct SampledMeasurement: Sendable {
  var blocks: [BlockSums]
  /// Draws per block.
  public private(set) var drawsPerBlock: Int
  public internal(set) var route = DrawRoute.combine
  /// Whether estimates were formed in float32.
  var isSingle: Bool { route != .combine }
  /// What the estimates are made of; of the row with the widest logits.
  var use: CostUse?

  /// False if some estimate was NaN or infinite.
  public var isFinite: Bool { blocks.allSatisfy { $0.squares.allSatisfy(\.isFinite) } }

  /// All draws.
  public var draws: Int { blocks.count * drawsPerBlock }

  /// The same blocks with further draws of each.
  func extended(by more: SampledMeasurement) -> SampledMeasurement {
    var whole = self
    for (index, block) in more.blocks.enumerated() {
      for k in block.gradient.indices { whole.blocks[index].gradient[k] += block.gradient[k] }
      for k in block.squares.indices { whole.blocks[index].squares[k] += block.squares[k] }
    }
    whole.drawsPerBlock += more.drawsPerBlock
    return whole
  }

  /// Mean over all draws.
  public var mean: [Double] {
    var sum = [Double](repeating: 0, count: blocks.first?.gradient.count ?? 0)
    for block in blocks {
      for index in sum.indices { sum[index] += block.gradient[index] }
    }
    return sum.map { $0 / Double(draws) }
  }
}

/// Block replication: every estimator of a problem on common draws.
public struct MonteCarloEngine: Sendable {
  public let source: DrawSource
  public let geometry: ScopeGeometry
  public let workers: Int
  /// Row Grams of every row, shared by all blocks.
  private let grams: [RowGrams]
  /// Whether compiled kernels, which form estimates in float32, hold the costs.
  private let fitsSinglePrecision: Bool

  public init(source: DrawSource, geometry: ScopeGeometry, workers: Int) throws {
    self.source = source
    self.geometry = geometry
    self.workers = workers
    grams = try parallelMap(geometry.shape.rows, workers: workers) {
      try RowGrams(geometry, row: $0)
    }
    // Costs of networks are in float32 themselves.
    fitsSinglePrecision =
      try geometry.partCount > 1 || LaneSource.serves(source.problem)
      || CostSizes(source.problem, table: nil).fitSinglePrecision
  }

  /// Draws evaluated in one oracle call: a rule of the shape alone, never of workers or memory,
  /// because the bits of matrix products depend on it.
  ///
  /// About 4,096 points, fewer where they are wide: arrays of points stay at 8 MiB.
  static func drawsPerCall(_ shape: LayerShape) -> Int {
    max(1, min(4096, (1 << 20) / shape.width) / shape.rows)
  }

  /// Measures every estimator with `blocks` blocks of `drawsPerBlock` estimates.
  ///
  /// Where the logits alone are measured, also on problems with parameters upstream, sums and sums of
  /// squares are all there is to know. Estimators that a compiled kernel serves are then summed by it.
  /// On networks in float32 those with a rule are estimated sixteen draws at a time.
  ///
  /// - Parameter first: number of the first draw; those before it were drawn in earlier rounds.
  /// - Throws: errors of the oracle.
  public func measure(
    _ estimators: [any GradientEstimator], blocks: Int, drawsPerBlock: Int, from first: Int = 0
  ) throws -> [SampledMeasurement] {
    let isFused =
      geometry.partCount == 1 && fitsSinglePrecision && Shortcuts.fusedKernels.isOn
    let fused = estimators.map {
      isFused ? FusedMoments(problem: source.problem, estimator: $0) : nil
    }
    let distributions = Set(zip(estimators, fused).filter { $1 == nil }.map(\.0.plan.distribution))
    let lanes = Dictionary(
      uniqueKeysWithValues: distributions.compactMap { distribution in
        LaneSource(source, distribution: distribution).map { (distribution, $0) }
      })
    let rules = estimators.map { lanes.isEmpty ? nil : LaneRule.rules($0, on: source.problem) }
    let byBlock = try parallelMap(blocks, workers: workers) { block in
      let start = first + block * drawsPerBlock
      return try measureBlock(
        estimators, fused, lanes, rules, draws: start..<start + drawsPerBlock)
    }
    return estimators.indices.map { index in
      var sums = SampledMeasurement(
        blocks: byBlock.map { $0[index] }, drawsPerBlock: drawsPerBlock)
      if fused[index] != nil {
        sums.route = .kernel
      } else if lanes[estimators[index].plan.distribution] != nil {
        sums.route = .lanes
      }
      sums.use = (0..<geometry.shape.rows)
        .map { CostUse(estimators[index], source.problem.logits.row($0)) }
        .max { $0.spread < $1.spread }
      return sums
    }
  }

  /// `RowRounding.gram` of every row, `[rows][parts]`.
  var gramBounds: [[Double]] { grams.map(\.bounds) }

  private func measureBlock(
    _ estimators: [any GradientEstimator], _ fused: [FusedMoments?],
    _ lanes: [ForwardDistribution: LaneSource], _ rules: [[LaneRule]?], draws: Range<Int>
  ) throws -> [BlockSums] {
    let shape = geometry.shape
    var sums = estimators.map { _ in
      BlockSums(
        gradient: [Double](repeating: 0, count: shape.count),
        squares: [Double](repeating: 0, count: geometry.partCount))
    }
    for (index, kernel) in fused.enumerated() {
      guard let own = kernel?.sums(draws: draws, key: source.key) else { continue }
      sums[index] = BlockSums(gradient: own.sum, squares: [own.squares.reduce(0, +)])
    }
    let others = estimators.indices.filter { fused[$0] == nil }
    let groups = Dictionary(grouping: others) { estimators[$0].plan.distribution }
    let chunk = MonteCarloEngine.drawsPerCall(shape)
    for start in stride(from: draws.lowerBound, to: draws.upperBound, by: chunk) {
      let range = start..<min(start + chunk, draws.upperBound)
      for (distribution, members) in groups {
        if let lanes = lanes[distribution] {
          let needs = LaneNeeds(members.map { (estimators[$0].plan, rules[$0] != nil) })
          try LaneBlock(
            lanes: lanes, draws: lanes.draw(range, needs: needs), needs: needs, grams: grams
          ).add(members.map { (estimators[$0], rules[$0], $0) }, to: &sums)
          continue
        }
        let needs = GroupNeeds(members.map { estimators[$0].plan })
        let rows = try source.draw(range, distribution: distribution, needs: needs)
        let own = members.filter { !estimators[$0].plan.usesDrawsAlone }
        // Row by row over the others, so that a row's Gram matrices stay in cache.
        let shared = members.filter { estimators[$0].plan.usesDrawsAlone }
        for row in 0..<shape.rows {
          for member in shared {
            try add(estimators[member], rows[row], row: row, to: &sums[member])
          }
        }
        for member in own {
          try source.eachPrepared(estimators[member], rows, range: range) { row, draws in
            try add(estimators[member], draws, row: row, to: &sums[member])
          }
        }
      }
    }
    return sums
  }

  private func add(
    _ estimator: any GradientEstimator, _ draws: RowDraws, row: Int, to sums: inout BlockSums
  ) throws {
    try sums.add(
      estimator, source.problem.logits.row(row), draws, row: row, rows: geometry.shape.rows,
      grams[row])
  }

  /// `v^T G_b v` of each of some vectors `[DK]` of one row, `[vector][part]`, with the factor `1/B^2`.
  func squares(of vectors: [[Double]], row: Int) -> [[Double]] {
    let rows = Double(geometry.shape.rows)
    return grams[row].forms(vectors.flatMap(\.self)).squares.map { parts in
      parts.map { $0 / (rows * rows) }
    }
  }

  /// Forms `sum_b v_b^T G_b w_b` of vectors `[B][D][K]` on every part.
  func forms(_ vectors: [[Double]]) -> RowGrams.Forms {
    let width = geometry.shape.width
    let byRow = parallelMap(geometry.shape.rows, workers: workers) { row in
      grams[row].forms(vectors.flatMap { $0[row * width..<(row + 1) * width] })
    }
    var total = byRow[0]
    for forms in byRow.dropFirst() { total.add(forms) }
    return total
  }
}

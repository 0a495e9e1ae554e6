import Tensors

/// The sums over a scope's coordinates that its numbers are functions of, tile by tile.
///
/// Leaving block `k` of `n_k` samples out moves the mean to `m + f_k (m - m_k)`,
/// `f_k = n_k / (n - n_k)`. Per block a few scalars stay, not a vector: no memory grows with the
/// number of coordinates.
struct ScopeSums {
  /// What changes where one block is left out.
  private struct Without {
    /// `||m_(-k) - g*||^2`
    var difference = 0.0
    /// Squared norm of the mean that lost the block.
    var norm = 0.0
    /// `<m, g*>` with the mean that lost the block.
    var dot = 0.0
    /// `sum_(i in k) ||x_i - m||^2`
    var within = 0.0
    /// `||m - m_k||^2`
    var shift = 0.0
  }

  private let count: Int
  private var difference = 0.0
  private var mean = 0.0
  private var dot = 0.0
  private var target = 0.0
  private var blocks: [Without]
  private var referenceBlocks: [Without]
  private var forms: ScopeForms
  /// Largest size of a number that is squared.
  private(set) var largest = 0.0

  /// - Parameter count: coordinates of the scope.
  init(count: Int, blocks: Int, referenceBlocks: Int) {
    self.count = count
    func empty(_ blocks: Int) -> BlockForms? {
      guard blocks > 0 else { return nil }
      let groups = min(blocks, BlockForms.limit)
      let zeros = [Double](repeating: 0, count: groups)
      return BlockForms(
        count: groups, gram: [Double](repeating: 0, count: groups * groups), withMean: zeros,
        withTarget: zeros)
    }
    let estimates = empty(blocks)
    let target = empty(referenceBlocks)
    forms = ScopeForms(
      estimates: estimates, target: target,
      cross: [Double](repeating: 0, count: (estimates?.count ?? 0) * (target?.count ?? 0)))
    self.blocks = [Without](repeating: Without(), count: blocks)
    self.referenceBlocks = [Without](repeating: Without(), count: referenceBlocks)
  }

  /// Adds a range of coordinates of a tile.
  mutating func add(_ range: Range<Int>, _ samples: TileMean, _ reference: ReferenceTile) {
    samples.values.withUnsafeBufferPointer { m in
      reference.values.withUnsafeBufferPointer { g in
        for c in range {
          difference += (m[c] - g[c]) * (m[c] - g[c])
          mean += m[c] * m[c]
          dot += m[c] * g[c]
          target += g[c] * g[c]
          largest = max(largest, abs(m[c]), abs(g[c]))
        }
        Self.add(range, samples.moments, m, against: g, to: &blocks)
        if let moments = reference.moments {
          Self.add(range, moments, g, against: m, to: &referenceBlocks)
        }
      }
    }
    addForms(range, samples, reference)
  }

  /// Adds the inner products of the blocks' deviations over a range of coordinates.
  ///
  /// Cost: `groups` additions a coordinate beside one product of small matrices.
  private mutating func addForms(
    _ range: Range<Int>, _ samples: TileMean, _ reference: ReferenceTile
  ) {
    let own = samples.moments.deviations(range, from: samples.values)
    let mean = Array(samples.values[range])
    let target = Array(reference.values[range])
    func form(_ rows: [Double]) -> BlockForms {
      let count = rows.count / range.count
      func product(_ other: [Double], _ n: Int) -> [Double] {
        matrixProduct(rows, other, m: count, n: n, k: range.count, transposeB: true)
      }
      return BlockForms(
        count: count, gram: product(rows, count), withMean: product(mean, 1),
        withTarget: product(target, 1))
    }
    var added = ScopeForms(estimates: form(own), target: nil, cross: forms.cross.map { _ in 0 })
    if let moments = reference.moments {
      let other = moments.deviations(range, from: reference.values)
      added.target = form(other)
      added.cross = matrixProduct(
        own, other, m: own.count / range.count, n: other.count / range.count, k: range.count,
        transposeB: true)
    }
    forms = forms + added
  }

  private static func add(
    _ range: Range<Int>, _ moments: TileMoments, _ mean: UnsafeBufferPointer<Double>,
    against other: UnsafeBufferPointer<Double>, to blocks: inout [Without]
  ) {
    for block in blocks.indices {
      let factor = moments.split.factor(block)
      let size = Double(moments.split.range(block).count)
      let start = block * moments.width
      var sums = blocks[block]
      for c in range {
        let deviation = mean[c] - moments.means[start + c]
        let moved = mean[c] + factor * deviation
        sums.difference += (moved - other[c]) * (moved - other[c])
        sums.norm += moved * moved
        sums.dot += moved * other[c]
        sums.within += moments.squares[start + c] + size * deviation * deviation
        sums.shift += deviation * deviation
      }
      blocks[block] = sums
    }
  }

  /// Trace of the covariance of one draw, whole and with each block left out.
  private static func traces(
    _ blocks: [Without], _ split: BlockSplit
  ) -> (whole: Double, without: [Double]) {
    let total = blocks.reduce(0) { $0 + $1.within }
    let samples = Double(split.samples)
    let without = blocks.indices.map { block in
      let rest = samples - Double(split.range(block).count)
      let factor = split.factor(block)
      let shift = rest * factor * factor * blocks[block].shift
      return (total - blocks[block].within - shift) / (rest - 1)
    }
    return (total / (samples - 1), without)
  }

  /// Statistics of the scope: whole, with each block of samples left out, and with each block of
  /// a sampled reference left out.
  func statistics(
    _ split: BlockSplit, reference: BlockSplit?
  ) -> (full: ScopeStatistics, withoutBlock: [ScopeStatistics], withoutTarget: [ScopeStatistics]) {
    let traces = Self.traces(blocks, split)
    let referenceTraces = reference.map { Self.traces(referenceBlocks, $0) }
    var full = ScopeStatistics(
      difference: difference, mean: mean, dot: dot, target: target, trace: traces.whole,
      meanNoise: traces.whole / Double(split.samples),
      targetNoise: reference.flatMap { split in
        referenceTraces.map { $0.whole / Double(split.samples) }
      } ?? 0, count: count)
    full.rounding = rounding(traces.whole, split, referenceTraces?.whole, reference)
    let withoutBlock = blocks.indices.map { [full] block in
      var statistics = full
      statistics.difference = blocks[block].difference
      statistics.mean = blocks[block].norm
      statistics.dot = blocks[block].dot
      statistics.trace = traces.without[block]
      statistics.meanNoise =
        traces.without[block] / Double(split.samples - split.range(block).count)
      return statistics
    }
    guard let reference, let referenceTraces else { return (full, withoutBlock, []) }
    let withoutTarget = referenceBlocks.indices.map { block in
      var statistics = full
      statistics.difference = referenceBlocks[block].difference
      statistics.target = referenceBlocks[block].norm
      statistics.dot = referenceBlocks[block].dot
      statistics.targetNoise =
        referenceTraces.without[block]
        / Double(reference.samples - reference.range(block).count)
      return statistics
    }
    return (full, withoutBlock, withoutTarget)
  }

  /// What rounding of the sums over the samples may make of them; a file's numbers are as they are.
  private func rounding(
    _ trace: Double, _ split: BlockSplit, _ targetTrace: Double?, _ reference: BlockSplit?
  ) -> RoundingBound {
    func error(_ square: Double, _ trace: Double, _ split: BlockSplit) -> Double {
      RowRounding.growth(terms: Double(split.samples), spread: 0) * (square + trace).squareRoot()
    }
    var bound = RoundingBound()
    bound.mean = error(mean, trace, split)
    if let targetTrace, let reference { bound.target = error(target, targetTrace, reference) }
    bound.difference = bound.mean + bound.target
    // Squares are centred before they are summed.
    bound.trace =
      RowRounding.growth(terms: Double(split.samples), spread: 0) * trace + bound.mean * bound.mean
    return bound
  }

  /// `||g*||^2`, not debiased.
  var targetSquare: Double { target }

  /// The statistics with the inner products of the blocks' deviations.
  func replicates(_ scope: String, _ split: BlockSplit, reference: BlockSplit?) -> ScopeReplicates {
    let statistics = statistics(split, reference: reference)
    return ScopeReplicates(
      scope: scope, full: statistics.full, withoutBlock: statistics.withoutBlock,
      withoutTargetBlock: statistics.withoutTarget, coarse: [], forms: forms)
  }
}

/// The overall mean of a tile beside its blocks.
struct TileMean {
  let moments: TileMoments
  /// `m`, one number per coordinate.
  let values: [Double]

  init(_ moments: TileMoments) {
    self.moments = moments
    var values = [Double](repeating: 0, count: moments.width)
    for block in 0..<moments.split.blocks {
      let weight = Double(moments.split.range(block).count) / Double(moments.split.samples)
      let start = block * moments.width
      for c in values.indices { values[c] += weight * moments.means[start + c] }
    }
    self.values = values
  }
}

/// The reference on a tile.
struct ReferenceTile {
  /// `g*`, or the mean of its samples.
  let values: [Double]
  /// Blocks of a sampled reference; nil for an exact one.
  let moments: TileMoments?
}

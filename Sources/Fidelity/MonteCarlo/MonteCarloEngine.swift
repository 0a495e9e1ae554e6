import Discrete
import Tensors

/// Sums of one estimator over one replication block.
struct BlockSums: Sendable {
  /// `sum_i g_i`, `[B][D][K]`, with the factor `1/B`.
  var gradient: [Double]
  /// `sum_i sum_b g_b^T G_b g_b` on every part, with the factor `1/B^2`.
  var squares: [Double]
}

/// Block sums of one estimator over all draws.
public struct SampledMeasurement: Sendable {
  var blocks: [BlockSums]
  /// Draws per block.
  public private(set) var drawsPerBlock: Int

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
  private let grams: [[[Double]]]

  public init(source: DrawSource, geometry: ScopeGeometry, workers: Int) throws {
    self.source = source
    self.geometry = geometry
    self.workers = workers
    grams = try parallelMap(geometry.shape.rows, workers: workers) { geometry.rowGrams($0) }
  }

  /// Draws evaluated in one oracle call: a rule of the shape alone, never of workers or memory,
  /// because the bits of matrix products depend on it.
  static func drawsPerCall(_ shape: LayerShape) -> Int { max(1, 4096 / shape.rows) }

  /// Measures every estimator with `blocks` blocks of `drawsPerBlock` estimates.
  ///
  /// - Parameter first: number of the first draw; those before it were drawn in earlier rounds.
  /// - Throws: errors of the oracle.
  public func measure(
    _ estimators: [any GradientEstimator], blocks: Int, drawsPerBlock: Int, from first: Int = 0
  ) throws -> [SampledMeasurement] {
    let byBlock = try parallelMap(blocks, workers: workers) { block in
      let start = first + block * drawsPerBlock
      return try measureBlock(estimators, draws: start..<start + drawsPerBlock)
    }
    return estimators.indices.map { index in
      SampledMeasurement(blocks: byBlock.map { $0[index] }, drawsPerBlock: drawsPerBlock)
    }
  }

  private func measureBlock(
    _ estimators: [any GradientEstimator], draws: Range<Int>
  ) throws -> [BlockSums] {
    let shape = geometry.shape
    var sums = estimators.map { _ in
      BlockSums(
        gradient: [Double](repeating: 0, count: shape.count),
        squares: [Double](repeating: 0, count: geometry.partCount))
    }
    let groups = Dictionary(grouping: estimators.indices) { estimators[$0].plan.law }
    let chunk = MonteCarloEngine.drawsPerCall(shape)
    for start in stride(from: draws.lowerBound, to: draws.upperBound, by: chunk) {
      let range = start..<min(start + chunk, draws.upperBound)
      for (law, members) in groups {
        let needs = GroupNeeds(members.map { estimators[$0].plan })
        let rows = try source.draw(range, law: law, needs: needs)
        for member in members {
          let estimator = estimators[member]
          let own = try source.prepared(estimator, rows, range: range)
          for row in 0..<shape.rows { add(estimator, own[row], row: row, to: &sums[member]) }
        }
      }
    }
    return sums
  }

  private func add(
    _ estimator: any GradientEstimator, _ draws: RowDraws, row: Int, to sums: inout BlockSums
  ) {
    let width = geometry.shape.width
    var estimates = [Double](repeating: 0, count: draws.count * width)
    estimator.combine(source.problem.logits.row(row), draws, into: &estimates)
    let scale = 1 / Double(geometry.shape.rows)
    for draw in 0..<draws.count {
      for index in 0..<width {
        sums.gradient[row * width + index] += scale * estimates[draw * width + index]
      }
    }
    let traces: [Double]
    if grams[row].isEmpty {
      var square = 0.0
      for value in estimates { square += value * value }
      traces = [square]
    } else {
      traces = geometry.traces(
        gram(estimates, rows: draws.count, columns: width), grams: grams[row])
    }
    for part in traces.indices { sums.squares[part] += scale * scale * traces[part] }
  }

  /// `sum_b v_b^T G_b w_b` on every part.
  func rowForms(_ v: [Double], _ w: [Double]) -> [Double] {
    let width = geometry.shape.width
    var sums = [Double](repeating: 0, count: geometry.partCount)
    for row in 0..<geometry.shape.rows {
      let range = row * width..<(row + 1) * width
      let forms = geometry.rowForms(Array(v[range]), Array(w[range]), grams: grams[row])
      for part in forms.indices { sums[part] += forms[part] }
    }
    return sums
  }
}

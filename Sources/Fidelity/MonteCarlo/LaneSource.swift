import CKernels
import Discrete
import Tensors

/// What the estimators of one distribution need drawn: together, those with rules, and those without.
struct LaneNeeds: Sendable {
  let all: GroupNeeds
  let ruled: GroupNeeds
  let unruled: GroupNeeds

  /// - Parameter members: plans, and whether there are rules.
  init(_ members: [(plan: EvaluationPlan, hasRules: Bool)]) {
    all = GroupNeeds(members.map(\.plan))
    ruled = GroupNeeds(members.filter(\.hasRules).map(\.plan))
    unruled = GroupNeeds(members.filter { !$0.hasRules }.map(\.plan))
  }
}

/// Draws of one forward distribution on a problem whose oracle computes in float32.
struct LaneSource: Sendable {
  let source: DrawSource
  let distribution: ForwardDistribution
  private let oracle: any CostOracle
  /// Probabilities of each row, `[D][K]`.
  private let distributions: [[Double]]
  private let noise: [NoiseDistribution]

  /// Most numbers of a call that the lanes may fill up: 64 MiB of float32.
  private static let limit = 1 << 24

  /// Whether a problem's oracle computes in float32, and its rows are few enough for sixteen draws at a
  /// time.
  static func serves(_ problem: any DiscreteProblem) -> Bool {
    Shortcuts.lanes.isOn && !problem.shape.isRagged
      && problem.oracle.capabilities.precision == .single
      && problem.shape.count <= limit / LaneDraws.lanes
  }

  /// Nil for problems it does not serve.
  init?(_ source: DrawSource, distribution: ForwardDistribution) {
    let shape = source.problem.shape
    guard Self.serves(source.problem) else { return nil }
    self.source = source
    self.distribution = distribution
    oracle = source.problem.oracle
    distributions = (0..<shape.rows).map {
      distribution.probabilities(source.problem.logits.row($0))
    }
    noise = (0..<shape.rows).map { NoiseDistribution(source.problem.logits.row($0), distribution) }
  }

  /// The distribution of a row as its noise takes it.
  private struct NoiseDistribution: Sendable {
    /// `log p`, `[D][K]`; empty for a distribution without noise.
    let logs: [Float]
    /// `1 / p`; empty where it is too large.
    let inverse: [Float]

    init(_ row: RowLogits, _ distribution: ForwardDistribution) {
      guard case .sample(let temperature) = distribution else {
        (logs, inverse) = ([], [])
        return
      }
      var logs = logSoftmax(row.values, categories: row.categories, scale: 1 / temperature)
      self.logs = logs.map { Float($0) }
      guard logs.allSatisfy({ $0 > -40 }) else {
        inverse = []
        return
      }
      for index in logs.indices { logs[index] = -logs[index] }
      VectorMath.exp(&logs)
      inverse = logs.map { Float($0) }
    }
  }

  /// Evaluated draws of every row for a range of draw numbers: the codes and oracle calls of
  /// `DrawSource.draw`.
  func draw(_ range: Range<Int>, needs: LaneNeeds) throws -> LaneDraws {
    let shape = source.problem.shape
    let count = range.count
    let (needs, perturbed) = (needs.all, needs.ruled.perturbed)
    var draws = LaneDraws(range: range, shape: shape, samples: needs.samples)
    let (rowCodes, size) = (draws.rowCodes, draws.stride * shape.latents)
    draws.codes = [Int32](repeating: 0, count: shape.rows * rowCodes)
    for sample in 0..<needs.samples {
      let indices = source.codes(
        distributions, sample: sample, range: range, distribution: distribution)
      draws.codes.withUnsafeMutableBufferPointer { codes in
        indices.withUnsafeBufferPointer { indices in
          guard let to = codes.baseAddress, let from = indices.baseAddress else { return }
          for row in 0..<shape.rows {
            gf_tiles_from_codes(
              from + row * count * shape.latents, count, shape.latents,
              to + row * rowCodes + sample * size)
          }
        }
      }
      let gradients = sample == 0 && needs.gradients
      guard gradients || needs.values else { continue }
      let costs = try oracle.singleCosts(
        at: CodeBlock(shape: shape, draws: count, indices: indices), values: needs.values,
        gradients: gradients)
      if needs.values { draws.values.append(costs.values) }
      if gradients { draws.gradients = draws.tiled(costs.gradients) }
    }
    if perturbed { draws.noise = try noise(draws) }
    return draws
  }

  private func noise(_ draws: LaneDraws) throws -> [Float] {
    guard case .sample = distribution else {
      throw DiscreteError.unsupported("a forward that draws nothing has no noise to share")
    }
    let (count, width) = (draws.range.count, draws.shape.width)
    return [Float](unsafeUninitializedCapacity: draws.shape.rows * draws.rowCount) {
      buffer, initialized in
      draws.codes.withUnsafeBufferPointer { codes in
        guard let to = buffer.baseAddress, let codes = codes.baseAddress else { return }
        for row in 0..<draws.shape.rows {
          let own = to + row * draws.rowCount
          gf_tiles_from_rows(
            source.exponentials(row, draws.range), count, width, 1, own)
          let distribution = noise[row]
          distribution.inverse.withUnsafeBufferPointer {
            gf_lane_noise(
              draws.size, distribution.logs, $0.isEmpty ? nil : $0.baseAddress,
              codes + row * draws.rowCodes,
              own)
          }
        }
      }
      initialized = buffer.count
    }
  }

  /// `df/dz` at the soft points of a rule, `[rows][tiles][DK][lanes]`.
  func softGradients(_ rules: [LaneRule], _ draws: LaneDraws) throws -> [Float] {
    let size = draws.shape.width * draws.range.count
    var own = [Float](repeating: 0, count: draws.rowCount)
    let points = [Float](unsafeUninitializedCapacity: draws.shape.rows * size) {
      buffer, initialized in
      for row in 0..<draws.shape.rows {
        rules[row].softPoints(draws, row: row, into: &own)
        gf_rows_from_tiles(
          own, draws.range.count, draws.shape.width,
          buffer.baseAddress.map { $0 + row * size })
      }
      initialized = buffer.count
    }
    return draws.tiled(try oracle.singleGradients(at: points, draws: draws.range.count))
  }

  /// The draws of one row as combine steps see them, in float64.
  func rowDraws(_ draws: LaneDraws, row: Int, needs: LaneNeeds) throws -> RowDraws {
    let needs = needs.unruled
    let count = draws.range.count
    var own = RowDraws(count: count)
    own.codes = (0..<draws.samples).map { draws.codes(row: row, sample: $0) }
    own.values = draws.values.map { Array($0[row * count..<(row + 1) * count]) }
    if !draws.gradients.isEmpty {
      own.gradients = draws.rows(draws.gradients, row: row).map(Double.init)
    }
    if needs.perturbed {
      own.perturbed = try source.perturbed(
        row, own.codes[0], range: draws.range, distribution: distribution)
    }
    if needs.freshNoise { own.freshNoise = source.freshNoise(row, draws.range) }
    return own
  }
}

import Discrete
import Estimators
import Fidelity
import Models
import Tensors
import Testing

/// Moments of every coordinate, against pull-backs of single estimates.
@Suite struct MomentSweepTests {
  private static func problem() throws -> any DiscreteProblem {
    try registered(
      "categorical-vae",
      [
        "categories": .integer(3), "latents": .integer(2), "rows": .integer(4),
        "hidden-1": .integer(16), "hidden-2": .integer(8), "data": .text("procedural"),
      ])
  }

  /// Problems of every kind of pull-back: dense kernels in float32 and float64, through a codebook, programs with a
  /// convolution and with a codebook of their own, one parameter of a toy.
  private static func problem(_ name: String) throws -> any DiscreteProblem {
    switch name {
    case "dense": return try problem()
    case "dense64":
      return try CategoricalVAE<Double>(
        settings: VAESettings(latents: 2, categories: 3, rows: 4, hidden1: 16, hidden2: 8),
        images: .procedural())
    case "vq-autoencoder":
      return try VectorQuantiser<Float>(
        settings: VQSettings(
          network: VAESettings(latents: 2, categories: 3, rows: 4, hidden1: 8, hidden2: 6),
          dimension: 2), images: .procedural())
    case "conv": return try ParameterProblems.convolution(Float.self)
    case "codebook": return try ParameterProblems.codebook(Double.self)
    default:
      return try registered("three-bernoullis")
    }
  }

  /// Estimates of one row at a time, `[row][draw]`: zero on all other rows, with the factor `1/B`.
  private func vectors(
    _ problem: any DiscreteProblem, _ estimator: any GradientEstimator, key: RandomKey, draws: Int
  ) throws -> [[[Double]]] {
    let source = DrawSource(problem: problem, key: key)
    let drawn = try source.draw(
      0..<draws, distribution: estimator.plan.distribution, needs: GroupNeeds([estimator.plan]))
    let width = problem.shape.width
    let rows = try source.prepared(estimator, drawn, range: 0..<draws)
    return rows.enumerated().map { index, row in
      var own = [Double](repeating: 0, count: draws * width)
      estimator.combine(problem.logits.row(index), row, into: &own)
      return (0..<draws).map { draw in
        var vector = [Double](repeating: 0, count: problem.shape.count)
        for k in 0..<width {
          vector[index * width + k] = own[draw * width + k] / Double(problem.shape.rows)
        }
        return vector
      }
    }
  }

  private func meanAndVariance(_ samples: [[Double]]) -> (mean: [Double], variance: [Double]) {
    let count = Double(samples.count)
    let mean = samples[0].indices.map { k in samples.reduce(0) { $0 + $1[k] } / count }
    let variance = samples[0].indices.map { k in
      samples.reduce(0) { $0 + ($1[k] - mean[k]) * ($1[k] - mean[k]) } / (count - 1)
    }
    return (mean, variance)
  }

  /// Six draws and 64 in blocks of two; rows draw independently: variances of the sum over rows are sums of the rows'
  /// variances.
  @Test(
    arguments: ["reinforce-loo", "st", "gumbel-softmax", "decoupled-st-gs", "reinmax"], [6, 64])
  func isTheDirectForm(kind: String, draws: Int) throws {
    try isTheDirectForm(Self.problem(), EstimatorRegistry.make(kind), draws: draws, blocks: 32)
  }

  /// The same through every kind of pull-back, in blocks of unequal and of many more draws than the row has logits.
  @Test(
    arguments: ["dense", "dense64", "vq-autoencoder", "conv", "codebook", "toy"],
    [(50, 4), (400, 3)])
  func everyPullbackIsTheDirectForm(name: String, size: (draws: Int, blocks: Int)) throws {
    try isTheDirectForm(
      Self.problem(name), EstimatorRegistry.make("reinforce-loo"), draws: size.draws,
      blocks: size.blocks)
  }

  private func isTheDirectForm(
    _ problem: any DiscreteProblem, _ estimator: any GradientEstimator, draws: Int, blocks: Int
  ) throws {
    let key = RandomKey(seed: 31)
    let swept = try MomentSweep(problem: problem, key: key).measure(
      [estimator], draws: draws, blocks: blocks)[0]
    let pullback = try #require(problem.pullback)
    let byRow = try vectors(problem, estimator, key: key, draws: draws)

    let zero = [Double](repeating: 0, count: problem.shape.count)
    var logits = (mean: zero, variance: zero)
    var groups = pullback.groups.map {
      (
        mean: [Double](repeating: 0, count: $0.count),
        variance: [Double](repeating: 0, count: $0.count)
      )
    }
    for vectors in byRow {
      let own = meanAndVariance(vectors)
      logits.mean = zip(logits.mean, own.mean).map(+)
      logits.variance = zip(logits.variance, own.variance).map(+)
      let pulled = vectors.map { pullback.pullBack($0) }
      for group in groups.indices {
        let moments = meanAndVariance(pulled.map { $0[group] })
        groups[group].mean = zip(groups[group].mean, moments.mean).map(+)
        groups[group].variance = zip(groups[group].variance, moments.variance).map(+)
      }
    }

    expectClose(swept.logits.mean, logits.mean)
    expectClose(swept.logits.variance, logits.variance)
    #expect(swept.groups.count == groups.count)
    for (found, wanted) in zip(swept.groups, groups) {
      expectClose(found.mean, wanted.mean)
      expectClose(found.variance, wanted.variance)
      expectClose(
        found.meanError, wanted.variance.map { ($0 / Double(draws)).squareRoot() }, within: 1e-4)
    }
    try checkErrors(swept, byRow, pullback, blocks: min(blocks, draws / 2))
  }

  /// Errors of variances are the spread of the blocks' own, over the root of their number. Blocks of every row
  /// are independent of those of the others, so squared errors of dense layers add up over rows, as here.
  private func checkErrors(
    _ swept: PartNumbers, _ byRow: [[[Double]]], _ pullback: any ParameterPullback, blocks: Int
  ) throws {
    let draws = byRow[0].count
    let ranges = (0..<blocks).map { $0 * draws / blocks..<($0 + 1) * draws / blocks }
    /// Variances of every block, `[block][parameter]`.
    func variances(_ samples: [[Double]]) -> [[Double]] {
      ranges.map { meanAndVariance(Array(samples[$0])).variance }
    }
    func squaredErrors(_ variances: [[Double]]) -> [Double] {
      meanAndVariance(variances).variance.map { $0 / Double(blocks) }
    }
    let rows = byRow.map { vectors in vectors.map { pullback.pullBack($0).flatMap { $0 } } }
    let wanted: [Double]
    switch pullback.squares.form {
    case .byRow:
      wanted = rows.map { squaredErrors(variances($0)) }
        .reduce([Double](repeating: 0, count: rows[0][0].count)) { zip($0, $1).map(+) }
    case .summed:
      let byBlock = rows.map(variances).reduce(
        Array(repeating: [Double](repeating: 0, count: rows[0][0].count), count: blocks)
      ) { zip($0, $1).map { zip($0, $1).map(+) } }
      wanted = squaredErrors(byBlock)
    }
    // A float32 product of the fourth powers of the inputs.
    expectClose(
      swept.groups.flatMap(\.varianceError), wanted.map { $0.squareRoot() }, within: 1e-4)
  }

  /// Within single-precision rounding of the largest number.
  private func expectClose(
    _ found: [Double], _ wanted: [Double], within tolerance: Double = 2e-5,
    location: SourceLocation = #_sourceLocation
  ) {
    #expect(found.count == wanted.count, sourceLocation: location)
    let scale = wanted.reduce(0) { max($0, abs($1)) }
    #expect(scale > 0, sourceLocation: location)
    let worst = zip(found, wanted).reduce(0) { max($0, abs($1.0 - $1.1)) }
    #expect(worst <= tolerance * scale, sourceLocation: location)
  }

  /// More draws than one call takes, on one and on two threads, alone and in company.
  @Test func doesNotDependOnCompanyOrThreads() throws {
    let problem = try Self.problem()
    let kinds = ["st", "st-gs", "reinforce-loo", "gumbel-softmax"]
    let estimators = try kinds.map { try EstimatorRegistry.make($0) }
    let key = RandomKey(seed: 32)
    let draws = 2500
    let together = try MomentSweep(problem: problem, key: key, workers: 2)
      .measure(estimators, draws: draws)
    for (index, estimator) in estimators.enumerated() {
      let alone = try MomentSweep(problem: problem, key: key).measure([estimator], draws: draws)[0]
      #expect(alone == together[index])
    }
  }

  /// Without parameters upstream there are the logits alone.
  @Test func servesToys() throws {
    let problem = try registered("quadratic-cubic")
    let sweep = MomentSweep(problem: problem, key: RandomKey(seed: 33))
    let kinds = ["st", "gst"]
    for moments in try sweep.measure(kinds.map { try EstimatorRegistry.make($0) }, draws: 100) {
      #expect(moments.groups.isEmpty)
      #expect(moments.logits.varianceError.allSatisfy { $0 > 0 })
      #expect(moments.logits.variance.allSatisfy { $0 > 0 })
    }
    #expect(throws: DiscreteError.self) {
      try sweep.measure([EstimatorRegistry.make("st")], draws: 1)
    }
  }
}

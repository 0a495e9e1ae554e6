import Discrete
import Estimators
import Fidelity
import Foundation
import Models
import Tensors
import TestSupport
import Testing

/// Integrals over noise on layers of several rows: each row by itself, with shifts of its own.
@Suite struct SeveralRowsTests {
  struct Setting: Sendable, CustomTestStringConvertible {
    var estimator: ZooSetting
    var latents: Int
    var categories: Int

    init(
      _ kind: String, _ latents: Int, _ categories: Int,
      _ parameters: [String: ParameterValue] = [:]
    ) {
      estimator = ZooSetting(kind, parameters)
      self.latents = latents
      self.categories = categories
    }

    var testDescription: String { "\(estimator.testDescription) K=\(categories) D=\(latents)" }
  }

  /// The cost of `test-problem` with logits of its own for every row.
  private static func toy(rows: Int, _ latents: Int, _ categories: Int) throws -> CostProblem {
    let one = try registered(
      "test-problem", ["latents": .integer(latents), "categories": .integer(categories)])
    let cost = try #require(one.oracle as? SharedCostOracle).cost
    var values = one.logits.values
    for index in values.count..<rows * values.count {
      values.append(values[index % one.shape.width] + sin(Double(index)))
    }
    return try CostProblem(
      logits: Logits(
        shape: LayerShape(rows: rows, latents: latents, categories: categories), values: values),
      cost: cost)
  }

  private static func small(rows: Int, latents: Int = 2) throws -> any DiscreteProblem {
    try trainedVAE(
      VAESettings(latents: latents, categories: 4, rows: rows, hidden1: 16, hidden2: 8), steps: 20)
  }

  private static func fitted(
    _ setting: ZooSetting, _ problem: any DiscreteProblem
  ) throws -> any GradientEstimator {
    let estimator = try setting.make()
    guard let learned = estimator.learned else { return estimator }
    return try learned.fitted(TestFittingSource(problem: problem))
  }

  private static let rules = [
    // The trapezoidal rule, Gauss-Kronrod, and lattices.
    Setting("gumbel-softmax", 1, 3, ["tau": .number(0.7)]),
    Setting("gumbel-softmax", 1, 2, ["tau": .number(0.7)]),
    Setting("gumbel-softmax", 2, 3, ["tau": .number(1)]),
    Setting("decoupled-st-gs", 1, 3, ["forward": .text("soft"), "noise": .text("fresh")]),
    Setting("rebar", 1, 3), Setting("gaussian-softmax", 1, 3),
    Setting("uniform-path", 2, 2),
  ]

  /// Row by row the numbers of problems that have one row alone, to rounding: a row's integral is that
  /// of a layer of one row, under the key of the row.
  @Test(arguments: rules) func rowsAreProblemsOfOneRow(_ setting: Setting) throws {
    let rows = 3
    let problem = try Self.toy(rows: rows, setting.latents, setting.categories)
    let estimator = try Self.fitted(setting.estimator, problem)
    let all = try exactMeasurement(estimator, problem)
    var mean: [Double] = []
    var trace = 0.0
    var replicates = [Double](repeating: 0, count: all.replicates.count)
    for row in 0..<rows {
      let one = try CostProblem(
        logits: Logits(
          shape: problem.shape.with(rows: 1), values: problem.logits.row(row).values),
        oracle: problem.oracle.restricted(toRow: row))
      let own = try exactMeasurement(estimator, one, key: ExactEngine.latticeKey(1, row: row))
      mean += own.mean.map { $0 / Double(rows) }
      trace += own.traces[0] / Double(rows * rows)
      #expect(own.replicates.count == replicates.count)
      for (shift, left) in own.replicates.enumerated() {
        replicates[shift] += left.traces[0] / Double(rows * rows)
      }
    }
    #expect(relativeDifference(all.mean, mean) < 1e-12)
    #expect(abs(all.traces[0] - trace) < 1e-12 * trace)
    #expect(relativeDifference(all.replicates.map { $0.traces[0] }, replicates) < 1e-12)
    #expect(all.replicates.allSatisfy { $0.mean.count == all.mean.count })
  }

  private static let drawn =
    [
      Setting("gumbel-softmax", 2, 3, ["tau": .number(0.5)]), Setting("rebar", 1, 3),
      Setting("relax", 1, 3, ["fit-draws": .integer(256)]), Setting("gaussian-softmax", 1, 3),
    ] + (isHeavy ? [Setting("redge", 1, 3)] : [])

  /// Means and variances by draws: 32,768 of them, four settings and a fifth with GRADFID_HEAVY, up to 18 coordinates and a variance
  /// each, |t| < 5 with 63 degrees over as many keys: false alarm below 1e-3.
  @Test(arguments: drawn)
  func drawsAgreeOnToys(_ setting: Setting) throws {
    let problem = try Self.toy(rows: 3, setting.latents, setting.categories)
    try Self.checkDraws(Self.fitted(setting.estimator, problem), problem)
  }

  /// The same on an autoencoder of 3 images: two settings, 24 coordinates and a variance each: false
  /// alarm below 1e-3.
  @Test(arguments: [
    ZooSetting("gumbel-softmax", ["tau": .number(0.5)]), ZooSetting("gaussian-softmax"),
  ])
  func drawsAgreeOnANetwork(_ setting: ZooSetting) throws {
    let hasTwo = setting.kind == "gumbel-softmax"
    try Self.checkDraws(setting.make(), Self.small(rows: 3, latents: hasTwo ? 2 : 1))
  }

  private static func checkDraws(
    _ estimator: any GradientEstimator, _ problem: any DiscreteProblem
  ) throws {
    let exact = try exactMeasurement(estimator, problem)
    #expect(exact.replicates.count == 16)
    let target = try exactTarget(problem)
    let repeats = try (0..<64).map {
      try sampledNumbers(
        problem, estimator, target: target, key: RandomKey(seed: 100 + UInt64($0)), blocks: 4,
        drawsPerBlock: 128)
    }
    let variances = RepeatMoments(try repeats.map { try number($0.numbers, .variance).value })
    #expect(abs(variances.mean - exact.traces[0]) < 5 * variances.meanError)
    for index in exact.mean.indices {
      let own = RepeatMoments(repeats.map { $0.measurement.mean[index] })
      // A coordinate whose other category takes all but nothing does not vary.
      guard own.meanError > 1e-12 else { continue }
      #expect(abs(own.mean - exact.mean[index]) < 5 * own.meanError, "coordinate \(index)")
    }
  }

  /// Stated errors are bounds of 3.5 standard errors and of rounding, which behind a network is that of
  /// single precision: a hundred standard errors below those of 1,024 draws on toys, 35 behind a network.
  /// Fixed keys.
  @Test func errorsAreFarBelowSampling() throws {
    let soft = ZooSetting("gumbel-softmax", ["tau": .number(0.5)])
    let toy = try Self.worstRatio(soft, Self.toy(rows: 3, 2, 4))
    #expect(toy.ratio > 100 / 3.5, "\(toy)")
    let network = try Self.worstRatio(soft, Self.small(rows: 3))
    #expect(network.ratio > 35 / 3.5, "\(network)")
    let noisy = try Self.worstRatio(ZooSetting("rebar"), Self.toy(rows: 3, 1, 3))
    #expect(noisy.ratio > 100 / 3.5, "\(noisy)")
  }

  private static func worstRatio(
    _ setting: ZooSetting, _ problem: any DiscreteProblem
  ) throws -> (metric: Metric, ratio: Double) {
    try #require(
      errorRatios(problem, setting.make(), moments: .auto).min { $0.ratio < $1.ratio })
  }

  /// The same bits whatever the number of workers.
  @Test func workersChangeNothing() throws {
    let problem = try Self.toy(rows: 3, 2, 2)
    for setting in [ZooSetting("gumbel-softmax"), ZooSetting("uniform-path")] {
      let estimator = try setting.make()
      let one = try exactMeasurement(estimator, problem)
      for workers in [2, 3, 8] {
        let more = try exactMeasurement(estimator, problem, workers: workers)
        #expect(one.mean == more.mean && one.traces == more.traces)
        for (a, b) in zip(one.replicates, more.replicates) {
          #expect(a.mean == b.mean && a.traces == b.traces)
        }
      }
    }
  }

  /// Rows of equal logits have shifts of their own: their errors do not add up.
  @Test func rowsAreShiftedIndependently() throws {
    let one = try Self.toy(rows: 1, 2, 3)
    let oracle = try #require(one.oracle as? SharedCostOracle)
    let twice = try CostProblem(
      logits: Logits(
        shape: one.shape.with(rows: 2), values: one.logits.values + one.logits.values),
      oracle: SharedCostOracle(rows: 2, cost: oracle.cost))
    let found = try exactMeasurement(EstimatorRegistry.make("gumbel-softmax"), twice)
    let width = one.shape.width
    #expect(Array(found.mean[..<width]) != Array(found.mean[width...]))
    #expect(relativeDifference(Array(found.mean[..<width]), Array(found.mean[width...])) < 1e-4)
  }

  /// A hundred images behind a large decoder are integrated only when asked for; a small decoder, or
  /// a toy, whatever is asked for.
  @Test func workIsBounded() throws {
    func route(
      _ problem: any DiscreteProblem, _ kind: String, _ moments: MomentsChoice = .auto
    ) throws -> String {
      let plan = MomentPlan(
        try EstimatorRegistry.make(kind), on: problem, moments: moments, table: true)
      return plan.route.isIntegral ? "integral" : plan.route.rawValue
    }
    let large = try registered(
      "categorical-vae",
      [
        "latents": .integer(2), "categories": .integer(4), "rows": .integer(100),
        "hidden-1": .integer(512), "hidden-2": .integer(256), "data": .text("procedural"),
      ])
    for kind in ["gumbel-softmax", "rebar"] {
      #expect(try route(large, kind) == "draws")
      #expect(try route(large, kind, .exact) == "integral")
      #expect(try route(Self.small(rows: 10), kind) == "integral")
      #expect(try route(Self.toy(rows: 100, 2, 4), kind) == "integral")
      #expect(try route(Self.toy(rows: 3000, 2, 4), kind) == "draws")
    }
  }
}

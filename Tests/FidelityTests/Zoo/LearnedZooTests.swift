import Discrete
import Estimators
import Fidelity
import Tensors
import Testing

/// Learned parts: they lower the variance, change no mean, and come out the same every time.
@Suite struct LearnedZooTests {
  /// Exact variance of the fitted estimator against that of its unfitted form; the fit may lose
  /// little on the draws it has not seen.
  @Test(arguments: ["double-cv-tuned", "rodeo-tuned", "reinforce-ema", "nvil"], [(2, 3), (3, 2)])
  func fittedVarianceIsLower(kind: String, shape: (Int, Int)) throws {
    let zoo = try ExactZoo(latents: shape.0, categories: shape.1)
    let learned = try #require(try EstimatorRegistry.make(kind).learned)
    let before = try zoo.moments(learned)
    let fitted = try learned.fitted(TestFittingSource(problem: zoo.problem))
    let after = try zoo.moments(fitted)
    #expect(zoo.bias(after.mean) < 1e-12)
    #expect(after.variance < 1.02 * before.variance, "\(after.variance) \(before.variance)")
    let again = try zoo.moments(learned.fitted(TestFittingSource(problem: zoo.problem)))
    #expect(again.mean == after.mean && again.variance == after.variance)
  }

  /// The weight of the double control variates is that of the smallest exact variance.
  @Test func theFittedWeightIsTheBest() throws {
    let zoo = try ExactZoo(latents: 2, categories: 3)
    let learned = try #require(
      try EstimatorRegistry.make("double-cv-tuned").learned)
    let fitted = try zoo.moments(learned.fitted(TestFittingSource(problem: zoo.problem))).variance
    // The variance is a parabola in the weight: its minimum from three values.
    func variance(_ alpha: Double) throws -> Double {
      try zoo.moments(EstimatorRegistry.make("double-cv", ["alpha": .number(alpha)])).variance
    }
    let (low, middle, high) = (try variance(-1), try variance(0), try variance(1))
    let curvature = 0.5 * (low + high) - middle
    let gradient = 0.5 * (high - low)
    let best = middle - gradient * gradient / (4 * curvature)
    #expect(fitted >= best - 1e-12)
    #expect(fitted < best + 0.02 * middle)
  }

  /// On one row a learned baseline is a constant: the mean cost of the fit. 4,096 draws give it to
  /// 2 percent of the spread; a moving average over the last 20 does not.
  @Test func theLearnedBaselineIsTheMeanCost() throws {
    let zoo = try ExactZoo(latents: 2, categories: 3)
    let table = try OracleTable(oracle: zoo.problem.oracle, limit: 100, gradients: false)
    let weights = JointCodes(latents: 2, categories: 3)
      .weights(zoo.problem.logits.row(0).probabilities())
    let mean = zip(weights, table.values(row: 0)).reduce(0) { $0 + $1.0 * $1.1 }
    let expected = try zoo.moments(
      EstimatorRegistry.make("reinforce-constant", ["baseline": .number(mean)])
    ).variance
    let source = TestFittingSource(problem: zoo.problem)
    let learned = try #require(try EstimatorRegistry.make("nvil").learned)
    let found = try zoo.moments(learned.fitted(source)).variance
    #expect(abs(found - expected) < 0.05 * expected, "\(found) \(expected)")
  }

  /// A fit on a large layer sees the same draws part by part, noise and uniform numbers included.
  @Test func partsAreTheDraws() throws {
    let problem = try registered("polynomial-programming", ["latents": .integer(20_000)])
    let source = TestFittingSource(problem: problem)
    let estimator = try EstimatorRegistry.make("relax")
    let whole = try source.draws(0..<120, for: estimator)[0]
    var parts: [Range<Int>] = []
    var (values, uniforms) = ([Double](), [Double]())
    try source.eachPart(0..<120, for: estimator) { part, rows in
      parts.append(part)
      values += rows[0].values[0]
      uniforms += rows[0].uniforms
    }
    #expect(parts.count == 3 && parts.first?.count == 52 && parts.last?.upperBound == 120)
    #expect(values == whole.values[0] && uniforms == whole.uniforms)
    // A small layer is one part.
    let small = TestFittingSource(problem: try registered("test-problem"))
    var count = 0
    try small.eachPart(0..<4096, for: estimator, held: 35) { part, _ in
      #expect(part == 0..<4096)
      count += 1
    }
    #expect(count == 1)
  }

  /// Sampled variances of the control variates on relaxed points, 20,000 draws: well below REINFORCE.
  @Test(arguments: ["rebar-tuned", "relax"])
  func controlVariatesHelp(kind: String) throws {
    let zoo = try ExactZoo(latents: 3, categories: 2)
    let learned = try #require(try EstimatorRegistry.make(kind).learned)
    func variance(_ estimator: any GradientEstimator) throws -> Double {
      squaredNorm(try SampledZoo(zoo.problem, estimator, count: 20_000).moments.error) * 20_000
    }
    let before = try variance(EstimatorRegistry.make("reinforce"))
    let fitted = try learned.fitted(TestFittingSource(problem: zoo.problem))
    #expect(try variance(fitted) < 0.8 * before)
    #expect(
      try SampledZoo(zoo.problem, fitted, count: 20_000, seed: 6).largestScore(zoo.target) < 5)
  }

  /// Through a session: fitted on draws of its own, measured, and unbiased.
  @Test func aSessionFits() throws {
    let zoo = try ExactZoo(latents: 2, categories: 3)
    let kinds = ["rodeo-tuned", "double-cv-tuned", "nvil", "reinforce-ema", "leg", "enumeration"]
    let reports = try FidelitySession(
      problem: zoo.problem, target: TargetSettings(kind: .exact),
      measure: MeasureSettings(moments: .exact, perDrawSamples: 0, gap: false),
      key: RandomKey(seed: 4)
    ).run(
      kinds.map { FidelityRequest(estimator: try EstimatorRegistry.make($0), distribution: .own) })
    for report in reports {
      #expect(try number(report.get().numbers, .biasSquared).value < 1e-20)
    }
    #expect(try number(reports[4].get().numbers, .valueCalls).value == 5)
    #expect(try number(reports[5].get().numbers, .valueCalls).value == 9)
  }
}

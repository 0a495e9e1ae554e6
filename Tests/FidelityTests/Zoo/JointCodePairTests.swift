import Discrete
import Estimators
import Fidelity
import Models
import Tensors
import Testing

/// Exact moments of two draws as sums over pairs of joint codes.
@Suite struct JointCodePairTests {
  static let settings: [ZooSetting] = [
    ZooSetting("vimco"), ZooSetting("double-cv"), ZooSetting("double-cv", ["alpha": .number(-1.7)]),
    ZooSetting("rodeo"),
    ZooSetting("rodeo", ["alpha": .number(1.4), "beta": .number(-0.6), "scale": .number(3)]),
  ]

  private func moments(
    _ estimator: any GradientEstimator, _ problem: any DiscreteProblem
  ) throws -> ExactMoments {
    let table = try OracleTable(oracle: problem.oracle, limit: 1 << 14, gradients: true)
    let row = problem.logits.row(0)
    let jointCodes = RowJointCodes(
      row: row, distribution: .sample(temperature: 1), codes: table.codes,
      values: table.values(row: 0),
      gradients: table.gradients(row: 0), quadratureStep: 0.2)
    let moments = try estimator.exact?.exactMoments(row, jointCodes)
    return try #require(moments)
  }

  /// Against the same summed outcome by outcome: rounding.
  @Test(arguments: settings, [(2, 3), (3, 2), (1, 5), (4, 4)])
  func outcomesAgree(setting: ZooSetting, shape: (Int, Int)) throws {
    let problem = try registered(
      "test-problem", ["latents": .integer(shape.0), "categories": .integer(shape.1)])
    let zoo = try ExactZoo(problem)
    let estimator = try setting.make()
    let summed = try zoo.moments(WithoutMoments(inner: estimator))
    let closed = try zoo.moments(estimator)
    #expect(relativeDifference(closed.mean, summed.mean) < 1e-12)
    #expect(abs(closed.variance - summed.variance) < 1e-12 * summed.variance)
    // The whole covariance, through its forms with two directions.
    let width = problem.shape.width
    let own = try moments(estimator, problem).moments
    #expect(relativeDifference(own.mean, closed.mean) < 1e-12)
    let trace = (0..<width).reduce(0) { $0 + own.covariance[$1 * (width + 1)] }
    #expect(abs(trace - closed.variance) < 1e-12 * trace)
  }

  /// Heads of seven units, which are tabulated, against the same summed outcome by outcome: rounding.
  @Test(arguments: [(2, 3), (3, 2), (4, 4)]) func manyUnits(shape: (Int, Int)) throws {
    let problem = try registered(
      "test-problem", ["latents": .integer(shape.0), "categories": .integer(shape.1)])
    let zoo = try ExactZoo(problem)
    let learned = try #require(
      try ZooSetting("rodeo-tuned").make().learned)
    let estimator = try learned.fitted(TestFittingSource(problem: problem))
    let summed = try zoo.moments(WithoutMoments(inner: estimator))
    let closed = try zoo.moments(estimator)
    #expect(relativeDifference(closed.mean, summed.mean) < 1e-12)
    #expect(abs(closed.variance - summed.variance) < 1e-12 * summed.variance)
    let wide = LayerShape(rows: 1, latents: 14, categories: 2)
    #expect(estimator.exact?.hasExactMoments(on: wide) == true)
  }

  /// 4,096 joint codes take sixteen tiles of pairs. Without a correction the double control variates are
  /// leave-one-out REINFORCE, whose moments are a closed form without pairs; and so is VIMCO under a
  /// small cost, where its bound is the mean, up to terms of the cost's order.
  @Test func manyTiles() throws {
    let problem = try registered(
      "test-problem", ["latents": .integer(6), "categories": .integer(4)])
    let expected = try moments(ReinforceLeaveOneOut(samples: 2), problem).moments
    let doubled = try moments(DoubleControlVariate(samples: 2, alpha: 0), problem).moments
    #expect(relativeDifference(doubled.mean, expected.mean) < 1e-12)
    #expect(relativeDifference(doubled.covariance, expected.covariance) < 1e-12)
    let table = try OracleTable(oracle: problem.oracle, limit: 1 << 12, gradients: false)
    let row = problem.logits.row(0)
    let small = 1e-5
    let jointCodes = RowJointCodes(
      row: row, distribution: .sample(temperature: 1), codes: table.codes,
      values: table.values(row: 0).map { small * $0 }, gradients: [], quadratureStep: 0.2)
    let found = try #require(try Vimco(samples: 2).exact?.exactMoments(row, jointCodes)).moments
    #expect(relativeDifference(found.mean.map { $0 / small }, expected.mean) < 1e-4)
    #expect(
      relativeDifference(found.covariance.map { $0 / (small * small) }, expected.covariance)
        < 1e-4)
  }

  /// Every entry of the covariance at some shape by draws: 60,000 of them, 21 entries of 5 settings,
  /// |z| < 5: false alarm below 1e-4.
  @Test(arguments: settings) func covariancesByDraws(setting: ZooSetting) throws {
    let problem = try registered("test-problem")
    let estimator = try setting.make()
    let exact = try moments(estimator, problem).moments
    let width = problem.shape.width
    let count = 60_000
    let estimates = try SampledZoo(problem, estimator, count: count).estimates
    for i in 0..<width {
      for j in 0...i {
        var (sum, square) = (0.0, 0.0)
        for draw in 0..<count {
          let product =
            (estimates[draw * width + i] - exact.mean[i])
            * (estimates[draw * width + j] - exact.mean[j])
          sum += product
          square += product * product
        }
        let mean = sum / Double(count)
        let error = ((square / Double(count) - mean * mean) / Double(count)).squareRoot()
        #expect(abs(mean - exact.covariance[i * width + j]) < 5 * error, "\(i), \(j)")
      }
    }
  }

  /// More draws than two are summed over all outcomes while these are few, and sampled beyond.
  @Test func moreDrawsAreLeftToOthers() throws {
    for kind in ["vimco", "double-cv", "rodeo"] {
      let estimator = try ZooSetting(kind, ["samples": .integer(3)]).make()
      let shape = LayerShape(rows: 1, latents: 2, categories: 3)
      #expect(estimator.exact?.hasExactMoments(on: shape) == false)
      #expect(try ZooSetting(kind).make().exact?.hasExactMoments(on: shape) == true)
      let wide = LayerShape(rows: 1, latents: 15, categories: 2)
      #expect(try ZooSetting(kind).make().exact?.hasExactMoments(on: wide) == false)
    }
  }
}

import Discrete
import Estimators
import Testing

/// Probabilities of 0 and 1, single categories, tiny and huge temperatures: finite numbers.
@Suite struct ExtremesTests {
  private static let shapes: [(latents: Int, categories: Int, values: [Double])] = [
    (2, 1, [3, -200]), (1, 1, [0]), (2, 2, [200, -200, 0.1, 0.2]),
    (2, 3, [200, -200, 0, -200, -200, 200]), (1, 3, [0, 0, 0]), (3, 2, [-1, 1, 5, -5, 0, 0]),
  ]

  private static let settings: [Setting] = {
    let tiny = 1e-3
    let huge = 1e3
    let single = ["st", "st-gs", "gumbel-softmax", "reinmax"].flatMap { kind in
      [tiny, huge].map { Setting(kind, ["tau": .number($0)]) }
    }
    let pairs = [(tiny, tiny), (tiny, huge), (huge, tiny), (huge, huge)].flatMap {
      Setting.switches(tauForward: $0.0, tauBackward: $0.1)
        + [Setting("decoupled-st", ["tau-forward": .number($0.0), "tau-backward": .number($0.1)])]
    }
    return Setting.all + single + pairs
  }()

  @Test(arguments: settings)
  func estimatesAreFinite(setting: Setting) throws {
    let estimator = try setting.make()
    for shape in Self.shapes {
      let row = RowLogits(
        latents: shape.latents, categories: shape.categories, values: shape.values)
      let draws = arbitraryDraws(estimator.plan, row, count: 50, seed: 30)
      let estimates = estimator.estimates(row, draws)
      #expect(estimates.allSatisfy { $0.isFinite }, "\(shape)")
      if let points = estimator.coupled?.softPoints(row, draws) {
        #expect(points.count == estimates.count)
        #expect(points.allSatisfy { $0 >= 0 && $0 <= 1 }, "\(shape)")
      }
      if shape.categories == 1 && setting.sumsToZero {
        #expect(estimates.allSatisfy { abs($0) < 1e-12 })
      }
    }
  }

  /// Variances are not negative and means do not exceed what the Jacobian allows.
  @Test(arguments: settings)
  func exactMomentsAreFinite(setting: Setting) throws {
    let estimator = try setting.make()
    for shape in Self.shapes {
      let row = RowLogits(
        latents: shape.latents, categories: shape.categories, values: shape.values)
      let cost = SmallCost.quadratic(
        latents: shape.latents, categories: shape.categories, curved: true, seed: 31)
      let jointCodes = cost.jointCodes(row, distribution: estimator.plan.distribution, step: 0.3)
      guard let moments = try estimator.exact?.exactMoments(row, jointCodes)?.moments else {
        #expect(estimator.plan.relaxed)
        continue
      }
      let width = cost.width
      #expect(moments.mean.allSatisfy { $0.isFinite }, "\(shape)")
      #expect(moments.covariance.allSatisfy { $0.isFinite }, "\(shape)")
      let largest = moments.covariance.reduce(1e-12) { max($0, abs($1)) }
      for i in 0..<width {
        #expect(moments.covariance[i * width + i] > -1e-6 * largest, "\(shape)")
      }
    }
  }

  /// The mean over draws at temperatures far apart is that of the exact moments: the surrogate's
  /// own noise makes up for an offset of a thousand. |z| < 5 for 4 scores.
  @Test func temperaturesFarApart() throws {
    let row = RowLogits(latents: 2, categories: 2, values: [0.9, -0.1, -0.4, 0.8])
    let cost = SmallCost.quadratic(latents: 2, categories: 2, curved: true, seed: 33)
    let estimator = try EstimatorRegistry.make(
      "decoupled-st-gs", ["tau-forward": .number(1e-3), "tau-backward": .number(1e3)])
    let moments = try #require(
      try estimator.exact?.exactMoments(
        row, cost.jointCodes(row, distribution: estimator.plan.distribution))?.moments)
    let count = 20_000
    let estimates = estimator.estimates(
      row, draws(estimator.plan, row, cost, count: count, seed: 34))
    for index in 0..<4 {
      let mean =
        stride(from: index, to: estimates.count, by: 4).reduce(0.0) { $0 + estimates[$1] }
        / Double(count)
      let error = (moments.covariance[index * 5] / Double(count)).squareRoot()
      #expect(error > 0)
      #expect(abs(mean - moments.mean[index]) < 5 * error)
    }
  }

  /// Without a gradient table the straight-through family has no exact moments, nor with more
  /// categories than Gumbel noise is integrated for.
  @Test func momentsThatDoNotExist() throws {
    let row = RowLogits(latents: 1, categories: 2, values: [0, 1])
    let jointCodes = RowJointCodes(
      row: row, distribution: .sample(temperature: 1), codes: [0, 1], values: [0, 1], gradients: [],
      quadratureStep: 0.2)
    #expect(try EstimatorRegistry.make("st").exact?.exactMoments(row, jointCodes) == nil)
    #expect(try EstimatorRegistry.make("reinforce").exact?.exactMoments(row, jointCodes) != nil)
    let size = SurrogateSoftmax.maximumCategories + 1
    let wide = SmallCost.quadratic(latents: 1, categories: size, curved: true, seed: 32)
    let many = RowLogits(latents: 1, categories: size, values: fixedNumbers(size, seed: 1))
    #expect(
      try EstimatorRegistry.make("st-gs").exact?.exactMoments(many, wide.jointCodes(many)) == nil)
    #expect(
      try EstimatorRegistry.make("st").exact?.exactMoments(many, wide.jointCodes(many)) != nil)
    #expect(
      try EstimatorRegistry.make("reinmax").exact?.exactMoments(many, wide.jointCodes(many)) != nil)
  }
}

import Discrete
import Estimators
import Testing

/// Exact moments of the score-function estimators against sums over all tuples of joint codes, with
/// every estimate made by the combine step.
@Suite struct ScoreFunctionMomentsTests {
  private func enumerated(
    _ estimator: any GradientEstimator, samples: Int, _ row: RowLogits, _ cost: SmallCost
  ) -> RowMoments {
    let jointCodes = cost.jointCodes(row, distribution: estimator.plan.distribution)
    let (latents, width) = (row.latents, row.values.count)
    var count = 1
    for _ in 0..<samples { count *= jointCodes.count }
    var draws = RowDraws(count: count)
    var weights = [Double](repeating: 1, count: count)
    for sample in 0..<samples {
      var block = 1
      for _ in 0..<sample { block *= jointCodes.count }
      let chosen = (0..<count).map { $0 / block % jointCodes.count }
      draws.codes.append(chosen.flatMap { jointCodes.codes[$0 * latents..<($0 + 1) * latents] })
      draws.values.append(chosen.map { jointCodes.values[$0] })
      for (tuple, jointCode) in chosen.enumerated() {
        weights[tuple] *= jointCodes.weights[jointCode]
      }
    }
    return RowMoments(weights: weights, vectors: estimator.estimates(row, draws), width: width)
  }

  private func expectAgreement(
    _ estimator: any GradientEstimator, samples: Int, latents: Int, categories: Int
  ) throws {
    let (row, cost) = SmallCost.reference(latents: latents, categories: categories)
    let exact = try #require(
      try estimator.exact?.exactMoments(
        row, cost.jointCodes(row, distribution: estimator.plan.distribution)))
    let expected = enumerated(estimator, samples: samples, row, cost)
    #expect(exact.coarse == nil)
    #expect(largestDifference(exact.moments.mean, expected.mean) < 1e-12)
    #expect(largestDifference(exact.moments.covariance, expected.covariance) < 1e-12)
  }

  @Test(arguments: [(1, 2), (2, 3), (3, 2), (2, 1)])
  func reinforce(latents: Int, categories: Int) throws {
    try expectAgreement(Reinforce(), samples: 1, latents: latents, categories: categories)
  }

  @Test(arguments: [2, 3, 4], [(1, 2), (1, 3), (2, 2), (2, 3)])
  func leaveOneOut(samples: Int, shape: (Int, Int)) throws {
    try expectAgreement(
      ReinforceLeaveOneOut(samples: samples), samples: samples, latents: shape.0,
      categories: shape.1)
  }

  /// At a temperature `T` the target is the gradient of the tempered distribution's expectation: that of
  /// the logits `phi/T`, divided by `T`.
  @Test(arguments: [2, 3], [0.6, 2.5])
  func leaveOneOutAtATemperature(samples: Int, temperature: Double) throws {
    let estimator = try ReinforceLeaveOneOut(samples: samples, temperature: temperature)
    try expectAgreement(estimator, samples: samples, latents: 2, categories: 3)
    let (row, cost) = SmallCost.reference(latents: 2, categories: 3)
    let tempered = RowLogits(
      latents: 2, categories: 3, values: row.values.map { $0 / temperature })
    let target = cost.target(tempered).gradient.map { $0 / temperature }
    let exact = try #require(
      try estimator.exact?.exactMoments(
        row, cost.jointCodes(row, distribution: estimator.plan.distribution)))
    #expect(largestDifference(exact.moments.mean, target) < 1e-14)
  }
}

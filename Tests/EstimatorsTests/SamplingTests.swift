import Discrete
import Estimators
import Testing

/// Combine steps on 200,000 draws against the exact mean and covariance, for every estimator with
/// a hard forward.
@Suite struct SamplingTests {
  private static let settings: [Setting] =
    [
      Setting("reinforce"), Setting("reinforce-loo"),
      Setting("reinforce-loo", ["samples": .integer(3)]), Setting("identity-st"),
      Setting("st", ["tau": .number(2)]), Setting("st-gs", ["tau": .number(0.5)]),
      Setting("st-gs", ["tau": .number(2)]),
      Setting("decoupled-st", ["tau-forward": .number(0.6), "tau-backward": .number(1.7)]),
      Setting("reinmax"), Setting("reinmax", ["tau": .number(1.3)]),
    ]
    + Setting.switches(tauForward: 0.7, tauBackward: 1.6).filter {
      $0.parameters["forward"] != .text("soft") && $0.sumsToZero
    }

  /// 27 scores for each of 20 settings, many of them dependent; |z| < 5: false alarm at most
  /// 3e-4 in all. The keys are fixed and the draws are the same on every machine.
  @Test(arguments: settings)
  func combineHasTheExactMoments(setting: Setting) throws {
    let (row, cost) = SmallCost.reference(latents: 2, categories: 3)
    let estimator = try setting.make()
    let exact = try #require(
      try estimator.exact?.exactMoments(
        row, cost.jointCodes(row, distribution: estimator.plan.distribution))?.moments)
    let count = 200_000
    let estimates = estimator.estimates(
      row, draws(estimator.plan, row, cost, count: count, seed: 70))
    let columns = (0..<6).map { column in
      (0..<count).map { estimates[$0 * 6 + column] - exact.mean[column] }
    }
    for i in 0..<6 {
      expectMean(columns[i], 0)
      for j in i..<6 {
        expectMean(zip(columns[i], columns[j]).map { $0 * $1 }, exact.covariance[i * 6 + j])
      }
    }
  }

  private func expectMean(_ values: [Double], _ expected: Double) {
    let n = Double(values.count)
    let mean = values.reduce(0, +) / n
    let variance = values.reduce(0.0) { $0 + ($1 - mean) * ($1 - mean) } / (n - 1)
    // Estimates without any spread agree to rounding.
    #expect(abs(mean - expected) < 5 * (variance / n).squareRoot() + 1e-12)
  }

  /// The stated quadrature error is that of the coarser grid and far below the numbers.
  @Test(arguments: ["st-gs", "decoupled-st-gs"])
  func coarseMomentsAgree(kind: String) throws {
    let (row, cost) = SmallCost.reference(latents: 2, categories: 3)
    let exact = try #require(
      try EstimatorRegistry.make(kind).exact?.exactMoments(row, cost.jointCodes(row, step: 0.2)))
    let coarse = try #require(exact.coarse)
    #expect(largestDifference(exact.moments.mean, coarse.mean) < 1e-8)
    #expect(largestDifference(exact.moments.covariance, coarse.covariance) < 1e-8)
    #expect(exact.moments != coarse)
  }
}

import Discrete
import Estimators
import Fidelity
import Tensors
import TestSupport
import Testing

/// Mean and variance of single logits where latents have different numbers of categories.
@Suite struct RaggedParametersTests {
  private func moments(
    _ problem: any DiscreteProblem, _ kind: String, _ moments: MomentsChoice
  ) throws -> ParameterMoments {
    let report = try FidelitySession(
      problem: problem,
      target: TargetSettings(kind: .exact),
      measure: MeasureSettings(
        moments: moments, draws: 4096, perDrawSamples: 0, gap: false, parameters: true),
      key: RandomKey(seed: 5)
    ).run([FidelityRequest(estimator: try EstimatorRegistry.make(kind), distribution: .own)])[0]
    .get()
    return try #require(report.parameters)
  }

  /// Quantiles are over the categories that there are: the least variance of REINFORCE, `Var f(z) (e_z - p)` summed
  /// over all codes here, is not that of the padding, which is 0.
  @Test func paddingIsNoCoordinate() throws {
    let toy = RaggedToy()
    let distribution = toy.distribution()
    var first = [Double](repeating: 0, count: toy.width)
    var second = first
    for codes in toy.jointCodes {
      let y = toy.oneHot(codes)
      let weight = toy.probability(codes, distribution)
      for index in first.indices {
        let estimate = toy.value(y) * (y[index] - distribution[index])
        first[index] += weight * estimate
        second[index] += weight * estimate * estimate
      }
    }
    let variances = zip(first, second).map { $1 - $0 * $0 }.sorted()
    let found = try moments(toy.problem(), "reinforce", .exact)
    let quantiles = found.quantiles.filter { $0.quantity == .variance && $0.scope == "logits" }
    #expect(quantiles.allSatisfy { $0.count == toy.width })
    let least = try #require(quantiles.first { $0.level == 0 }).value
    let middle = try #require(quantiles.first { $0.level == 0.5 }).value
    let most = try #require(quantiles.first { $0.level == 1 }).value
    #expect(variances[0] > 0)
    #expect(abs(least / variances[0] - 1) < 1e-9)
    #expect(abs(middle / variances[toy.width / 2] - 1) < 1e-9)
    #expect(abs(most / variances[toy.width - 1] - 1) < 1e-9)
  }

  /// Draws of an estimator that is served latent by latent, and of one that is served as it stands, against the exact
  /// numbers: no coordinate is off by more than five of its errors (1 in 100,000 for 18 numbers).
  @Test(arguments: ["st", "reinforce"]) func drawsAgree(_ kind: String) throws {
    let toy = RaggedToy()
    let problem = try toy.problem()
    let exact = try moments(problem, kind, .exact).parts[0].numbers
    let swept = try MomentSweep(problem: problem, key: RandomKey(seed: 8)).measure(
      [EstimatorRegistry.make(kind)], draws: 8192)[0].logits
    for place in toy.shape.places {
      #expect(abs(swept.mean[place] - exact.mean[place]) < 5 * swept.meanError[place])
      #expect(
        abs(swept.variance[place] - exact.variance[place]) < 5 * swept.varianceError[place])
    }
    for place in Set(0..<toy.shape.width).subtracting(toy.shape.places) {
      #expect(swept.mean[place] == 0 && swept.variance[place] == 0)
    }
  }
}

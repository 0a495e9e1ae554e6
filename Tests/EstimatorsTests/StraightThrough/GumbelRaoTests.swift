import Discrete
import Estimators
import Testing

/// GR-MC and ReinMax-Rao: conditional noise, its moments, its limits.
@Suite struct GumbelRaoTests {
  private let problem = SmallCost.reference(latents: 2, categories: 3)

  private func moments(
    _ kind: String, _ parameters: [String: ParameterValue], step: Double = 0.2
  ) throws -> RowMoments {
    let estimator = try EstimatorRegistry.make(kind, parameters)
    return try #require(
      try estimator.exact?.exactMoments(
        problem.row, problem.cost.jointCodes(problem.row, step: step))
    ).moments
  }

  private func trace(_ moments: RowMoments) -> Double {
    (0..<6).reduce(0.0) { $0 + moments.covariance[7 * $1] }
  }

  /// One conditional draw has the mean and the variance of ST-GS; more have the same mean.
  @Test(arguments: [0.5, 1])
  func oneConditionalDrawIsStraightThroughGumbelSoftmax(tau: Double) throws {
    let plain = try moments("st-gs", ["tau": .number(tau)])
    let one = try moments("gr-mc", ["tau": .number(tau), "samples": .integer(1)])
    let many = try moments("gr-mc", ["tau": .number(tau), "samples": .integer(20)])
    #expect(largestDifference(one.mean, plain.mean) < 1e-13)
    #expect(largestDifference(one.covariance, plain.covariance) < 1e-12)
    #expect(largestDifference(many.mean, plain.mean) < 1e-13)
    #expect(trace(many) < 0.95 * trace(plain))
    // Var = V + C/M: three sizes lie on one line in 1/M.
    let five = try moments("gr-mc", ["tau": .number(tau), "samples": .integer(5)])
    let gradient = (trace(one) - trace(many)) / (1 - 0.05)
    #expect(abs(trace(five) - trace(many) - gradient * (0.2 - 0.05)) < 1e-12)
  }

  /// Moments of exactly what `combine` does. |z| < 5 over 24 scores: false alarm 1e-5.
  @Test(arguments: ["gr-mc", "reinmax-rao-v2"])
  func momentsAgainstDraws(kind: String) throws {
    let parameters: [String: ParameterValue] = ["tau": .number(0.6), "samples": .integer(3)]
    let estimator = try EstimatorRegistry.make(kind, parameters)
    let count = 60_000
    let draws = drawsWithOwnPoints(
      estimator, problem.row, problem.cost, count: count, seed: 80)
    let estimates = estimator.estimates(problem.row, draws)
    let exact = try moments(kind, parameters)
    for (index, found) in coordinateMeans(estimates, width: 6).enumerated() {
      #expect(abs(found.mean - exact.mean[index]) < 5 * found.error)
    }
    let squares = runs(estimates, 6).flatMap { run in
      run.indices.map { (run[$0] - exact.mean[$0]) * (run[$0] - exact.mean[$0]) }
    }
    for (index, found) in coordinateMeans(squares, width: 6).enumerated() {
      #expect(abs(found.mean - exact.covariance[7 * index]) < 5 * found.error)
    }
  }

  /// Cold limits, given the drawn category: the maps tend to those of ReinMax(1).
  @Test(arguments: ["gr-mc", "reinmax-rao-v2"])
  func coldMapsAreThoseOfReinMax(kind: String) throws {
    func maps(_ kind: String, _ parameters: [String: ParameterValue]) throws -> [Double] {
      let made = try EstimatorRegistry.make(kind, parameters)
      let estimator = try #require(made.linear)
      return try #require(try estimator.localJacobians(problem.row, step: 0.2)).means
    }
    let limit = try maps("reinmax", [:])
    let near = largestDifference(try maps(kind, ["tau": .number(0.002)]), limit)
    let far = largestDifference(try maps(kind, ["tau": .number(0.2)]), limit)
    #expect(near < 2e-3)
    #expect(far > 0.01)
  }

  /// Differentiating through the conditional noise moves the mean away from that of ST-GS, to that of
  /// its own quadrature; not doing so does not. 5 and 50 standard errors.
  @Test func theNoiseDerivativeMustStayOff() throws {
    func parameters(_ through: Bool) -> [String: ParameterValue] {
      ["tau": .number(0.5), "samples": .integer(4), "noise-derivative": .flag(through)]
    }
    func worst(_ through: Bool, against mean: [Double]) throws -> Double {
      let estimator = try EstimatorRegistry.make("gr-mc", parameters(through))
      let draws = drawsWithOwnPoints(
        estimator, problem.row, problem.cost, count: 40_000, seed: 81)
      return coordinateMeans(estimator.estimates(problem.row, draws), width: 6).enumerated()
        .map { abs($1.mean - mean[$0]) / $1.error }.max() ?? 0
    }
    let plain = try moments("st-gs", ["tau": .number(0.5)]).mean
    #expect(try worst(false, against: plain) < 5)
    #expect(try worst(true, against: plain) > 50)
    #expect(try worst(true, against: moments("gr-mc", parameters(true)).mean) < 5)
  }

  /// On linear costs v2 is the truth times a factor that grows with the temperature.
  @Test func reinMaxRaoIsNotExactOnLinearCosts() throws {
    let cost = SmallCost.quadratic(latents: 2, categories: 3, curved: false, seed: 82)
    let target = cost.target(problem.row).gradient
    var last = 1.0
    for tau in [0.1, 0.5, 1, 2] {
      let estimator = try EstimatorRegistry.make("reinmax-rao-v2", ["tau": .number(tau)])
      let mean = try #require(
        try estimator.exact?.exactMoments(problem.row, cost.jointCodes(problem.row))
      ).moments.mean
      let ratio =
        zip(mean, target).reduce(0) { $0 + $1.0 * $1.1 } / (length(target) * length(target))
      #expect(ratio > last + 0.02)
      last = ratio
    }
    #expect(last > 1.3 && last < 1.6)
  }
}

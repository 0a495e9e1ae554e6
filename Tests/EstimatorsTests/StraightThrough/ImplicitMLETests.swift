import Discrete
import Estimators
import Testing

/// I-MLE and AIMLE: closed-form moments against draws, and their limits.
@Suite struct ImplicitMLETests {
  private func check(
    _ kind: String, _ parameters: [String: ParameterValue],
    _ problem: (row: RowLogits, cost: SmallCost), seed: UInt64
  ) throws {
    let estimator = try EstimatorRegistry.make(kind, parameters)
    let exact = try #require(
      try estimator.exact?.exactMoments(problem.row, problem.cost.jointCodes(problem.row))
    ).moments
    let draws = drawsWithOwnPoints(
      estimator, problem.row, problem.cost, count: 60_000, seed: seed)
    let estimates = estimator.estimates(problem.row, draws)
    let width = problem.cost.width
    for (index, found) in coordinateMeans(estimates, width: width).enumerated() {
      #expect(abs(found.mean - exact.mean[index]) < 5 * found.error, "\(kind) \(parameters)")
    }
    let products = runs(estimates, width).flatMap { run in
      run.indices.map { run[0] * run[$0] - exact.mean[0] * exact.mean[$0] }
    }
    for (index, found) in coordinateMeans(products, width: width).enumerated() {
      #expect(
        abs(found.mean - exact.covariance[index]) < 5 * found.error + 1e-12,
        "\(kind) \(parameters)")
    }
  }

  /// |z| < 5 over 124 scores: false alarm 7e-5.
  @Test func momentsAgainstDraws() throws {
    let ternary = SmallCost.reference(latents: 2, categories: 3)
    let binary = SmallCost.reference(latents: 3, categories: 2)
    for (index, lambda) in [0.3, 2].enumerated() {
      try check("imle", ["lambda": .number(lambda)], ternary, seed: 83 + UInt64(index))
      try check("imle", ["lambda": .number(lambda)], binary, seed: 85 + UInt64(index))
      try check("aimle", ["lambda": .number(lambda)], binary, seed: 87 + UInt64(index))
    }
    try check("aimle", ["rule": .text("norm"), "lambda": .number(0.8)], binary, seed: 89)
    let quaternary = SmallCost.reference(latents: 2, categories: 4)
    try check("aimle", ["lambda": .number(0.3)], ternary, seed: 94)
    try check("aimle", ["lambda": .number(2)], quaternary, seed: 95)
    try check("aimle", ["rule": .text("norm"), "lambda": .number(0.8)], quaternary, seed: 96)
  }

  /// A step of 1000 has a distribution of its own, not a rounding accident.
  @Test(arguments: ["imle", "aimle"])
  func hugeStepsHaveFiniteMoments(kind: String) throws {
    let (row, cost) = SmallCost.reference(latents: 2, categories: 4)
    let estimator = try EstimatorRegistry.make(kind, ["lambda": .number(1e6)])
    let moments = try #require(try estimator.exact?.exactMoments(row, cost.jointCodes(row))).moments
    #expect(moments.mean.allSatisfy { $0.isFinite })
    #expect(moments.covariance.allSatisfy { $0.isFinite })
    #expect(moments.mean.contains { abs($0) > 1e-8 })
  }

  /// The two winners of the symmetric step each have the distribution of a single perturbation, which `imle`
  /// has by itself: `2 E[aimle] = E[imle] + E[imle of -f]` up to the sign of the latter.
  @Test func theWinnersHaveTheirMarginals() throws {
    let (row, cost) = SmallCost.reference(latents: 2, categories: 4)
    var mirrored = cost.jointCodes(row)
    mirrored = RowJointCodes(
      row: row, distribution: mirrored.distribution, codes: mirrored.codes, values: mirrored.values,
      gradients: mirrored.gradients.map { -$0 }, quadratureStep: mirrored.quadratureStep)
    for lambda in [0.1, 1, 30] {
      let setting: [String: ParameterValue] = ["lambda": .number(lambda)]
      let single = try EstimatorRegistry.make("imle", setting)
      let both = try EstimatorRegistry.make("aimle", setting)
      let jointCodes = cost.jointCodes(row)
      let up = try #require(try single.exact?.exactMoments(row, jointCodes)).moments.mean
      let down = try #require(try single.exact?.exactMoments(row, mirrored)).moments.mean
      let found = try #require(try both.exact?.exactMoments(row, jointCodes)).moments.mean
      #expect(
        largestDifference(found, zip(up, down).map { 0.5 * ($0 - $1) }) < 1e-12 / min(lambda, 1))
    }
  }

  /// `lambda -> 0`: `g_k = -p_k max(h_x - h_k, 0)` off the draw, which is exact on linear costs.
  @Test func smallStepsAreExactOnLinearCosts() throws {
    let row = SmallCost.reference(latents: 2, categories: 3).row
    let cost = SmallCost.quadratic(latents: 2, categories: 3, curved: false, seed: 90)
    func error(_ lambda: Double) throws -> Double {
      let estimator = try EstimatorRegistry.make("imle", ["lambda": .number(lambda)])
      let mean = try #require(try estimator.exact?.exactMoments(row, cost.jointCodes(row))).moments
        .mean
      return largestDifference(mean, cost.target(row).gradient)
    }
    #expect(try error(1e-5) < 1e-5)
    #expect(try error(1) > 1e-3)
  }

  /// `E[AIMLE | x] -> ReinMax(1)` as the step vanishes; at K = 3 by draws, too (|z| < 5 for 6 scores,
  /// beside a bias of order lambda).
  @Test(arguments: [(3, 2), (2, 3), (2, 4)])
  func smallSymmetricStepsAreReinMax(latents: Int, categories: Int) throws {
    let small = SmallCost.reference(latents: latents, categories: categories)
    let jointCodes = small.cost.jointCodes(small.row)
    let reinMax = try EstimatorRegistry.make("reinmax")
    let limit = try #require(try reinMax.exact?.exactMoments(small.row, jointCodes)).moments.mean
    func distance(_ lambda: Double) throws -> Double {
      let aimle = try EstimatorRegistry.make("aimle", ["lambda": .number(lambda)])
      let found = try #require(try aimle.exact?.exactMoments(small.row, jointCodes)).moments.mean
      return largestDifference(found, limit)
    }
    #expect(try distance(1e-6) < 1e-7)
    #expect(try distance(1e-6) < 0.02 * distance(1e-4))
    // One-sided steps have another limit.
    let onesided = try EstimatorRegistry.make("imle", ["lambda": .number(1e-4)])
    let other = try #require(try onesided.exact?.exactMoments(small.row, jointCodes)).moments.mean
    #expect(largestDifference(other, limit) > 1e-3)

    guard categories == 3 else { return }
    let (row, cost) = SmallCost.reference(latents: 2, categories: 3)
    let estimator = try EstimatorRegistry.make("aimle", ["lambda": .number(0.03)])
    let draws = drawsWithOwnPoints(estimator, row, cost, count: 200_000, seed: 91)
    let mean = try #require(try reinMax.exact?.exactMoments(row, cost.jointCodes(row))).moments.mean
    for (index, value) in coordinateMeans(estimator.estimates(row, draws), width: 6).enumerated() {
      #expect(abs(value.mean - mean[index]) < 5 * value.error + 2e-3)
    }
  }

  private struct Source: FittingSource {
    let logits: Logits
    let cost: SmallCost

    func draws(_ range: Range<Int>, for estimator: any GradientEstimator) throws -> [RowDraws] {
      [drawsWithOwnPoints(estimator, logits.row(0), cost, count: range.count, seed: 92)]
    }
  }

  /// The fitted factor makes the wished number of latents change, and the same source gives the
  /// same estimator. Three standard errors of a mean of 4,000 bits are 0.03.
  @Test func theFittedStepChangesAsManyLatentsAsWished() throws {
    let (row, cost) = SmallCost.reference(latents: 3, categories: 3)
    let source = Source(
      logits: try Logits(
        shape: LayerShape(rows: 1, latents: 3, categories: 3), values: row.values), cost: cost)
    let made = try EstimatorRegistry.make(
      "aimle",
      ["rule": .text("fitted"), "changes": .number(0.8), "fit-draws": .integer(4000)])
    let unfitted = try #require(made.learned)
    let fitted = try unfitted.fitted(source)
    let again = try unfitted.fitted(source)
    let draws = drawsWithOwnPoints(fitted, row, cost, count: 4000, seed: 93)
    let estimates = fitted.estimates(row, draws)
    #expect(estimates == again.estimates(row, draws))
    let changed = Double(estimates.filter { $0 > 0 }.count) / 4000
    #expect(abs(changed - 0.8) < 0.06)
    let before = unfitted.estimates(row, draws).filter { $0 > 0 }.count
    #expect(abs(Double(before) / 4000 - 0.8) > 0.06)
  }
}

import Discrete
import Estimators
import Testing

/// What is exact in expectation on which costs, summed over all joint codes.
@Suite struct ExactnessTests {
  private func mean(
    _ kind: String, _ row: RowLogits, _ cost: SmallCost,
    _ parameters: [String: ParameterValue] = [:]
  ) throws -> [Double] {
    let estimator = try EstimatorRegistry.make(kind, parameters)
    let moments = try estimator.exact?.exactMoments(
      row, cost.jointCodes(row, distribution: estimator.plan.distribution))
    return try #require(moments).moments.mean
  }

  private static let shapes = [(1, 2), (3, 2), (2, 3), (2, 4)]

  @Test(arguments: shapes)
  func straightThroughOnLinearCosts(latents: Int, categories: Int) throws {
    let row = SmallCost.reference(latents: latents, categories: categories).row
    let linear = SmallCost.quadratic(
      latents: latents, categories: categories, curved: false, seed: 60)
    let curved = SmallCost.quadratic(
      latents: latents, categories: categories, curved: true, seed: 60)
    #expect(largestDifference(try mean("st", row, linear), linear.target(row).gradient) < 1e-13)
    #expect(largestDifference(try mean("st", row, curved), curved.target(row).gradient) > 1e-3)
  }

  /// Own target of decoupled ST: the gradient of the tempered distribution's expectation, `(1/tau) J h`.
  @Test func decoupledStraightThroughOnItsOwnTarget() throws {
    let row = SmallCost.reference(latents: 2, categories: 3).row
    let linear = SmallCost.quadratic(latents: 2, categories: 3, curved: false, seed: 61)
    let tempered = RowLogits(latents: 2, categories: 3, values: row.values.map { $0 / 0.6 })
    let target = linear.target(tempered).gradient.map { $0 / 0.6 }
    let found = try mean(
      "decoupled-st", row, linear, ["tau-forward": .number(0.6), "tau-backward": .number(0.6)])
    #expect(largestDifference(found, target) < 1e-13)
  }

  @Test(arguments: shapes)
  func reinMaxOnQuadraticCosts(latents: Int, categories: Int) throws {
    let row = SmallCost.reference(latents: latents, categories: categories).row
    let cost = SmallCost.quadratic(
      latents: latents, categories: categories, curved: true, seed: 62)
    let target = cost.target(row).gradient
    #expect(largestDifference(try mean("reinmax", row, cost), target) < 1e-13)
    #expect(
      largestDifference(try mean("reinmax", row, cost, ["tau": .number(1.5)]), target) > 1e-3)
  }

  /// Costs quadratic in each latent, coupled by a product of three.
  @Test func reinMaxOnCostsThatAreQuadraticInEachLatent() throws {
    let row = SmallCost.reference(latents: 3, categories: 2).row
    let product = SmallCost(
      latents: 3, categories: 2,
      value: { $0[1] * $0[1] * $0[3] * $0[5] },
      gradient: {
        [0, 2 * $0[1] * $0[3] * $0[5], 0, $0[1] * $0[1] * $0[5], 0, $0[1] * $0[1] * $0[3]]
      })
    #expect(
      largestDifference(try mean("reinmax", row, product), product.target(row).gradient) < 1e-14)
  }

  @Test(arguments: [0, 1])
  func scoreFunctionsOnEveryCost(index: Int) throws {
    let (latents, categories) = [(2, 3), (3, 2)][index]
    let (row, cost) = SmallCost.reference(latents: latents, categories: categories)
    let target = cost.target(row).gradient
    #expect(largestDifference(try mean("reinforce", row, cost), target) < 1e-14)
    for samples in [2, 3, 8] {
      let found = try mean("reinforce-loo", row, cost, ["samples": .integer(samples)])
      #expect(largestDifference(found, target) < 1e-14)
    }
  }

  /// The target itself against differences of `E f`.
  @Test func targetIsTheDerivativeOfTheExpectation() {
    let (row, cost) = SmallCost.reference(latents: 2, categories: 3)
    let target = cost.target(row).gradient
    for index in 0..<6 {
      func value(_ offset: Double) -> Double {
        var values = row.values
        values[index] += offset
        return cost.target(RowLogits(latents: 2, categories: 3, values: values)).value
      }
      let step = 2e-3
      let gradient = (8 * (value(step) - value(-step)) - (value(2 * step) - value(-2 * step))) / 12
      #expect(abs(target[index] - gradient / step) < 1e-10)
    }
  }

  /// Adding `sum c z (1 - z)` leaves the cost at one-hot points and the target alone. It moves the
  /// mean of straight-through, and not that of ReinMax(1).
  @Test func extensionDependence() throws {
    let (row, cost) = SmallCost.reference(latents: 2, categories: 3)
    let other = cost.extended(by: [0.8, -0.5, 1.1, 0.3, 0.9, -0.7])
    #expect(other.target(row).value == cost.target(row).value)
    #expect(other.target(row).gradient == cost.target(row).gradient)
    func moved(_ kind: String) throws -> Double {
      largestDifference(try mean(kind, row, cost), try mean(kind, row, other))
    }
    #expect(try moved("st") > 0.01)
    #expect(try moved("st-gs") > 0.01)
    #expect(try moved("reinmax") < 1e-14)
    #expect(try moved("reinforce") == 0)
  }

  /// As `tau -> 0` the mean of ST-GS tends to that of ReinMax(1), with an error of order `tau`.
  @Test func coldGumbelSoftmaxTendsToReinMax() throws {
    let (row, cost) = SmallCost.reference(latents: 2, categories: 3)
    let limit = try mean("reinmax", row, cost)
    func distance(_ tau: Double) throws -> Double {
      largestDifference(try mean("st-gs", row, cost, ["tau": .number(tau)]), limit)
    }
    #expect(try distance(0.1) > 1e-4)
    #expect(try distance(0.001) < 1e-3)
    #expect(try distance(0.001) < 0.05 * distance(0.1))
  }
}

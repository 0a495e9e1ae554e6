import Discrete
import Estimators
import Testing

/// What every estimator of the zoo must satisfy whatever its formula.
@Suite struct InvarianceTests {
  private let row = SmallCost.reference(latents: 3, categories: 4).row
  private let count = 7

  @Test(arguments: Setting.all)
  func sameInputGivesTheSameBitsAndEveryEntryIsWritten(setting: Setting) throws {
    let estimator = try setting.make()
    let draws = arbitraryDraws(estimator.plan, row, count: count, seed: 20)
    let first = estimator.estimates(row, draws)
    #expect(first.count == count * 12)
    #expect(!first.contains(17))
    #expect(first == estimator.estimates(row, draws))
    #expect(estimator.coupled?.softPoints(row, draws) == estimator.coupled?.softPoints(row, draws))
  }

  /// An estimate depends on its own draw only.
  @Test(arguments: Setting.all)
  func drawsDoNotMix(setting: Setting) throws {
    let estimator = try setting.make()
    let draws = arbitraryDraws(estimator.plan, row, count: count, seed: 21)
    let together = estimator.estimates(row, draws)
    for draw in 0..<count {
      func part(_ values: [Double]) -> [Double] {
        values.isEmpty ? [] : Array(values[draw * 12..<(draw + 1) * 12])
      }
      let alone = RowDraws(
        count: 1, codes: draws.codes.map { Array($0[draw * 3..<(draw + 1) * 3]) },
        values: draws.values.map { [$0[draw]] }, gradients: part(draws.gradients),
        perturbed: part(draws.perturbed), freshNoise: part(draws.freshNoise),
        softGradients: part(draws.softGradients))
      #expect(largestDifference(estimator.estimates(row, alone), part(together)) < 1e-14)
    }
  }

  /// Logits and perturbed logits are known up to a shift per latent only.
  @Test(arguments: Setting.all)
  func shiftsOfALatentsLogitsChangeNothing(setting: Setting) throws {
    let estimator = try setting.make()
    let draws = arbitraryDraws(estimator.plan, row, count: count, seed: 22)
    let shifted = RowLogits(
      latents: 3, categories: 4,
      values: row.values.indices.map { row.values[$0] + [0.5, -3, 8][$0 / 4] })
    var moved = draws
    for index in moved.perturbed.indices { moved.perturbed[index] += [-2, 1, 0.25][index / 4 % 3] }
    let difference = largestDifference(
      estimator.estimates(row, draws), estimator.estimates(shifted, moved))
    #expect(difference < 1e-12)
  }

  @Test(arguments: Setting.all)
  func permutedCategoriesPermuteTheEstimate(setting: Setting) throws {
    let estimator = try setting.make()
    let draws = arbitraryDraws(estimator.plan, row, count: count, seed: 23)
    let order = [2, 0, 3, 1]
    func permuted(_ values: [Double]) -> [Double] {
      values.indices.map { values[$0 / 4 * 4 + order[$0 % 4]] }
    }
    let codes = draws.codes.map { $0.map { Int32(order.firstIndex(of: Int($0)) ?? -1) } }
    let other = RowDraws(
      count: count, codes: codes, values: draws.values, gradients: permuted(draws.gradients),
      perturbed: permuted(draws.perturbed), freshNoise: permuted(draws.freshNoise),
      softGradients: permuted(draws.softGradients))
    let moved = RowLogits(latents: 3, categories: 4, values: permuted(row.values))
    let difference = largestDifference(
      permuted(estimator.estimates(row, draws)), estimator.estimates(moved, other))
    #expect(difference < 1e-12)
  }

  /// `f + c` leaves `df/dz` alone, so only REINFORCE notices: by `c (z - p)`.
  @Test(arguments: Setting.all)
  func constantsAddedToTheCost(setting: Setting) throws {
    let estimator = try setting.make()
    let draws = arbitraryDraws(estimator.plan, row, count: count, seed: 24)
    var raised = draws
    raised.values = draws.values.map { $0.map { $0 + 2.5 } }
    let change = zip(estimator.estimates(row, raised), estimator.estimates(row, draws))
      .map { $0 - $1 }
    var expected = [Double](repeating: 0, count: change.count)
    if setting.kind == "reinforce" {
      let p = row.probabilities()
      for index in expected.indices {
        let hit = Int(draws.codes[0][index / 4]) == index % 4 ? 1.0 : 0
        expected[index] = 2.5 * (hit - p[index % 12])
      }
    }
    #expect(largestDifference(change, expected) < 1e-12)
  }

  @Test(arguments: Setting.all)
  func scaledCostsScaleTheEstimate(setting: Setting) throws {
    let estimator = try setting.make()
    let draws = arbitraryDraws(estimator.plan, row, count: count, seed: 25)
    var scaled = draws
    scaled.values = draws.values.map { $0.map { -3 * $0 } }
    scaled.gradients = draws.gradients.map { -3 * $0 }
    scaled.softGradients = draws.softGradients.map { -3 * $0 }
    let expected = estimator.estimates(row, draws).map { -3 * $0 }
    #expect(largestDifference(estimator.estimates(row, scaled), expected) < 1e-12)
  }

  @Test(arguments: Setting.all)
  func estimatesSumToZeroOverTheCategories(setting: Setting) throws {
    let estimator = try setting.make()
    let draws = arbitraryDraws(estimator.plan, row, count: count, seed: 26)
    let estimates = estimator.estimates(row, draws)
    let sums = (0..<count * 3).map { estimates[$0 * 4..<$0 * 4 + 4].reduce(0, +) }
    if setting.sumsToZero {
      #expect(sums.allSatisfy { abs($0) < 1e-12 })
    } else {
      #expect(sums.contains { abs($0) > 0.1 })
    }
  }

  /// A constant cost has gradient 0, and all but REINFORCE say so in every draw.
  @Test(arguments: Setting.all)
  func constantCostsGiveZero(setting: Setting) throws {
    let estimator = try setting.make()
    var draws = arbitraryDraws(estimator.plan, row, count: count, seed: 27)
    draws.values = draws.values.map { $0.map { _ in 4 } }
    draws.gradients = draws.gradients.map { _ in 0 }
    draws.softGradients = draws.gradients
    let estimates = estimator.estimates(row, draws)
    #expect(estimates.allSatisfy { abs($0) < 1e-12 } == (setting.kind != "reinforce"))
  }
}

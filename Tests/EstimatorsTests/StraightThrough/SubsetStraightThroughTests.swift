import Discrete
import Estimators
import Testing

/// SIMPLE: subsets of a given size.
@Suite struct SubsetStraightThroughTests {
  /// With one latent on it is softmax straight-through over the latents, draw by draw.
  @Test func subsetsOfOneAreStraightThrough() throws {
    let psi = [0.4, -1.2, 2.1, 0.3]
    let binary = RowLogits(latents: 4, categories: 2, values: psi.flatMap { [0.7, 0.7 + $0] })
    let categorical = RowLogits(latents: 1, categories: 4, values: psi)
    let cost = SmallCost.quadratic(latents: 4, categories: 2, curved: true, seed: 94)
    let simple = try EstimatorRegistry.make("simple", ["k": .integer(1)])
    let st = try EstimatorRegistry.make("st")
    let draws = drawsWithOwnPoints(simple, binary, cost, count: 200, seed: 95)
    var plain = RowDraws(count: 200)
    plain.codes = [
      try runs(draws.probes.codes, 4).map { Int32(try #require($0.firstIndex(of: 1))) }
    ]
    plain.gradients = runs(draws.probes.codeGradients, 2).map { $0[1] - $0[0] }
    #expect(Set(plain.codes[0]).count == 4)
    let gradients = runs(simple.estimates(binary, draws), 2)
    #expect(
      largestDifference(gradients.map { $0[1] }, st.estimates(categorical, plain)) < 1e-12)
    #expect(gradients.allSatisfy { $0[0] == -$0[1] })
  }

  /// Moments over the subsets against draws. |z| < 5 over 20 scores: false alarm 1e-5.
  @Test func momentsAgainstDraws() throws {
    let row = SmallCost.reference(latents: 5, categories: 2).row
    let cost = SmallCost.quadratic(latents: 5, categories: 2, curved: true, seed: 96)
    let estimator = try EstimatorRegistry.make("simple", ["k": .integer(2)])
    let exact = try #require(try estimator.exact?.exactMoments(row, cost.jointCodes(row))).moments
    let draws = drawsWithOwnPoints(estimator, row, cost, count: 40_000, seed: 97)
    #expect(runs(draws.probes.codes, 5).allSatisfy { $0.reduce(0, +) == 2 })
    let estimates = estimator.estimates(row, draws)
    for (index, found) in coordinateMeans(estimates, width: 10).enumerated() {
      #expect(abs(found.mean - exact.mean[index]) < 5 * found.error)
    }
    let squares = runs(estimates, 10).flatMap { run in
      run.indices.map { (run[$0] - exact.mean[$0]) * (run[$0] - exact.mean[$0]) }
    }
    for (index, found) in coordinateMeans(squares, width: 10).enumerated() {
      #expect(abs(found.mean - exact.covariance[11 * index]) < 5 * found.error)
    }
  }

  @Test func sizesThatDoNotFitAreRefused() throws {
    let descriptor = try #require(EstimatorRegistry.named("simple"))
    func refusal(_ latents: Int, _ k: Int) throws -> String? {
      descriptor.refusal(
        LayerShape(rows: 1, latents: latents, categories: 2),
        try ResolvedParameters(["k": .integer(k)], specs: descriptor.parameters))
    }
    #expect(try refusal(3, 3) == nil)
    #expect(try refusal(3, 4)?.contains("give k: 3 or less") == true)
    #expect(try refusal(300, 4)?.contains("at most 256") == true)
  }

  /// All latents on, and logits far apart: finite numbers.
  @Test func extremes() throws {
    for (values, k) in [
      ([0, 700, 0, -700, 0, 5], 1), ([0, 700, 0, -700, 0, 5], 2), ([0, 1, 0, 2, 0, 3], 3),
      ([700, -700, 700, -700, 700, -700], 2),
    ] as [([Double], Int)] {
      let row = RowLogits(latents: 3, categories: 2, values: values)
      let cost = SmallCost.quadratic(latents: 3, categories: 2, curved: true, seed: 98)
      let estimator = try EstimatorRegistry.make("simple", ["k": .integer(k)])
      let draws = drawsWithOwnPoints(estimator, row, cost, count: 20, seed: 99)
      #expect(runs(draws.probes.codes, 3).allSatisfy { $0.reduce(0, +) == Int32(k) })
      let estimates = estimator.estimates(row, draws)
      #expect(estimates.allSatisfy { $0.isFinite })
      if k == 3 { #expect(estimates.allSatisfy { abs($0) < 1e-14 }) }
    }
  }
}

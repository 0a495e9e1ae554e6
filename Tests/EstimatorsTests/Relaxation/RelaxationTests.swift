import Discrete
import Estimators
import Foundation
import Testing

/// Relaxations: each estimate is the derivative of its own relaxed cost, noise held fixed.
@Suite struct RelaxationTests {
  /// Estimates against differences of the cost at the soft points. With fixed codes the engine's
  /// noise moves with the logits, so the perturbed values are shifted by hand.
  @Test(arguments: [
    Setting("gumbel-sparsemax", ["tau": .number(0.8)]), Setting("gumbel-entmax"),
    Setting("gumbel-entmax", ["tau": .number(0.4)]), Setting("gumbel-softmax"),
    Setting("hard-concrete"),
    Setting("gaussian-softmax", ["noise-scale": .number(0.7), "tau": .number(0.8)]),
  ])
  func estimatesAreDerivatives(setting: Setting) throws {
    let (latents, categories) = setting.kind == "hard-concrete" ? (3, 2) : (2, 4)
    let (row, cost) = SmallCost.reference(latents: latents, categories: categories)
    let estimator = try setting.make()
    let draws = drawsWithOwnPoints(estimator, row, cost, count: 60, seed: 110)
    let width = cost.width
    let estimates = estimator.estimates(row, draws)
    func values(_ index: Int, _ offset: Double) throws -> [Double] {
      var moved = row.values
      moved[index] += offset
      let other = RowLogits(latents: latents, categories: categories, values: moved)
      var shifted = draws
      for draw in 0..<draws.count where !shifted.perturbed.isEmpty {
        shifted.perturbed[draw * width + index] += offset
      }
      let points =
        estimator.plan.relaxed
        ? try #require(estimator.coupled?.softPoints(other, shifted))
        : (estimator.probing?.probes(other, shifted).soft ?? [])
      return runs(points, width).map { cost.value($0) }
    }
    var compared = 0
    for index in 0..<width {
      let step = 1e-5
      let (up, down) = (try values(index, step), try values(index, -step))
      let (up2, down2) = (try values(index, 2 * step), try values(index, -2 * step))
      for draw in 0..<60 {
        let gradient = (up[draw] - down[draw]) / (2 * step)
        let second = (up2[draw] - down2[draw]) / (4 * step)
        // Where two steps disagree a kink lies between.
        guard abs(gradient - second) < 1e-7 else { continue }
        compared += 1
        #expect(abs(gradient - estimates[draw * width + index]) < 1e-6)
      }
    }
    #expect(compared > 57 * width)
    #expect(estimates.contains { abs($0) > 0.01 })
  }

  /// The maps by their definitions: sums, sparsity, and the threshold equation.
  @Test func sparseMaps() throws {
    let row = RowLogits(latents: 1, categories: 4, values: [0, 0, 0, 0])
    let values = [0.9, 0.5, -0.2, -3]
    for (kind, tau) in [("gumbel-sparsemax", 1.0), ("gumbel-entmax", 1), ("gumbel-entmax", 0.3)] {
      let estimator = try EstimatorRegistry.make(kind, ["tau": .number(tau)])
      let draws = RowDraws(count: 1, codes: [[0]], perturbed: values)
      let y = try #require(estimator.coupled?.softPoints(row, draws))
      #expect(abs(y.reduce(0, +) - 1) < 1e-14)
      #expect(y[3] == 0 && y[0] > y[1])
      // On the support the inverse map differs from the values by one constant.
      let inverse = (0..<4).filter { y[$0] > 0 }.map {
        kind == "gumbel-sparsemax"
          ? values[$0] / tau - y[$0] : values[$0] / tau - 2 * y[$0].squareRoot()
      }
      for value in inverse { #expect(abs(value - inverse[0]) < 1e-14) }
      // Off the support the value is below the threshold.
      for k in 0..<4 where y[k] == 0 { #expect(values[k] / tau <= inverse[0] + 1e-14) }
    }
    let sparse = try EstimatorRegistry.make("gumbel-sparsemax")
    let y =
      sparse.coupled?.softPoints(row, RowDraws(count: 1, codes: [[0]], perturbed: values)) ?? []
    #expect(largestDifference(y, [0.7, 0.3, 0, 0]) < 1e-15)
  }

  @Test(arguments: ["gumbel-sparsemax", "gumbel-entmax", "gaussian-softmax", "redge"])
  func extremes(kind: String) throws {
    // K = 1 is refused by no kind here.
    for (latents, categories, values) in [
      (2, 1, [3, -200]), (2, 3, [700, -700, 0, -700, -700, 700]), (1, 2, [0, 0]),
    ] as [(Int, Int, [Double])] {
      for tau in [1e-300, 1e-3, 1, 1e300] {
        if kind == "redge" && tau != 1 { continue }
        let row = RowLogits(latents: latents, categories: categories, values: values)
        let cost = SmallCost.quadratic(
          latents: latents, categories: categories, curved: true, seed: 111)
        let estimator = try EstimatorRegistry.make(
          kind, kind == "redge" ? [:] : ["tau": .number(tau)])
        let draws = drawsWithOwnPoints(estimator, row, cost, count: 30, seed: 112)
        // Infinite factors 1/tau belong to the definition; numbers are finite down to 1e-3.
        guard tau >= 1e-3 else { continue }
        #expect(estimator.estimates(row, draws).allSatisfy { $0.isFinite }, "\(tau) \(values)")
      }
    }
  }

  /// One latent: exact for any smooth cost on both paths. Several: 'one' and 'each' are unbiased, 'all' is not.
  /// |z| < 5 over 16 scores: false alarm 1e-5.
  @Test func uniformPath() throws {
    func worst(_ path: String, _ latents: Int) throws -> Double {
      let (row, cost) = SmallCost.reference(latents: latents, categories: 2)
      let estimator = try EstimatorRegistry.make("uniform-path", ["path": .text(path)])
      let draws = drawsWithOwnPoints(estimator, row, cost, count: 100_000, seed: 113)
      let target = cost.target(row).gradient
      return coordinateMeans(estimator.estimates(row, draws), width: 2 * latents).enumerated()
        .map { abs($1.mean - target[$0]) / $1.error }.max() ?? 0
    }
    #expect(try worst("one", 1) < 5)
    #expect(try worst("all", 1) < 5)
    #expect(try worst("one", 3) < 5)
    #expect(try worst("each", 3) < 5)
    #expect(try worst("all", 3) > 10)
  }

  /// The mean over all uniforms is the gradient under the sparse distribution, for one latent without
  /// variance; the derivative itself by differences of `E_q f`.
  @Test(arguments: ["sparsemax", "entmax-1.5"])
  func sparseMarginalisation(map: String) throws {
    let estimator = try EstimatorRegistry.make("sparsemax-marginal", ["map": .text(map)])
    let sparse = try EstimatorRegistry.make(
      map == "sparsemax" ? "gumbel-sparsemax" : "gumbel-entmax")
    for latents in [1, 2] {
      let cost = SmallCost.reference(latents: latents, categories: 4).cost
      let values = [0.9, 0.5, -0.4, -2.5, 0.1, 0.2, -3, 0.15].prefix(4 * latents)
      func distribution(_ values: [Double]) throws -> [Double] {
        let row = RowLogits(latents: latents, categories: 4, values: values)
        return try #require(
          sparse.coupled?.softPoints(row, RowDraws(count: 1, codes: [[0, 0]], perturbed: values)))
      }
      func expectation(_ values: [Double]) throws -> Double {
        let weights = JointCodes(latents: latents, categories: 4).weights(try distribution(values))
        return zip(weights, cost.table().values).reduce(0) { $0 + $1.0 * $1.1 }
      }
      let row = RowLogits(latents: latents, categories: 4, values: Array(values))
      #expect(try distribution(row.values)[3] == 0)
      let atoms = try #require(estimator.uniformAtoms(row))
      let pairs = atoms.latents[0].flatMap { a in
        (latents == 1 ? [UniformAtom(weight: 1, uniforms: [])] : atoms.latents[1]).map {
          (weight: a.weight * $0.weight, uniforms: a.uniforms + $0.uniforms)
        }
      }
      var draws = RowDraws(count: pairs.count)
      draws.uniforms = pairs.flatMap(\.uniforms)
      draws.probes = estimator.probing?.probes(row, draws) ?? Probes()
      #expect(draws.probes.codes.count == pairs.count * latents * (1 + 3 * latents))
      draws.probes.codeValues = runs(draws.probes.codes, latents).map {
        cost.value(cost.oneHot($0))
      }
      let estimates = runs(estimator.estimates(row, draws), 4 * latents)
      for index in 0..<4 * latents {
        let mean = zip(pairs, estimates).reduce(0) { $0 + $1.0.weight * $1.1[index] }
        var (up, down) = (row.values, row.values)
        up[index] += 1e-4
        down[index] -= 1e-4
        let gradient = (try expectation(up) - expectation(down)) / 2e-4
        #expect(abs(mean - gradient) < 1e-6)
        if latents == 1 { #expect(estimates.allSatisfy { abs($0[index] - mean) < 1e-14 }) }
      }
    }
  }

  /// At the end of the path it is the 1/2-estimator.
  @Test func uniformPathEndsInTheHalfEstimator() throws {
    let (row, cost) = SmallCost.reference(latents: 3, categories: 2)
    let estimator = try EstimatorRegistry.make("uniform-path", ["path": .text("all")])
    var draws = drawsWithOwnPoints(estimator, row, cost, count: 100, seed: 114)
    draws.uniforms = draws.uniforms.map { _ in 1 }
    draws.probes = estimator.probing?.probes(row, draws) ?? Probes()
    let hard = runs(draws.codes[0], 3).map { cost.oneHot($0) }
    #expect(draws.probes.soft == hard.flatMap(\.self))
    draws.probes.softGradients = hard.flatMap { cost.gradient($0) }
    draws.gradients = draws.probes.softGradients
    let half = try EstimatorRegistry.make("half-estimator")
    #expect(
      largestDifference(estimator.estimates(row, draws), half.estimates(row, draws)) < 1e-15)
  }

  /// Two steps with `t_1 = 1` draw from the softmax distribution and differentiate it: straight-through.
  @Test func reDGEOfTwoStepsIsStraightThrough() throws {
    let (row, cost) = SmallCost.reference(latents: 2, categories: 3)
    let redge = try EstimatorRegistry.make("redge", ["steps": .integer(2), "t1": .number(1)])
    let st = try EstimatorRegistry.make("st")
    let draws = drawsWithOwnPoints(redge, row, cost, count: 200, seed: 115)
    var plain = RowDraws(count: 200, codes: [draws.probes.codes])
    plain.gradients = draws.probes.codeGradients
    #expect(largestDifference(redge.estimates(row, draws), st.estimates(row, plain)) < 1e-12)
    // Draws follow the distribution: |z| < 5 for 6 frequencies.
    let many = drawsWithOwnPoints(redge, row, cost, count: 40_000, seed: 116)
    let hits = runs(many.probes.codes, 2).flatMap { cost.oneHot($0) }
    let distribution = row.probabilities()
    for (index, found) in coordinateMeans(hits, width: 6).enumerated() {
      #expect(abs(found.mean - distribution[index]) < 5 * found.error)
    }
  }

  /// The backward recursion against differences of the denoised distribution, which the draws reveal: the
  /// drawn category changes where the uniform passes its distribution function.
  @Test(arguments: [2, 3, 5])
  func reDGEDifferentiatesItsDistribution(steps: Int) throws {
    let weights = [0.3, -0.9, 1.4]
    let estimator = try EstimatorRegistry.make("redge", ["steps": .integer(steps)])
    // Three normals take two pairs of uniforms.
    func noise(_ key: Double) -> [Double] { [key, 0.31, 1 - key, 0.77] }
    func distribution(_ values: [Double], _ key: Double) -> [Double] {
      let row = RowLogits(latents: 1, categories: 3, values: values)
      let edges = (0..<2).map { category -> Double in
        var (low, high) = (0.0, 1.0)
        for _ in 0..<52 {
          let middle = 0.5 * (low + high)
          var draws = RowDraws(count: 1)
          draws.uniforms = noise(key) + [middle]
          if let code = estimator.probing?.probes(row, draws).codes.first, code <= Int32(category) {
            low = middle
          } else {
            high = middle
          }
        }
        return low
      }
      return [edges[0], edges[1] - edges[0], 1 - edges[1]]
    }
    func mean(_ values: [Double], _ key: Double) -> Double {
      zip(distribution(values, key), weights).reduce(0) { $0 + $1.0 * $1.1 }
    }
    for key in [0.1234, 0.777, 0.4] {
      let values = [0.4, -0.3, 0.9]
      var draws = RowDraws(count: 1)
      draws.uniforms = noise(key) + [0.5]
      draws.probes.codeGradients = weights
      let estimate = estimator.estimates(
        RowLogits(latents: 1, categories: 3, values: values), draws)
      for index in 0..<3 {
        var (up, down) = (values, values)
        up[index] += 1e-4
        down[index] -= 1e-4
        let gradient = (mean(up, key) - mean(down, key)) / 2e-4
        #expect(abs(gradient - estimate[index]) < 1e-7)
      }
    }
  }
}

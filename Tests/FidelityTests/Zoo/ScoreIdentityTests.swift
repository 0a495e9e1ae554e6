import Discrete
import Estimators
import Fidelity
import Foundation
import Tensors
import Testing

/// Identities of the score-function and coupled estimators.
@Suite struct ScoreIdentityTests {
  private func make(
    _ kind: String, _ parameters: [String: ParameterValue] = [:]
  ) throws -> any GradientEstimator {
    try EstimatorRegistry.make(kind, parameters)
  }

  private func difference(_ a: [Double], _ b: [Double]) -> Double {
    guard a.count == b.count else { return .infinity }
    return zip(a, b).reduce(0) { max($0, abs($1.0 - $1.1)) }
  }

  /// Draw by draw on the same draws of the engine.
  @Test func specialCasesDrawByDraw() throws {
    let problem = try ExactZoo(latents: 2, categories: 3).problem
    func estimates(
      _ kind: String, _ parameters: [String: ParameterValue] = [:]
    ) throws -> [Double] {
      try SampledZoo(problem, make(kind, parameters), count: 500).estimates
    }
    let reinforce = try estimates("reinforce")
    #expect(difference(try estimates("rebar", ["eta": .number(0)]), reinforce) == 0)
    #expect(difference(try estimates("relax"), reinforce) < 1e-14)
    #expect(difference(try estimates("reinforce-ema"), reinforce) < 1e-14)
    #expect(difference(try estimates("nvil"), reinforce) < 1e-14)
    #expect(difference(try estimates("simple-muprop", ["eta": .number(0)]), reinforce) < 1e-14)
    #expect(difference(try estimates("rodeo"), try estimates("reinforce-loo")) > 0.01)
    for samples in [2, 3] {
      let n: [String: ParameterValue] = ["samples": .integer(samples)]
      let loo = try estimates("reinforce-loo", n)
      #expect(
        difference(try estimates("double-cv", n.merging(["alpha": .number(0)]) { $1 }), loo)
          < 1e-14)
      #expect(difference(try estimates("double-cv-tuned", n), loo) < 1e-14)
      #expect(difference(try estimates("rodeo-tuned", n), loo) < 1e-14)
      let without: [String: ParameterValue] = ["alpha": .number(0), "beta": .number(0)]
      #expect(difference(try estimates("rodeo", n.merging(without) { $1 }), loo) < 1e-14)
    }
  }

  /// `reinforce-loo` with two draws is `(f1 - f2)(z1 - z2)/2`.
  @Test func leaveOneOutOfTwo() throws {
    let sampled = try SampledZoo(
      ExactZoo(latents: 2, categories: 3).problem, make("reinforce-loo"), count: 200)
    var expected = [Double](repeating: 0, count: 1200)
    for draw in 0..<200 {
      let half = 0.5 * (sampled.draws.values[0][draw] - sampled.draws.values[1][draw])
      for latent in 0..<2 {
        let base = draw * 6 + latent * 3
        expected[base + Int(sampled.draws.codes[0][draw * 2 + latent])] += half
        expected[base + Int(sampled.draws.codes[1][draw * 2 + latent])] -= half
      }
    }
    #expect(difference(sampled.estimates, expected) < 1e-14)
  }

  /// An unordered set of one joint code is REINFORCE at that joint code.
  @Test func aSetOfOneJointCode() throws {
    let problem = try ExactZoo(latents: 2, categories: 3).problem
    let sampled = try SampledZoo(
      problem, make("unordered-set", ["k": .integer(1)]), count: 300)
    var draws = RowDraws(
      count: 300, codes: [sampled.draws.probes.codes], values: [sampled.draws.probes.codeValues])
    draws.uniforms = sampled.draws.uniforms
    var expected = [Double](repeating: 0, count: sampled.estimates.count)
    try make("reinforce").combine(problem.logits.row(0), draws, into: &expected)
    #expect(difference(sampled.estimates, expected) < 1e-13)
  }

  /// With two categories ARSM is ARM, with `u = w_0`; both at the points they choose themselves.
  @Test func swapsOfTwoCategoriesAreAntithetic() throws {
    let problem = try ExactZoo(latents: 3, categories: 2).problem
    let row = problem.logits.row(0)
    let sampled = try SampledZoo(problem, make("arsm"), count: 400)
    var draws = RowDraws(count: 400)
    draws.uniforms = (0..<1200).map { index in
      let (a, b) = (
        -log(sampled.draws.uniforms[2 * index]), -log(sampled.draws.uniforms[2 * index + 1])
      )
      return a / (a + b)
    }
    let arm = try make("arm")
    draws.probes = arm.probing?.probes(row, draws) ?? Probes()
    #expect(draws.probes.codes == sampled.draws.probes.codes)
    draws.probes.codeValues = sampled.draws.probes.codeValues
    var expected = [Double](repeating: 0, count: sampled.estimates.count)
    arm.combine(row, draws, into: &expected)
    #expect(difference(sampled.estimates, expected) < 1e-12)
  }

  /// DisARM is the mean of ARM over the uniforms that give its pair.
  @Test func disarmIntegratesARM() throws {
    let problem = try ExactZoo(latents: 2, categories: 2).problem
    let row = problem.logits.row(0)
    let (arm, disarm) = (try make("arm"), try make("disarm"))
    let atoms = try #require(disarm.uniformAtoms(row)).latents
    var middle = RowDraws(count: 1)
    // One piece of each latent at a time, integrated by Gauss points of its own.
    for a in atoms[0] {
      for b in atoms[1] {
        middle.uniforms = a.uniforms + b.uniforms
        middle.probes = disarm.probing?.probes(row, middle) ?? Probes()
        middle.probes.codeValues = [0.7, -1.1]
        var expected = [Double](repeating: 0, count: 4)
        disarm.combine(row, middle, into: &expected)
        // ARM is odd in u - 1/2 for a pair that differs; the piece and its mirror give one pair each.
        var sum = [Double](repeating: 0, count: 4)
        var weight = 0.0
        for (u, uWeight) in nodes(a) {
          for (v, vWeight) in nodes(b) {
            var draws = RowDraws(count: 1)
            draws.uniforms = [u, v]
            draws.probes = arm.probing?.probes(row, draws) ?? Probes()
            #expect(draws.probes.codes == middle.probes.codes)
            draws.probes.codeValues = [0.7, -1.1]
            var g = [Double](repeating: 0, count: 4)
            arm.combine(row, draws, into: &g)
            for index in 0..<4 { sum[index] += uWeight * vWeight * g[index] }
            weight += uWeight * vWeight
          }
        }
        // Where both bits are the same, DisARM is 0 and ARM vanishes over the piece on average.
        #expect(difference(sum.map { $0 / weight }, expected) < 1e-12)
      }
    }
  }

  /// Two nodes around the middle of a piece: exact for what is linear in the uniform.
  private func nodes(_ atom: UniformAtom) -> [(Double, Double)] {
    [-0.25, 0.25].map { (atom.uniforms[0] + $0 * atom.weight, 0.5) }
  }

  /// With two categories the coupled families have DisARM's moments.
  @Test func twoCategoriesGiveDisARM() throws {
    let zoo = try ExactZoo(latents: 3, categories: 2)
    let expected = try zoo.moments(make("disarm"))
    var settings: [ZooSetting] = ["carms-i", "disarm-iw", "disarm-sb", "disarm-tree"].map {
      ZooSetting($0)
    }
    settings.append(ZooSetting("arms", ["samples": .integer(2)]))
    settings.append(ZooSetting("ugc", ["threshold": .number(0)]))
    for setting in settings {
      let moments = try zoo.moments(setting.make())
      #expect(difference(moments.mean, expected.mean) < 1e-13, "\(setting)")
      #expect(abs(moments.variance - expected.variance) < 1e-13, "\(setting)")
    }
    let arm = try zoo.moments(make("arm"))
    #expect(arm.variance > expected.variance)
    let flip = try zoo.moments(make("bitflip-1"))
    let all = try zoo.moments(make("ugc", ["threshold": .number(1)]))
    #expect(abs(flip.variance - all.variance) < 1e-13)
    #expect(
      abs(try zoo.moments(make("arsm")).variance - arm.variance) < 1e-13)
  }

  /// No variance where nothing is left to draw.
  @Test func exactSpecialCases() throws {
    let zoo = try ExactZoo(latents: 2, categories: 2)
    for setting in [
      ZooSetting("enumeration"), ZooSetting("sum-and-sample", ["k": .integer(4)]),
      ZooSetting("unordered-set", ["k": .integer(4)]),
      ZooSetting("unordered-set", ["k": .integer(4), "baseline": .flag(false)]),
    ] {
      let moments = try zoo.moments(setting.make())
      #expect(zoo.bias(moments.mean) < 1e-13, "\(setting)")
      #expect(moments.variance < 1e-26, "\(setting)")
    }
    let all = try SampledZoo(
      zoo.problem, make("reinforce-wor", ["k": .integer(4), "baseline": .flag(false)]), count: 20)
    #expect(all.moments.error.allSatisfy { $0 < 1e-14 })
    let one = try ExactZoo(latents: 1, categories: 4)
    let local = try one.moments(make("leg"))
    #expect(one.bias(local.mean) < 1e-14 && local.variance < 1e-28)
  }

  /// The set estimate without baseline is the mean of the ordered sum-and-sample over the orders.
  @Test func theSetSumsTheOrdersOut() throws {
    let zoo = try ExactZoo(latents: 2, categories: 3)
    let row = zoo.problem.logits.row(0)
    let set = try make("unordered-set", ["k": .integer(3), "baseline": .flag(false)])
    let sampled = try SampledZoo(zoo.problem, set, count: 40)
    let distribution = row.probabilities()
    for draw in 0..<40 {
      let codes = (0..<3).map { point in
        (0..<2).map { Int(sampled.draws.probes.codes[(draw * 3 + point) * 2 + $0]) }
      }
      let weights = codes.map { distribution[$0[0]] * distribution[3 + $0[1]] }
      let values = (0..<3).map { sampled.draws.probes.codeValues[draw * 3 + $0] }
      var expected = [Double](repeating: 0, count: 6)
      var total = 0.0
      for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        var probability = 1.0
        var left = 1.0
        for index in order {
          probability *= weights[index] / left
          left -= weights[index]
        }
        total += probability
        // The first two summed out, the last one for everything else.
        let shares = [
          weights[order[0]], weights[order[1]], 1 - weights[order[0]] - weights[order[1]],
        ]
        for (index, share) in zip(order, shares) {
          for coordinate in 0..<6 {
            let on = codes[index][coordinate / 3] == coordinate % 3 ? 1.0 : 0
            expected[coordinate] +=
              probability * share * values[index] * (on - distribution[coordinate])
          }
        }
      }
      let found = Array(sampled.estimates[draw * 6..<(draw + 1) * 6])
      #expect(difference(found, expected.map { $0 / total }) < 1e-12)
    }
  }

  /// The measure-valued derivative, averaged over its negative part, is the local enumeration.
  @Test func theNegativePartAveragesToLocalEnumeration() throws {
    let zoo = try ExactZoo(latents: 2, categories: 3)
    let row = zoo.problem.logits.row(0)
    let (mvd, leg) = (try make("mvd"), try make("leg"))
    let sampled = try SampledZoo(zoo.problem, leg, count: 30)
    let atoms = try #require(mvd.uniformAtoms(row)).latents
    var mean = [Double](repeating: 0, count: sampled.estimates.count)
    for (a, b) in atoms[0].flatMap({ a in atoms[1].map { (a, $0) } }) {
      var draws = sampled.draws
      draws.uniforms = (0..<30).flatMap { _ in a.uniforms + b.uniforms }
      var estimates = mean
      mvd.combine(row, draws, into: &estimates)
      for index in mean.indices { mean[index] += a.weight * b.weight * estimates[index] }
    }
    #expect(difference(mean, sampled.estimates) < 1e-13)
  }

  /// Own closed forms of the moments against the sum over all outcomes of `combine`.
  @Test func closedFormsAreThoseOfCombine() throws {
    struct Plain: GradientEstimator {
      let base: any GradientEstimator
      var plan: EvaluationPlan { base.plan }
      var probing: (any ProbingEstimator)? { base.probing }
      func combine(_ row: RowLogits, _ draws: RowDraws, into estimates: inout [Double]) {
        base.combine(row, draws, into: &estimates)
      }
    }
    let zoo = try ExactZoo(latents: 2, categories: 3)
    for setting in [
      ZooSetting("leg", ["samples": .integer(2)]), ZooSetting("mvd"),
      ZooSetting("reinforce-independent", ["samples": .integer(3)]),
      ZooSetting("reinforce-constant", ["baseline": .number(0.3)]),
    ] {
      let own = try zoo.moments(setting.make())
      let summed = try zoo.moments(Plain(base: setting.make()))
      #expect(difference(own.mean, summed.mean) < 1e-13, "\(setting)")
      #expect(abs(own.variance - summed.variance) < 1e-13, "\(setting)")
    }
  }
}

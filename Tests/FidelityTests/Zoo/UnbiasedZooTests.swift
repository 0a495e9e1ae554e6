import Discrete
import Estimators
import Fidelity
import Foundation
import Tensors
import Testing

/// Unbiased means unbiased: by enumeration of all randomness where it is finite, by draws where it
/// is not.
@Suite struct UnbiasedZooTests {
  private static func integer(_ kind: String, _ name: String, _ value: Int) -> ZooSetting {
    ZooSetting(kind, [name: .integer(value)])
  }

  /// Settings whose randomness is enumerated on every shape below.
  static let finite: [ZooSetting] = [
    ZooSetting("enumeration"), ZooSetting("reinforce-constant", ["baseline": .number(-1.3)]),
    integer("leg", "samples", 3), ZooSetting("mvd"), ZooSetting("bitflip-1"), ZooSetting("spa"),
    ZooSetting("muprop"), ZooSetting("simple-muprop", ["eta": .number(0.4)]),
    ZooSetting("double-cv", ["alpha": .number(-1.7)]),
    ZooSetting("rodeo", ["alpha": .number(1.4), "beta": .number(-0.6), "scale": .number(3)]),
    integer("sum-and-sample", "k", 2),
    ZooSetting("sum-and-sample", ["k": .integer(2), "baseline": .number(0.4)]),
    integer("unordered-set", "k", 2),
    ZooSetting("unordered-set", ["k": .integer(2), "baseline": .flag(false)]),
    ZooSetting("reinforce-ema"), ZooSetting("nvil"),
    integer("reinforce-independent", "samples", 4), ZooSetting("reinforce-stratified"),
    ZooSetting("reinforce-systematic", ["samples": .integer(3), "baseline": .number(0.2)]),
    ZooSetting("reinforce-importance"), ZooSetting("carms-i"), ZooSetting("disarm-iw"),
    ZooSetting("disarm-sb"), ZooSetting("disarm-sb", ["order": .text("natural")]),
    ZooSetting("disarm-sb", ["order": .text("descending")]),
  ]

  /// Finite for two categories only.
  static let binary: [ZooSetting] = [
    ZooSetting("augment-reinforce"), ZooSetting("arm"), ZooSetting("ars"), ZooSetting("arsm"),
    integer("arms", "samples", 2), integer("arms", "samples", 3), integer("arms", "samples", 5),
    ZooSetting("ugc", ["threshold": .number(0)]), ZooSetting("ugc", ["threshold": .number(0.35)]),
    ZooSetting("ugc", ["threshold": .number(1)]), ZooSetting("disarm-tree"),
  ]

  @Test(arguments: finite, [(2, 3), (3, 2), (2, 4), (1, 3)])
  func byEnumeration(setting: ZooSetting, shape: (Int, Int)) throws {
    let zoo = try ExactZoo(latents: shape.0, categories: shape.1)
    #expect(zoo.bias(try zoo.moments(setting.make()).mean) < 1e-12)
  }

  @Test(arguments: binary, [1, 2, 3])
  func binaryByEnumeration(setting: ZooSetting, latents: Int) throws {
    let zoo = try ExactZoo(latents: latents, categories: 2)
    #expect(zoo.bias(try zoo.moments(setting.make()).mean) < 1e-12)
  }

  @Test func theTreeByEnumeration() throws {
    let zoo = try ExactZoo(latents: 2, categories: 4)
    #expect(zoo.bias(try zoo.moments(ZooSetting("disarm-tree").make()).mean) < 1e-12)
  }

  /// Continuous randomness, as the engine draws it: 60,000 draws, 6 coordinates of 28 settings,
  /// |z| < 5: false alarm below 1e-4 in all.
  @Test(
    arguments: [
      ZooSetting("augment-reinforce"), ZooSetting("ars"), ZooSetting("arsm"),
      integer("carms-i", "samples", 3), integer("carms-i", "samples", 5), ZooSetting("rebar"),
      ZooSetting("rebar", ["eta": .number(0.6), "tau": .number(0.3)]), ZooSetting("relax"),
      integer("reinforce-wor", "k", 2), integer("reinforce-wor", "k", 4),
      ZooSetting("reinforce-wor", ["k": .integer(3), "baseline": .flag(false)]),
      integer("reinforce-stratified", "samples", 3), integer("leg", "samples", 2),
      integer("reinforce-independent", "samples", 3),
    ], [(2, 3), (3, 2)])
  func byDraws(setting: ZooSetting, shape: (Int, Int)) throws {
    let zoo = try ExactZoo(latents: shape.0, categories: shape.1)
    var estimator = try setting.make()
    if let learned = estimator.learned {
      estimator = try learned.fitted(TestFittingSource(problem: zoo.problem))
    }
    let sampled = try SampledZoo(zoo.problem, estimator, count: 60_000)
    #expect(sampled.largestScore(zoo.target) < 5)
  }

  @Test(arguments: [4, 12])
  func armsByDraws(samples: Int) throws {
    let zoo = try ExactZoo(latents: 3, categories: 2)
    let estimator = try Self.integer("arms", "samples", samples).make()
    #expect(
      try SampledZoo(zoo.problem, estimator, count: 40_000).largestScore(zoo.target) < 5)
  }

  /// The usual mistakes are seen.
  @Test func wrongFormsAreBiased() throws {
    let zoo = try ExactZoo(latents: 2, categories: 3)
    #expect(zoo.bias(try zoo.moments(CategoricalARMS.oneOrder(samples: 2)).mean) > 0.03)
    #expect(zoo.bias(try zoo.moments(DisARMImportance.descending()).mean) > 0.01)
    let detached = Rebar.detachedNoise(tau: 0.5, eta: 1)
    #expect(
      try SampledZoo(zoo.problem, detached, count: 60_000).largestScore(zoo.target) > 20)
  }

  /// An average that contains the current cost scales the gradient by the decay.
  @Test func aBaselineThatContainsItsDrawShrinks() throws {
    struct Contaminated: GradientEstimator {
      let decay: Double
      var plan: EvaluationPlan { EvaluationPlan(values: true) }
      func combine(_ row: RowLogits, _ draws: RowDraws, into estimates: inout [Double]) {
        Reinforce().combine(row, draws, into: &estimates)
        for index in estimates.indices {
          let value = draws.values[0][index / row.values.count]
          let baseline = decay * 0.4 + (1 - decay) * value
          estimates[index] *= value == 0 ? 1 : (value - baseline) / value
        }
      }
    }
    let zoo = try ExactZoo(latents: 2, categories: 3)
    let mean = try zoo.moments(Contaminated(decay: 0.95)).mean
    #expect(relativeDifference(mean, zoo.target.map { 0.95 * $0 }) < 1e-12)
  }

  /// VIMCO against the gradient of its own bound, by enumeration of pairs and triples.
  @Test(arguments: [2, 3])
  func vimcoHasItsOwnTarget(samples: Int) throws {
    let zoo = try ExactZoo(latents: 2, categories: 3)
    let row = zoo.problem.logits.row(0)
    let table = try OracleTable(oracle: zoo.problem.oracle, limit: 100, gradients: false)
    let jointCodes = RowJointCodes(
      row: row, distribution: .sample(temperature: 1), codes: table.codes,
      values: table.values(row: 0),
      gradients: [], quadratureStep: 0.2)
    let scores = jointCodes.scores()
    var target = [Double](repeating: 0, count: 6)
    var digits = [Int](repeating: 0, count: samples)
    for outcome in 0..<(samples == 2 ? 81 : 729) {
      var rest = outcome
      for index in digits.indices {
        digits[index] = rest % 9
        rest /= 9
      }
      let weight = digits.reduce(1.0) { $0 * jointCodes.weights[$1] }
      let bound = logMeanExp(digits.map { jointCodes.values[$0] })
      for index in 0..<6 {
        target[index] += weight * bound * digits.reduce(0) { $0 + scores[$1 * 6 + index] }
      }
    }
    let estimator = try ZooSetting("vimco", ["samples": .integer(samples)]).make()
    if samples == 2 {
      // With two draws the other cost stands in for each.
      let sampled = try SampledZoo(zoo.problem, estimator, count: 50)
      for draw in 0..<50 {
        let (a, b) = (sampled.draws.values[0][draw], sampled.draws.values[1][draw])
        let expected = (0..<6).map { index in
          let gains = [logMeanExp([a, b]) - b, logMeanExp([a, b]) - a]
          return (0..<2).reduce(0.0) {
            let on = Int(sampled.draws.codes[$1][draw * 2 + index / 3]) == index % 3
            return $0 + gains[$1] * ((on ? 1 : 0) - jointCodes.probabilities[index])
          }
        }
        let found = Array(sampled.estimates[draw * 6..<(draw + 1) * 6])
        #expect(zip(found, expected).allSatisfy { abs($0 - $1) < 1e-13 })
      }
    }
    let mean = try zoo.moments(estimator).mean
    #expect(relativeDifference(mean, target) < 1e-12)
    #expect(relativeDifference(mean, zoo.target) > 0.01)
  }

  /// A large step is far off, a small one near, by draws. |z| < 5 for 6 scores: false alarm 4e-6.
  @Test func directOptimisationNearsTheTarget() throws {
    let zoo = try ExactZoo(latents: 2, categories: 3)
    func moments(_ step: Double) throws -> (mean: [Double], error: [Double]) {
      try SampledZoo(
        zoo.problem, ZooSetting("direct-optimisation", ["step": .number(step)]).make(),
        count: 60_000
      ).moments
    }
    let coarse = try moments(10)
    #expect(zip(coarse.mean, zoo.target).contains { abs($0 - $1) > 0.04 })
    let fine = try moments(0.1)
    for index in zoo.target.indices {
      #expect(abs(fine.mean[index] - zoo.target[index]) < 5 * fine.error[index] + 2e-3)
    }
  }
}

private func logMeanExp(_ values: [Double]) -> Double {
  let top = values.max() ?? 0
  return top + log(values.reduce(0) { $0 + exp($1 - top) } / Double(values.count))
}

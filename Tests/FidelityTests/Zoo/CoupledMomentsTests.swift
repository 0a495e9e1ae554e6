import Discrete
import Estimators
import Fidelity
import Foundation
import Models
import Tensors
import Testing

/// Exact moments of coupled draws: sums latent by latent against sums over all outcomes, against
/// quadrature of the noise, and against draws.
@Suite struct CoupledMomentsTests {
  /// Own moments on the first row of a problem, nil where it has none.
  private func own(
    _ estimator: any GradientEstimator, _ problem: any DiscreteProblem
  ) throws -> ExactMoments? {
    let table = try OracleTable(oracle: problem.oracle, limit: 1 << 16, gradients: false)
    let row = problem.logits.row(0)
    return try estimator.exact?.exactMoments(
      row,
      RowJointCodes(
        row: row, distribution: estimator.plan.distribution, codes: table.codes,
        values: table.values(row: 0),
        gradients: [], quadratureStep: 0.2))
  }

  /// Mean and covariance over all outcomes of the uniforms, one `combine` each.
  private func enumerated(
    _ estimator: any GradientEstimator, _ problem: any DiscreteProblem
  ) throws -> RowMoments? {
    let row = problem.logits.row(0)
    guard let atoms = estimator.uniformAtoms(row) else { return nil }
    var outcomes = atoms.shared
    for latent in atoms.latents {
      outcomes = outcomes.flatMap { head in
        latent.map {
          UniformAtom(weight: head.weight * $0.weight, uniforms: head.uniforms + $0.uniforms)
        }
      }
    }
    var draws = RowDraws(count: outcomes.count)
    draws.uniforms = outcomes.flatMap(\.uniforms)
    draws.probes = estimator.probing?.probes(row, draws) ?? Probes()
    let codes = draws.probes.codes
    draws.probes.codeValues = try problem.oracle.costs(
      at: CodeBlock(
        shape: problem.shape, draws: codes.count / problem.shape.latents, indices: codes),
      gradients: false
    ).values
    var estimates = [Double](repeating: 0, count: outcomes.count * problem.shape.width)
    estimator.combine(row, draws, into: &estimates)
    return RowMoments(
      weights: outcomes.map(\.weight), vectors: estimates, width: problem.shape.width)
  }

  private func difference(_ a: [Double], _ b: [Double]) -> Double {
    guard a.count == b.count else { return .infinity }
    return zip(a, b).reduce(0) { max($0, abs($1.0 - $1.1)) }
  }

  static let enumerable: [(ZooSetting, [(Int, Int)])] = [
    (ZooSetting("disarm"), [(1, 2), (2, 2), (3, 2), (4, 2)]),
    (ZooSetting("arm"), [(1, 2), (3, 2)]), (ZooSetting("ugc"), [(3, 2)]),
    (ZooSetting("ugc", ["threshold": .number(0.4)]), [(2, 2), (3, 2)]),
    (ZooSetting("disarm-iw"), [(1, 3), (2, 3), (3, 3), (2, 4)]),
    (ZooSetting("disarm-sb"), [(2, 3), (3, 3), (2, 4)]),
    (ZooSetting("disarm-sb", ["order": .text("descending")]), [(2, 3), (2, 4)]),
    (ZooSetting("disarm-tree"), [(1, 4), (2, 4), (3, 4)]),
    (ZooSetting("carms-i"), [(1, 3), (2, 3), (3, 2), (2, 4)]),
    (ZooSetting("arms", ["samples": .integer(2)]), [(1, 2), (3, 2)]),
    (ZooSetting("arms", ["samples": .integer(3)]), [(1, 2), (3, 2)]),
    (ZooSetting("arms"), [(2, 2), (3, 2)]),
    (ZooSetting("arms", ["samples": .integer(5)]), [(2, 2), (3, 2)]),
    (ZooSetting("augment-reinforce"), [(1, 2), (3, 2)]),
    (ZooSetting("ars"), [(1, 2), (3, 2)]), (ZooSetting("arsm"), [(1, 2), (3, 2)]),
  ]

  /// Every entry of mean and covariance, latent by latent and over all outcomes at once.
  @Test(arguments: enumerable)
  func latentByLatentIsOverAllOutcomes(setting: ZooSetting, shapes: [(Int, Int)]) throws {
    for (latents, categories) in shapes {
      let problem = try ExactZoo(latents: latents, categories: categories).problem
      let estimator = try setting.make()
      let moments = try #require(try own(estimator, problem)).moments
      let expected = try #require(try enumerated(estimator, problem))
      #expect(difference(moments.mean, expected.mean) < 1e-13, "\(latents) \(categories)")
      #expect(
        difference(moments.covariance, expected.covariance) < 1e-13, "\(latents) \(categories)")
    }
  }

  /// Where outcomes are not finite: the estimates and the products of their coordinates, by draws.
  static let continuous: [(ZooSetting, [(Int, Int)])] = [
    (ZooSetting("arms", ["samples": .integer(12)]), [(2, 2), (3, 2)]),
    (ZooSetting("carms-i", ["samples": .integer(3)]), [(2, 3), (2, 4), (2, 2)]),
    (ZooSetting("carms-i", ["samples": .integer(4)]), [(2, 3), (3, 2)]),
    (ZooSetting("carms-i", ["samples": .integer(7)]), [(2, 3), (1, 4)]),
    (ZooSetting("augment-reinforce"), [(1, 3), (2, 3), (2, 4)]),
    (ZooSetting("ars"), [(1, 3), (2, 3), (2, 4)]),
    (ZooSetting("arsm"), [(1, 3), (2, 3), (2, 4)]),
    (ZooSetting("reinforce-wor", ["k": .integer(4), "baseline": .flag(false)]), [(2, 3), (3, 2)]),
    (ZooSetting("reinforce-wor", ["k": .integer(7), "baseline": .flag(true)]), [(3, 2)]),
  ]

  /// 40,000 draws of a fixed key. At most 8 + 36 numbers on each of 21 layers, |z| < 5: were all of
  /// them independent and normal, one run in 1,800 would be a false alarm. With k = 7 the fourth
  /// moments of `reinforce-wor` just fail to exist; the key is fixed.
  @Test(arguments: continuous)
  func drawsHaveTheseMoments(setting: ZooSetting, shapes: [(Int, Int)]) throws {
    for (latents, categories) in shapes {
      let zoo = try ExactZoo(latents: latents, categories: categories)
      let estimator = try setting.make()
      let exact = try #require(try own(estimator, zoo.problem))
      let moments = exact.moments
      #expect(zoo.bias(moments.mean) < (exact.coarse == nil ? 1e-12 : 1e-9))
      let width = zoo.problem.shape.width
      let count = 40_000
      let estimates = try SampledZoo(zoo.problem, estimator, count: count).estimates
      var worst = 0.0
      for i in 0..<width {
        for j in -1...i {
          let products = (0..<count).map { draw in
            let centred = estimates[draw * width + i] - moments.mean[i]
            return j < 0 ? centred : centred * (estimates[draw * width + j] - moments.mean[j])
          }
          let sample = RepeatMoments(products)
          let distance = abs(sample.mean - (j < 0 ? 0 : moments.covariance[i * width + j]))
          worst = max(worst, distance < 1e-12 ? 0 : distance / sample.meanError)
        }
      }
      #expect(worst < 5, "\(latents) \(categories)")
    }
  }

  /// The rules of step 0.2 and 0.3 agree.
  @Test func theThresholdRuleConverges() throws {
    let problem = try ExactZoo(latents: 2, categories: 3).problem
    for (k, baseline) in [(2, false), (4, true), (4, false), (6, true)] {
      let exact = try #require(
        try own(
          ZooSetting("reinforce-wor", ["k": .integer(k), "baseline": .flag(baseline)]).make(),
          problem))
      let coarse = try #require(exact.coarse)
      #expect(difference(exact.moments.covariance, coarse.covariance) < 1e-7, "\(k) \(baseline)")
      #expect(difference(exact.moments.mean, coarse.mean) < 1e-9, "\(k) \(baseline)")
    }
  }

  /// No variance, no moments; without anything left to chance, none but rounding.
  @Test func withoutReplacementSaysWhereThereIsNoVariance() throws {
    let problem = try ExactZoo(latents: 2, categories: 2).problem
    func moments(_ k: Int, _ baseline: Bool) throws -> ExactMoments? {
      try own(
        ZooSetting("reinforce-wor", ["k": .integer(k), "baseline": .flag(baseline)]).make(),
        problem)
    }
    #expect(try moments(2, true) == nil && moments(3, true) == nil && moments(1, false) == nil)
    #expect(try moments(2, false) != nil)
    for baseline in [true, false] {
      let all = try #require(try moments(4, baseline))
      #expect(all.coarse == nil && all.moments.covariance.allSatisfy { abs($0) < 1e-28 })
      #expect(difference(all.moments.mean, try exactTarget(problem).gradient) < 1e-13)
    }
  }

  /// Layers whose outcomes are far too many to list: unbiased to rounding, and no variance is
  /// negative.
  @Test(
    arguments: [
      ("disarm", 12, 2), ("arms", 12, 2), ("disarm-sb", 4, 6), ("disarm-iw", 2, 16),
      ("disarm-tree", 3, 8), ("carms-i", 4, 6), ("arsm", 3, 5), ("ars", 4, 4),
      ("augment-reinforce", 3, 8),
    ])
  func largeLayers(kind: String, latents: Int, categories: Int) throws {
    let zoo = try ExactZoo(latents: latents, categories: categories)
    let moments = try #require(try own(EstimatorRegistry.make(kind), zoo.problem)).moments
    #expect(zoo.bias(moments.mean) < 1e-11)
    let width = zoo.problem.shape.width
    #expect((0..<width).allSatisfy { moments.covariance[$0 * (width + 1)] > 0 })
  }

  /// Beyond the limits there are no moments, without work.
  @Test func limitsAreKept() throws {
    func has(_ kind: String, _ parameters: [String: ParameterValue], _ d: Int, _ k: Int) throws
      -> Bool?
    {
      try EstimatorRegistry.make(kind, parameters).exact?.hasExactMoments(
        on: LayerShape(rows: 1, latents: d, categories: k))
    }
    #expect(try has("disarm", [:], 14, 2) == true && has("disarm", [:], 64, 2) == false)
    #expect(try has("arsm", [:], 4, 8) == true && has("arsm", [:], 2, 40) == false)
    #expect(try has("arsm", [:], 4, 4_000_000_000) == false)
    let four: [String: ParameterValue] = ["samples": .integer(4)]
    #expect(try has("carms-i", four, 3, 12) == true && has("carms-i", four, 2, 13) == false)
    #expect(try has("carms-i", [:], 2, 13) == true)
    let wide: [String: ParameterValue] = ["k": .integer(2), "baseline": .flag(false)]
    #expect(try has("reinforce-wor", wide, 2, 8) == true)
    #expect(try has("reinforce-wor", wide, 4, 8) == false)
    #expect(try has("reinforce", [:], 4, 8) == nil)
  }
}

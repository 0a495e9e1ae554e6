import Discrete
import Estimators
import Testing

/// Single categories, probabilities of 0 and 1, extreme settings: finite estimates, points inside
/// the simplex, finite moments.
@Suite struct FamilyEdgeTests {
  private static let settings: [Setting] = [
    Setting("identity-st", ["form": .text("centred")]), Setting("darn"),
    Setting("half-estimator"), Setting("beta-st", ["beta": .number(-100)]),
    Setting("rk2-alpha", ["alpha": .number(0.01), "tau": .number(1e-3)]),
    Setting("mve"), Setting("mve", ["lambda": .number(1e9)]),
    Setting("mve", ["infinite": .flag(true)]), Setting("smoothed-spa"),
    Setting("gst", ["gap-rule": .text("p")]),
    Setting("gst", ["gap": .number(1e6), "tau": .number(1e-3)]),
    Setting("gr-mc", ["samples": .integer(2), "tau": .number(1e-3)]),
    Setting("gr-mc", ["samples": .integer(2), "tau": .number(1e3)]),
    Setting("gr-mc", ["samples": .integer(2), "noise-derivative": .flag(true)]),
    Setting("reinmax-rao-v2", ["samples": .integer(2), "tau": .number(1e-3)]),
    Setting("hard-st"), Setting("hard-st", ["slope": .number(1e300), "forward": .text("mode")]),
    Setting("imle", ["lambda": .number(1e-6)]), Setting("imle", ["lambda": .number(1e9)]),
    Setting("aimle"), Setting("aimle", ["rule": .text("norm"), "lambda": .number(1e9)]),
    Setting("gumbel-sparsemax", ["tau": .number(1e-3)]), Setting("gumbel-entmax"),
    Setting("gaussian-softmax", ["noise-scale": .number(1e6)]), Setting("hard-concrete"),
    Setting("uniform-path"), Setting("uniform-path", ["path": .text("each")]),
    Setting("uniform-path", ["path": .text("all")]),
    Setting("redge", ["t1": .number(0.01), "steps": .integer(6)]), Setting("redge"),
    Setting("sparsemax-marginal"), Setting("sparsemax-marginal", ["map": .text("entmax-1.5")]),
  ]

  private static let layers: [(latents: Int, categories: Int, values: [Double])] = [
    (2, 1, [3, -200]), (2, 2, [200, -200, 0.1, 0.2]), (1, 2, [700, -700]),
    (2, 3, [200, -200, 0, -200, -200, 200]), (1, 3, [0, 0, 0]), (3, 2, [-1, 1, 5, -5, 0, 0]),
    (1, 4, [-700, 700, 0, -700]),
  ]

  @Test(arguments: settings)
  func finiteEverywhere(setting: Setting) throws {
    let estimator = try setting.make()
    let descriptor = try #require(EstimatorRegistry.named(setting.kind))
    for layer in Self.layers {
      let shape = LayerShape(rows: 1, latents: layer.latents, categories: layer.categories)
      let parameters = try ResolvedParameters(setting.parameters, specs: descriptor.parameters)
      if descriptor.refusal(shape, parameters) != nil {
        #expect(descriptor.domain == .binary && layer.categories != 2)
        continue
      }
      let row = RowLogits(
        latents: layer.latents, categories: layer.categories, values: layer.values)
      let cost = SmallCost.quadratic(
        latents: layer.latents, categories: layer.categories, curved: true, seed: 120)
      let draws = drawsWithOwnPoints(estimator, row, cost, count: 40, seed: 121)
      let estimates = estimator.estimates(row, draws)
      #expect(estimates.allSatisfy { $0.isFinite }, "\(layer)")
      #expect(estimates == estimator.estimates(row, draws))
      #expect(draws.probes.soft.allSatisfy { $0 >= 0 && $0 <= 1 }, "\(layer)")
      if let points = estimator.coupled?.softPoints(row, draws) {
        #expect(points.count == estimates.count)
        #expect(points.allSatisfy { $0 >= 0 && $0 <= 1 }, "\(layer)")
      }
      if descriptor.invariants.sumsToZero && layer.categories == 1 {
        #expect(estimates.allSatisfy { abs($0) < 1e-12 })
      }
      let jointCodes = cost.jointCodes(row, distribution: estimator.plan.distribution, step: 0.3)
      guard let moments = try estimator.exact?.exactMoments(row, jointCodes)?.moments else {
        continue
      }
      #expect(moments.mean.allSatisfy { $0.isFinite }, "\(layer)")
      #expect(moments.covariance.allSatisfy { $0.isFinite }, "\(layer)")
    }
  }

  /// A constant cost has gradient 0 in every draw of the kinds that say a shift changes nothing.
  @Test(arguments: settings)
  func constantCosts(setting: Setting) throws {
    let estimator = try setting.make()
    let binary = EstimatorRegistry.named(setting.kind)?.domain == .binary
    let (row, _) = SmallCost.reference(latents: 2, categories: binary ? 2 : 3)
    let cost = SmallCost(
      latents: 2, categories: row.categories, value: { _ in 3 },
      gradient: { $0.map { _ in 0 } })
    let draws = drawsWithOwnPoints(estimator, row, cost, count: 20, seed: 122)
    #expect(estimator.estimates(row, draws).allSatisfy { abs($0) < 1e-9 })
  }
}

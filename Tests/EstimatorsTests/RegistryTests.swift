import Discrete
import Estimators
import Testing

@Suite struct RegistryTests {
  @Test func everyNameIsRegisteredOnce() {
    let names = EstimatorRegistry.all.map(\.name)
    #expect(Set(names).count == names.count)
    #expect(
      names.allSatisfy { $0.wholeMatch(of: /[a-z0-9]+(-[a-z0-9]+)*/) != nil }, "\(names)")
    #expect(EstimatorRegistry.named("reinmax")?.family == .straightThrough)
    #expect(EstimatorRegistry.named("Reinmax") == nil)
  }

  @Test func unknownKindsAndParametersAreRefused() {
    #expect(throws: DiscreteError.parameter("unknown estimator kind 'nonesuch'")) {
      try EstimatorRegistry.make("nonesuch")
    }
    #expect(throws: DiscreteError.parameter("unknown parameter 'temperature'")) {
      try EstimatorRegistry.make("st", ["temperature": .number(1)])
    }
    #expect(
      throws: DiscreteError.parameter("samples must be a whole number from 2 to 64, found 1")
    ) { try EstimatorRegistry.make("reinforce-loo", ["samples": .integer(1)]) }
  }

  @Test(arguments: [0, -1, -0.0, .nan, .infinity, -.infinity])
  func everyTemperatureIsAFiniteNumberAboveZero(tau: Double) {
    let text = "a temperature must be a finite number above 0, found \(tau)"
    for descriptor in EstimatorRegistry.all {
      for spec in descriptor.parameters where spec.kind == .temperature {
        #expect(
          throws: DiscreteError.parameter("\(spec.name) must be a number above 0, found \(tau)")
        ) { try EstimatorRegistry.make(descriptor.name, [spec.name: .number(tau)]) }
      }
    }
    #expect(throws: DiscreteError.parameter(text)) { try ReinMax(tau: tau) }
    #expect(throws: DiscreteError.parameter(text)) {
      try ReinforceLeaveOneOut(samples: 2, temperature: tau)
    }
    for (forward, backward) in [(tau, 1.0), (1.0, tau)] {
      #expect(throws: DiscreteError.parameter(text)) {
        try SurrogateSwitches(
          placement: .scaledSum, noise: .none, forward: .sample, jacobian: .identity,
          tauForward: forward, tauBackward: backward)
      }
    }
    #expect(
      throws: DiscreteError.parameter("reinforce-loo needs at least 2 samples, found 1")
    ) { try ReinforceLeaveOneOut(samples: 1) }
  }

  /// All 36 combinations: 32 work, and the four of a mode with shared noise say why not.
  @Test func switchesWorkOrSayWhyNot() throws {
    let (row, _) = SmallCost.reference(latents: 2, categories: 3)
    var refused = 0
    for setting in Setting.allSwitches(tauForward: 0.7, tauBackward: 1.6) {
      let (forward, noise) = (setting.parameters["forward"], setting.parameters["noise"])
      if forward == .text("argmax") && noise == .text("shared") {
        refused += 1
        #expect(
          throws: DiscreteError.parameter(
            "noise 'shared' needs a forward that draws noise; use 'fresh' or 'none' with forward 'argmax'"
          )
        ) { try setting.make() }
        continue
      }
      let estimator = try setting.make()
      let plan = estimator.plan
      #expect(plan.relaxed == (forward == .text("soft")))
      #expect(plan.gradients == !plan.relaxed)
      #expect(!plan.values && plan.samples == 1)
      #expect((plan.distribution == .mode) == (forward == .text("argmax")))
      #expect(plan.freshNoise == (noise == .text("fresh")))
      #expect(estimator.traits.softPointsVary == (noise != .text("none")))
      let draws = arbitraryDraws(plan, row, count: 4, seed: 3)
      #expect(estimator.estimates(row, draws).allSatisfy { $0.isFinite })
      let points = try #require(estimator.coupled?.softPoints(row, draws))
      #expect(points.count == 24)
      for latent in 0..<8 {
        #expect(abs(points[latent * 3..<latent * 3 + 3].reduce(0, +) - 1) < 1e-14)
      }
    }
    #expect(refused == 4)
  }

  @Test func unknownSwitchesAreRefused() {
    #expect(
      throws: DiscreteError.parameter(
        "placement must be one of scaled-logits, scaled-sum, found scaled")
    ) { try EstimatorRegistry.make("decoupled-st-gs", ["placement": .text("scaled")]) }
  }

  @Test func inertTemperaturesAreNamed() throws {
    let descriptor = try #require(EstimatorRegistry.named("decoupled-st-gs"))
    func inert(_ parameters: [String: ParameterValue]) throws -> [String] {
      descriptor.inertParameters(
        try ResolvedParameters(parameters, specs: descriptor.parameters)
      ).map(\.name)
    }
    #expect(try inert([:]) == [])
    #expect(try inert(["placement": .text("scaled-sum")]) == ["tau-forward"])
    #expect(try inert(["placement": .text("scaled-sum"), "forward": .text("soft")]) == [])
    #expect(try inert(["forward": .text("argmax"), "noise": .text("none")]) == ["tau-forward"])
    #expect(try inert(["jacobian": .text("identity")]) == ["tau-backward"])
  }

  /// Oracle calls as the catalogue states them.
  @Test func costs() throws {
    func calls(_ kind: String) throws -> [Int] {
      let plan = try EstimatorRegistry.make(kind).plan
      return [plan.valueCalls, plan.gradientCalls]
    }
    #expect(try calls("reinforce") == [1, 0])
    #expect(try calls("reinforce-loo") == [2, 0])
    for kind in ["identity-st", "st", "st-gs", "gumbel-softmax", "decoupled-st", "reinmax"] {
      #expect(try calls(kind) == [0, 1])
    }
  }
}

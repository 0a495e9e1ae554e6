import Discrete
import Estimators
import Testing

/// The temperatures that are stored with a cell are those that the estimator uses.
@Suite struct TemperatureTests {
  /// Forward and backward temperature with every temperature parameter at .5. An estimator with such a
  /// parameter that is missing here fails the test.
  private static let expected: [String: (Double?, Double?)] = [
    "st": (1, 0.5), "st-gs": (1, 0.5), "gumbel-softmax": (0.5, 0.5), "gumbel-entmax": (0.5, 0.5),
    "gumbel-sparsemax": (0.5, 0.5), "gaussian-softmax": (0.5, 0.5), "hard-concrete": (0.5, 0.5),
    "decoupled-st": (0.5, 0.5), "decoupled-st-gs": (0.5, 0.5), "reinmax": (1, 0.5),
    "reinmax-rao-v2": (1, 0.5), "gr-mc": (1, 0.5), "gst": (1, 0.5), "rk2-alpha": (1, 0.5),
    "rebar": (1, 0.5), "relax": (1, 0.5),
  ]

  private func make(
    _ descriptor: EstimatorDescriptor, _ given: [String: ParameterValue] = [:]
  ) throws -> any GradientEstimator {
    var parameters = given
    for spec in descriptor.parameters where spec.kind == .temperature {
      parameters[spec.name] = .number(0.5)
    }
    return try descriptor.make(ResolvedParameters(parameters, specs: descriptor.parameters))
  }

  @Test func everyEstimatorWithATemperature() throws {
    for descriptor in EstimatorRegistry.all
    where descriptor.parameters.contains(where: { $0.kind == .temperature && $0.name != "slope" }) {
      let estimator = try make(descriptor)
      let expected = Self.expected[descriptor.name]
      #expect(expected != nil, "no expectation for \(descriptor.name)")
      #expect(estimator.forwardTemperature == expected?.0, "\(descriptor.name)")
      #expect(estimator.traits.backwardTemperature == expected?.1, "\(descriptor.name)")
    }
  }

  /// A hard forward is at the temperature of the distribution that its draws come from.
  @Test func hardForwardsAreAtTheTemperatureOfTheirDistribution() throws {
    for descriptor in EstimatorRegistry.all {
      let estimator = try make(descriptor)
      guard case .sample(let temperature) = estimator.plan.distribution, !estimator.plan.relaxed,
        estimator.plan.samples > 0
      else { continue }
      #expect(estimator.forwardTemperature == temperature, "\(descriptor.name)")
    }
  }

  @Test(
    arguments: [
      (["placement": "scaled-sum"], 1, 0.5), (["forward": "argmax", "noise": "none"], nil, 0.5),
      (["forward": "soft"], 0.5, 0.5), (["jacobian": "identity"], 0.5, nil),
      (["placement": "scaled-sum", "forward": "soft"], 0.5, 0.5),
    ] as [([String: String], Double?, Double?)])
  func switches(_ given: [String: String], forward: Double?, backward: Double?) throws {
    let descriptor = try #require(EstimatorRegistry.named("decoupled-st-gs"))
    let estimator = try make(descriptor, given.mapValues { .text($0) })
    #expect(
      estimator.forwardTemperature == forward && estimator.traits.backwardTemperature == backward)
  }
}

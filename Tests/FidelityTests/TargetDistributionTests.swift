import Discrete
import Estimators
import Fidelity
import Models
import Tensors
import Testing

/// The target moves with the forward temperature.
@Suite struct TargetDistributionTests {
  private static func report(
    _ problem: any DiscreteProblem, _ estimator: any GradientEstimator,
    _ distribution: TargetDistribution,
    kind: TargetKind = .exact, moments: MomentsChoice = .auto
  ) throws -> FidelityReport {
    try FidelitySession(
      problem: problem, target: TargetSettings(kind: kind, draws: 65_536),
      measure: MeasureSettings(moments: moments, perDrawSamples: 0), key: RandomKey(seed: 2)
    ).run([FidelityRequest(estimator: estimator, distribution: distribution)])[0].get()
  }

  /// `(1/T) J(softmax(phi/T)) F` of a problem with one latent.
  private static func formula(
    _ problem: any DiscreteProblem, temperature: Double
  ) throws -> [Double] {
    let costs = try problem.oracle.costs(
      ofJointCodes: 0..<problem.shape.categories, gradients: false
    ).values
    let p = problem.logits.row(0).probabilities(temperature: temperature)
    let mean = zip(p, costs).reduce(0) { $0 + $1.0 * $1.1 }
    return zip(p, costs).map { $0 * ($1 - mean) / temperature }
  }

  /// One latent, decoupled straight-through at tau_f = 2: the own target is `(1/2) J(p_2) F`, the
  /// unit target `J(p) F`.
  @Test func ownAndUnitTargetsOfOneLatent() throws {
    let problem = try registered(
      "test-problem", ["latents": .integer(1), "categories": .integer(5)])
    let estimator = try EstimatorRegistry.make(
      "decoupled-st", ["tau-forward": .number(2), "tau-backward": .number(0.7)])
    let p = problem.logits.row(0).probabilities(temperature: 2)
    let s = problem.logits.row(0).probabilities(temperature: 0.7)
    let h = try problem.oracle.costs(ofJointCodes: 0..<5, gradients: true).gradients
    var mean = [Double](repeating: 0, count: 5)
    for z in 0..<5 {
      let inner = (0..<5).reduce(0) { $0 + s[$1] * h[z * 5 + $1] }
      for k in 0..<5 { mean[k] += p[z] * s[k] * (h[z * 5 + k] - inner) / 0.7 }
    }
    let own = try Self.formula(problem, temperature: 2)
    let unit = try Self.formula(problem, temperature: 1)
    #expect(relativeDifference(own, unit) > 0.1)
    #expect(
      try relativeDifference(exactTarget(problem, temperature: 2).gradient, own) < 1e-14)
    for (distribution, target) in [(TargetDistribution.own, own), (.unit, unit)] {
      let numbers = try Self.report(problem, estimator, distribution).numbers
      let norm = squaredNorm(target).squareRoot()
      let bias = squaredNorm(zip(mean, target).map { $0 - $1 })
      #expect(abs(try number(numbers, .targetNorm).value - norm) < 1e-13 * norm)
      #expect(abs(try number(numbers, .biasSquared).value - bias) < 1e-13 * bias)
    }
  }

  /// Where the distribution does not depend on the forward temperature, nor does its own target.
  @Test func distributionsThatIgnoreTheTemperature() throws {
    let problem = try registered("test-problem")
    func norm(_ parameters: [String: ParameterValue], _ distribution: TargetDistribution) throws
      -> Double
    {
      var all = parameters
      all["tau-forward"] = .number(3)
      let estimator = try EstimatorRegistry.make("decoupled-st-gs", all)
      return try number(Self.report(problem, estimator, distribution).numbers, .targetNorm).value
    }
    let unit = try norm([:], .unit)
    #expect(abs(try norm([:], .own) - unit) > 0.05 * unit)
    #expect(try norm(["placement": .text("scaled-sum")], .own) == unit)
    #expect(try norm(["forward": .text("argmax"), "noise": .text("none")], .own) == unit)
  }

  /// Targets at other temperatures: the gradient of the enumerated objective by differences, and
  /// on a network as on a single row.
  @Test(arguments: [0.5, 1.0, 2.0]) func exactTargetsAreGradients(temperature: Double) throws {
    let problem = try registered("test-problem")
    let shape = problem.shape
    let costs = try problem.oracle.costs(ofJointCodes: 0..<9, gradients: false).values
    func objective(_ index: Int, _ offset: Double) -> Double {
      var values = problem.logits.values
      values[index] += offset
      let p = RowLogits(latents: 2, categories: 3, values: values)
        .probabilities(temperature: temperature)
      return zip(JointCodes(latents: 2, categories: 3).weights(p), costs)
        .reduce(0) { $0 + $1.0 * $1.1 }
    }
    let gradient = try exactTarget(problem, temperature: temperature).gradient
    let step = 1e-3
    for index in 0..<shape.width {
      let numeric =
        (8 * (objective(index, step) - objective(index, -step))
          - (objective(index, 2 * step) - objective(index, -2 * step))) / (12 * step)
      #expect(abs(numeric - gradient[index]) < 1e-11)
    }
  }

  /// Closed forms of separable costs equal the sum over joint codes at every temperature.
  @Test(arguments: [1.5, 2, 3], [0.5, 1, 2.5])
  func closedFormsAreEnumerations(power: Double, temperature: Double) throws {
    let problem = try registered(
      "polynomial-programming",
      ["latents": .integer(6), "p": .number(power), "logit-range": .number(1.5)])
    let closed = try #require(
      TargetGradient.closedForm(problem: problem, temperature: temperature))
    #expect(closed.method == .closedForm && closed.sampled == nil)
    let exact = try exactTarget(problem, temperature: temperature)
    #expect(exact.method == .exact)
    #expect(relativeDifference(closed.gradient, exact.gradient) < 1e-12)
  }

  /// The closed form serves layers far beyond enumeration.
  @Test func closedFormsNeedNoEnumeration() throws {
    let problem = try registered("polynomial-programming", ["latents": .integer(128)])
    let report = try Self.report(
      problem, EstimatorRegistry.make("st"), .own, kind: .exact, moments: .monteCarlo)
    #expect(report.target == .closedForm && report.moments == .monteCarlo)
    // Polynomials of degree 3 too: 4^40 joint codes.
    let coupled = try Self.report(
      registered("quadratic-cubic", ["latents": .integer(40)]), EstimatorRegistry.make("st"), .own,
      moments: .monteCarlo)
    #expect(coupled.target == .closedForm)
    let refused = try FidelitySession(
      problem: registered("test-problem", ["latents": .integer(40), "categories": .integer(4)]),
      target: TargetSettings(kind: .exact),
      measure: MeasureSettings(moments: .monteCarlo, draws: 64, perDrawSamples: 0),
      key: RandomKey(seed: 1)
    ).run(Zoo.requests([("st", [:])]))[0]
    #expect {
      try refused.get()
    } throws: {
      "\($0)".contains("4^40 joint codes: use a Monte Carlo target, or at most 7 latents")
    }
  }
}

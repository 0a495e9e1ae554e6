import Discrete
import Estimators
import Fidelity
import Foundation
import Tensors
import Testing

/// Every estimator of the zoo on latents of different numbers of categories: served with right numbers, or refused.
@Suite struct RaggedKindsTests {
  /// Kinds that no ragged layer is measured with.
  static let refused: Set<String> = [
    "arm", "arms", "ars", "arsm", "disarm", "half-estimator", "hard-concrete", "hard-st", "simple",
    "ugc", "uniform-path",
  ]

  /// Kinds that take a category of no probability for a category: they divide by the number of categories or
  /// choose among them.
  static let countingCategories: Set<String> = [
    "augment-reinforce", "beta-st", "carms-i", "disarm-tree", "rk2-alpha", "identity-st-centred",
  ]

  struct Setting: CustomTestStringConvertible, Sendable {
    let kind: String
    let parameters: [String: ParameterValue]
    var name: String
    var testDescription: String { name }

    init(_ kind: String, _ parameters: [String: ParameterValue] = [:], name: String? = nil) {
      self.kind = kind
      self.parameters = parameters
      self.name = name ?? kind
    }

    func make() throws -> any GradientEstimator { try EstimatorRegistry.make(kind, parameters) }
  }

  static let served: [Setting] =
    EstimatorRegistry.all.map { $0.name }.filter { !refused.contains($0) }.map { Setting($0) } + [
      Setting("identity-st", ["form": .text("centred")], name: "identity-st-centred"),
      Setting("st", ["tau": .number(0.6)], name: "st-0.6"),
      Setting(
        "decoupled-st", ["tau-forward": .number(1.5), "tau-backward": .number(0.7)],
        name: "decoupled-st-1.5-0.7"),
      Setting(
        "decoupled-st-gs", ["tau-forward": .number(0.8), "tau-backward": .number(1.6)],
        name: "decoupled-st-gs-0.8-1.6"),
      Setting("decoupled-st-gs", ["noise": .text("fresh")], name: "decoupled-st-gs-fresh"),
      Setting("reinforce-loo", ["samples": .integer(4)], name: "reinforce-loo-4"),
    ]

  /// Powers of two, as one of the kinds wants them.
  static let layer = LayerShape(rows: 1, categories: [4, 2, 8])

  @Test func everyKindIsDecided() throws {
    for descriptor in EstimatorRegistry.all {
      let parameters = try ResolvedParameters([:], specs: descriptor.parameters)
      let isRefused =
        try descriptor.refusal(Self.layer, parameters) != nil
        || descriptor.make(parameters).raggedRefusal(on: Self.layer) != nil
      #expect(isRefused == Self.refused.contains(descriptor.name), "\(descriptor.name)")
    }
  }

  /// The reason is the answer of every way in, also where nobody has asked before.
  @Test(arguments: Array(refused).sorted()) func refusedKindsAreNotMeasured(_ kind: String) throws {
    let problem = try RaggedToy([4, 2]).problem()
    let estimator = try EstimatorRegistry.make(kind, kind == "simple" ? ["k": .integer(1)] : [:])
    #expect(throws: DiscreteError.self) { try estimator.adapted(to: problem.shape) }
    for moments in [MomentsChoice.auto, .exact, .monteCarlo] {
      let result = try numbersOrError(problem, estimator, moments)
      #expect(throws: DiscreteError.self) { try result.get() }
    }
    let row = problem.logits.row(0)
    #expect(throws: DiscreteError.self) {
      try estimator.checkedEstimates(row, RowDraws(count: 1))
    }
    #expect(throws: DiscreteError.self) {
      try estimator.checkedProbes(row, RowDraws(count: 1), plan: ProbePlan())
    }
    #expect(throws: DiscreteError.self) {
      try MomentSweep(problem: problem, key: RandomKey(seed: 1)).measure([estimator], draws: 8)
    }
  }

  /// Kinds that work latent by latent are not given padding, whoever forgets to adapt them.
  @Test func paddingIsNotTakenForCategories() throws {
    let row = try RaggedToy().problem().logits.row(0)
    let estimator = try EstimatorRegistry.make("identity-st", ["form": .text("centred")])
    #expect(throws: DiscreteError.self) {
      try estimator.checkedEstimates(row, RowDraws(count: 1))
    }
  }

  /// Sums where there are any; else draws: lattices take their time, and hold the formulas elsewhere.
  private func choice(_ problem: any DiscreteProblem, _ setting: Setting) throws -> MomentsChoice {
    let plan = MomentPlan(
      try setting.make().adapted(to: problem.shape), on: problem, moments: .auto, table: true)
    return plan.route.isIntegral ? .monteCarlo : .auto
  }

  /// Against latents of one number of categories, some of which have no probability: sums against each other, draws
  /// by their standard errors.
  @Test(arguments: served.filter { !countingCategories.contains($0.name) })
  func categoriesWithoutProbabilityChangeNothing(_ setting: Setting) throws {
    let toy = RaggedToy()
    let (problem, uniform) = (try toy.problem(), try toy.uniform())
    try expectSame(
      numbers(problem, setting.make(), choice(problem, setting)),
      numbers(uniform, setting.make(), choice(uniform, setting)), setting.name)
  }

  @Test(arguments: served) func exactAndSampledMomentsAgree(_ setting: Setting) throws {
    // Powers of two for the tree.
    let problem = try RaggedToy(setting.kind == "disarm-tree" ? [4, 2] : [3, 2, 4]).problem()
    guard try choice(problem, setting) == .auto else { return }
    try expectSame(
      numbers(problem, setting.make(), .auto), numbers(problem, setting.make(), .monteCarlo),
      setting.name)
  }

  @Test(
    arguments: served.filter {
      EstimatorRegistry.named($0.kind)?.bias == .unbiased && $0.kind != "vimco"
    })
  func unbiasedOnesAreUnbiased(_ setting: Setting) throws {
    let toy = RaggedToy(setting.kind == "disarm-tree" ? [4, 2] : [3, 2, 4])
    let problem = try toy.problem()
    let found = try numbers(problem, setting.make(), choice(problem, setting))
    let bias = try number(found, .biasSquared)
    let norm = try number(found, .targetNorm).value
    #expect(abs(bias.value) <= 5 * bias.standardError + 1e-12 * norm * norm, "\(setting.name)")
    // The target is the gradient of the expected cost.
    var gradient = [Double](repeating: 0, count: toy.width)
    let distribution = toy.distribution()
    for jointCode in toy.jointCodes {
      let weight = toy.probability(jointCode, distribution) * toy.value(toy.oneHot(jointCode))
      for (index, z) in toy.oneHot(jointCode).enumerated() {
        gradient[index] += weight * (z - distribution[index])
      }
    }
    #expect(abs(norm - gradient.reduce(0) { $0 + $1 * $1 }.squareRoot()) < 1e-10 * norm)
  }

  private func expectSame(
    _ one: [FidelityNumber], _ other: [FidelityNumber], _ name: String
  ) throws {
    for metric in [Metric.variance, .biasSquared, .targetNorm, .estimateNorm] {
      let (a, b) = (try number(one, metric), try number(other, metric))
      let error = (a.standardError * a.standardError + b.standardError * b.standardError)
        .squareRoot()
      let scale = max(abs(a.value), try number(one, .variance).value)
      #expect(
        abs(a.value - b.value) <= 5 * error + 1e-9 * scale,
        "\(name) \(metric): \(a.value) +- \(a.standardError), \(b.value) +- \(b.standardError)")
    }
  }
}

private func numbersOrError(
  _ problem: any DiscreteProblem, _ estimator: any GradientEstimator, _ moments: MomentsChoice
) throws -> Result<FidelityReport, DiscreteError> {
  try FidelitySession(
    problem: problem, target: TargetSettings(kind: .exact),
    measure: MeasureSettings(
      moments: moments, draws: 4096, blocks: 32, perDrawSamples: 0, gap: false),
    key: RandomKey(seed: moments == .monteCarlo ? 47 : 7), workers: 2
  ).run([FidelityRequest(estimator: estimator, distribution: .own)])[0]
}

func numbers(
  _ problem: any DiscreteProblem, _ estimator: any GradientEstimator, _ moments: MomentsChoice
) throws -> [FidelityNumber] {
  try numbersOrError(problem, estimator, moments).get().numbers
}

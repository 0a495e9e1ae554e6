import Discrete
import Estimators
import Fidelity
import Models
import Tensors
import TestSupport
import Testing

/// Estimates of networks by the rules in float32, against the combine steps in float64 on the same
/// draws.
@Suite struct LaneRuleTests {
  /// An estimator whose combine step is asked: it states no rule.
  private struct Unruled: GradientEstimator {
    let inner: any GradientEstimator

    var plan: EvaluationPlan { inner.plan }
    func combine(_ row: RowLogits, _ draws: RowDraws, into estimates: inout [Double]) {
      inner.combine(row, draws, into: &estimates)
    }
    var coupled: (any SoftPointEstimator)? { inner.coupled }
  }

  private static func problem(latents: Int, categories: Int) throws -> any DiscreteProblem {
    try registered(
      "categorical-vae",
      [
        "categories": .integer(categories), "latents": .integer(latents), "rows": .integer(3),
        "hidden-1": .integer(24), "hidden-2": .integer(16), "data": .text("procedural"),
      ])
  }

  /// An untrained network whose logits are `factor` times as large.
  private static func sharp(_ factor: Float) throws -> any DiscreteProblem {
    _ = oneThread
    let plain = try CategoricalVAE<Float>(
      settings: VAESettings(latents: 2, categories: 4, rows: 3, hidden1: 24, hidden2: 16),
      images: ImageData.procedural())
    var encoder = plain.encoder
    for index in encoder.layers[2].weights.indices { encoder.layers[2].weights[index] *= factor }
    return try plain.with(encoder: encoder)
  }

  /// Kinds with a rule, at several settings.
  private static let ruled: [(String, [String: ParameterValue])] = [
    ("reinforce-loo", [:]), ("reinforce-loo", ["samples": .integer(5)]), ("st", [:]),
    ("st", ["tau": .number(0.6)]), ("decoupled-st", ["tau-backward": .number(2)]),
    ("st-gs", ["tau": .number(0.5)]), ("gumbel-softmax", ["tau": .number(0.7)]),
    ("gumbel-softmax", [:]), ("reinmax", [:]), ("reinmax", ["tau": .number(1.5)]), ("darn", [:]),
    ("gst", [:]), ("gst", ["gap-rule": .text("p"), "tau": .number(0.5)]),
    ("decoupled-st-gs", ["tau-forward": .number(1.4), "tau-backward": .number(0.5)]),
    (
      "decoupled-st-gs",
      ["tau-backward": .number(0.3), "placement": .text("scaled-sum")]
    ),
  ]

  private func expectClose(
    _ found: [Double], _ wanted: [Double], within tolerance: Double, _ name: String
  ) {
    #expect(found != wanted || wanted.allSatisfy { $0 == 0 }, "\(name) took the same way")
    #expect(relativeDifference(found, wanted) < tolerance, "\(name)")
  }

  /// Mean and variance of every coordinate: 37 draws, with a rest beyond whole tiles. Tolerance: float32
  /// rounding of single estimates, some 1e-6 of the largest coordinate.
  @Test(arguments: ruled.indices, [(2, 3), (3, 12)])
  func coordinatesAgree(index: Int, size: (Int, Int)) throws {
    let problem = try Self.problem(latents: size.0, categories: size.1)
    let (kind, parameters) = Self.ruled[index]
    let estimator = try EstimatorRegistry.make(kind, parameters)
    let sweep = MomentSweep(problem: problem, key: RandomKey(seed: 51))
    let found = try sweep.measure([estimator], draws: 37)[0]
    let wanted = try sweep.measure([Unruled(inner: estimator)], draws: 37)[0]
    let name = "\(kind) \(parameters)"
    expectClose(found.logits.mean, wanted.logits.mean, within: 2e-5, name)
    expectClose(found.logits.variance, wanted.logits.variance, within: 2e-5, name)
    for (found, wanted) in zip(found.groups, wanted.groups) {
      #expect(relativeDifference(found.mean, wanted.mean) < 2e-5, "\(name)")
      #expect(relativeDifference(found.variance, wanted.variance) < 2e-5, "\(name)")
    }
  }

  /// Means and variances of block replication, at the logits and the layers.
  @Test(arguments: ruled.indices)
  func blocksAgree(index: Int) throws {
    let problem = try Self.problem(latents: 3, categories: 4)
    let (kind, parameters) = Self.ruled[index]
    let estimator = try EstimatorRegistry.make(kind, parameters)
    let target = try exactTarget(problem)
    func numbers(_ estimator: any GradientEstimator) throws -> [FidelityNumber] {
      try sampledNumbers(
        problem, estimator, target: target, key: RandomKey(seed: 52), blocks: 4, drawsPerBlock: 21,
        scopes: [.logits, .layers, .all]
      ).numbers
    }
    let (found, wanted) = (try numbers(estimator), try numbers(Unruled(inner: estimator)))
    for scope in ["logits", "encoder.1", "encoder.2", "encoder.3", "all"] {
      for metric in [Metric.variance, .mse] {
        let (own, other) = (
          try number(found, metric, scope: scope).value,
          try number(wanted, metric, scope: scope).value
        )
        #expect(abs(own - other) < 2e-5 * other, "\(kind) \(parameters) \(scope) \(metric)")
      }
    }
  }

  /// Distributions with probabilities far below what float32 can divide by.
  @Test(arguments: ["st-gs", "gumbel-softmax", "reinmax", "gst"])
  func sharpDistributionsAgree(kind: String) throws {
    let problem = try Self.sharp(150)
    let logits = problem.logits.values
    #expect((logits.max() ?? 0) - (logits.min() ?? 0) > 90)
    let estimator = try EstimatorRegistry.make(kind, ["tau": .number(3)])
    let sweep = MomentSweep(problem: problem, key: RandomKey(seed: 53))
    let found = try sweep.measure([estimator], draws: 40)[0].logits
    let wanted = try sweep.measure([Unruled(inner: estimator)], draws: 40)[0].logits
    #expect(wanted.mean.contains { $0 != 0 })
    #expect(relativeDifference(found.mean, wanted.mean) < 1e-4)
    #expect(relativeDifference(found.variance, wanted.variance) < 1e-4)
  }

  /// Ruled and unruled estimators and one with points of its own, together and apart, on one worker and
  /// on three: the same bits. 300 draws take several calls.
  @Test func companyAndWorkersChangeNothing() throws {
    let problem = try Self.problem(latents: 2, categories: 3)
    let estimators: [any GradientEstimator] =
      try ["st", "reinforce-loo", "st-gs", "gumbel-softmax", "rebar", "reinforce", "disarm-tree"]
      .map { try EstimatorRegistry.make($0) }
    let key = RandomKey(seed: 54)
    let together = try MomentSweep(problem: problem, key: key, workers: 3)
      .measure(estimators, draws: 300)
    for (index, estimator) in estimators.enumerated() {
      let alone = try MomentSweep(problem: problem, key: key).measure([estimator], draws: 300)[0]
      #expect(alone == together[index], "estimator \(index)")
    }
  }
}

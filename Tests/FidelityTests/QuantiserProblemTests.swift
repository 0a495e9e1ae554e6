import Discrete
import Estimators
import Fidelity
import Foundation
import Models
import Tensors
import TestSupport
import Testing

/// Estimators on quantisers: what integrals leave open is in every number.
@Suite struct QuantiserProblemTests {
  private static let text =
    #"{"kind": "vq", "z_e": [[0.2, -0.4], [0.5, 0.3]], "codebook": [[0, 1], [1, -0.5], [-1, 0]], "cost": {"type": "mlp", "W1": [[1, 0.5, 0.3, -1], [-0.3, 2, 0, 1]], "b1": [0.1, -1], "w2": [1, 2]}}"#

  private func tokens() throws -> TokenFile {
    _ = oneThread
    return TokenFile(
      quantiser: .nearest(
        kind: .vq, dimension: 2, codebooks: [[0, 1, 1, -0.5, -1, 0]], groups: 1),
      points: [0.2, -0.4, 0.5, 0.3],
      cost: VectorCost(
        size: 4,
        form: .tanhNetwork(
          inputWeights: [1, 0.5, 0.3, -1, -0.3, 2, 0, 1], offset: [0.1, -1], output: [1, 2],
          constant: 0)))
  }

  private func problem(latticePoints: Int, key: UInt64 = 1) throws -> QuantiserProblem {
    let tokens = try tokens()
    return try QuantiserProblem(
      tokens,
      Assignment(
        tokens.quantiser, at: tokens.points, smoothing: .gaussian, width: 0.5, isRelative: true,
        key: RandomKey(seed: key), latticePoints: latticePoints))
  }

  private static func requests(_ kinds: [String]) throws -> [FidelityRequest] {
    try kinds.map { FidelityRequest(estimator: try EstimatorRegistry.make($0), distribution: .own) }
  }

  private func numbers(
    _ problem: any DiscreteProblem, _ kinds: [String], moments: MomentsChoice = .auto
  ) throws -> [[FidelityNumber]] {
    try FidelitySession(
      problem: problem, target: TargetSettings(),
      measure: MeasureSettings(
        scopes: [.layers, .all], moments: moments, draws: 256, blocks: 8, perDrawSamples: 0),
      key: RandomKey(seed: 4)
    ).run(Self.requests(kinds)).map { try $0.get().numbers }
  }

  /// Few points against many: every number within its stated error, which is not 0.
  @Test func statedErrorsCoverTheIntegral() throws {
    let kinds = ["st", "reinmax", "reinforce-loo"]
    let few = try numbers(problem(latticePoints: 256), kinds)
    let many = try numbers(problem(latticePoints: 1 << 15, key: 7), kinds)
    var count = 0
    for (few, many) in zip(few, many) {
      for (few, many) in zip(few, many)
      where !few.isMissing && Metric.ofMoments.contains(few.metric) {
        // A number that no replicate moves has no error of theirs.
        #expect(
          few.moments == .quadrature || few.value == many.value,
          "\(few.metric.rawValue) \(few.scope)")
        #expect(
          abs(few.value - many.value) <= few.standardError + many.standardError,
          "\(few.metric.rawValue) \(few.scope): \(few.value) \(many.value) \(few.standardError)")
        #expect(few.low <= few.value && few.value <= few.high)
        if few.standardError > 1e-12 { count += 1 }
      }
    }
    #expect(count > 20)
  }

  /// Sampled numbers keep their own errors, a little wider.
  @Test func sampledErrorsAreWider() throws {
    let problem = try problem(latticePoints: 256)
    let own = try numbers(problem, ["st"], moments: .monteCarlo)[0]
    let alone = try numbers(Alone(base: problem), ["st"], moments: .monteCarlo)[0]
    var wider = 0
    for (own, alone) in zip(own, alone) where !own.isMissing {
      #expect(own.value == alone.value && own.metric == alone.metric)
      #expect(own.standardError >= alone.standardError)
      if own.standardError > alone.standardError { wider += 1 }
    }
    #expect(wider > 5)
  }

  /// Draws make the target's norm no better: a stop rule on it is judged with what the integral leaves open.
  @Test func stopRulesSeeTheIntegral() throws {
    let problem = try problem(latticePoints: 256)
    func report(_ problem: any DiscreteProblem) throws -> FidelityReport {
      try FidelitySession(
        problem: problem, target: TargetSettings(),
        measure: MeasureSettings(
          scopes: [.all], moments: .monteCarlo, draws: 64, blocks: 8, perDrawSamples: 0,
          precision: PrecisionRule(metric: .targetNorm, errorBelow: 1e-9, maxDraws: 64)),
        key: RandomKey(seed: 4)
      ).run(Self.requests(["st"]))[0].get()
    }
    #expect(try report(Alone(base: problem)).hasPrecision)
    let own = try report(problem)
    #expect(try number(own.numbers, .targetNorm, scope: "all").standardError > 1e-9)
    #expect(!own.hasPrecision)
  }

  /// The problem without its replicates.
  private struct Alone: DiscreteProblem {
    let base: QuantiserProblem
    var logits: Logits { base.logits }
    var oracle: any CostOracle { base.oracle }
    var pullback: (any ParameterPullback)? { base.pullback }
  }

  /// A bias that the integral's error covers is not resolved: REINFORCE has none.
  @Test func unbiasedEstimatorsAreNotResolved() throws {
    for kind in ["reinforce", "reinforce-loo"] {
      let own = try numbers(problem(latticePoints: 256), [kind])[0]
      for number in own where number.metric.isBias { #expect(number.resolved == false) }
    }
  }

  /// The file's problem is the one built here, and its gap that of the two gradients.
  @Test func filesGiveTheSameProblem() throws {
    let file = try withFolder { folder in
      try Data(Self.text.utf8).write(to: URL(fileURLWithPath: folder + "/q.json"))
      return try registered(
        "json", ["file": .text("q.json"), "smoothing": .text("gaussian")], directory: folder)
    }
    let own = try problem(latticePoints: 1 << 15)
    for (a, b) in zip(file.logits.values, own.logits.values) { #expect(abs(a - b) < 1e-6) }
    let gap = try #require(file.quantiser).bypassGradients()
    let point = try tokens().point
    let quantised = try point.decoded(point.quantised).gradient
    #expect(gap.quantised == quantised)
    let bypassed = try point.decoded(point.points).gradient
    #expect(gap.bypassed == bypassed)
  }

  @Test func singleParametersAreRefused() throws {
    let session = FidelitySession(
      problem: try problem(latticePoints: 256), target: TargetSettings(),
      measure: MeasureSettings(scopes: [.all], draws: 64, blocks: 8, parameters: true),
      key: RandomKey(seed: 4))
    #expect(throws: DiscreteError.self) { try session.run(Self.requests(["st"])) }
  }
}

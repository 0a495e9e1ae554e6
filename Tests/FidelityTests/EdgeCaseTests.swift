import Discrete
import Estimators
import Fidelity
import Models
import Tensors
import Testing

/// A cost that is not a number at some joint codes.
private struct BrokenOracle: CostOracle {
  let shape: LayerShape
  /// Whether values or only gradients are broken.
  let values: Bool

  var capabilities: OracleCapabilities { OracleCapabilities() }

  private func answer(_ hits: [Bool], gradients: Bool) -> CostBlock {
    CostBlock(
      values: hits.map { $0 && values ? .nan : 1 },
      gradients: gradients
        ? hits.flatMap { hit in
          (0..<shape.width).map { hit ? .nan : Double($0) }
        } : [])
  }

  func costs(at codes: CodeBlock, gradients: Bool) throws -> CostBlock {
    let count = shape.rows * codes.draws
    return answer(
      (0..<count).map { codes.indices[$0 * shape.latents] == 0 }, gradients: gradients)
  }

  func costs(at points: SoftBlock, gradients: Bool) throws -> CostBlock {
    answer((0..<shape.rows * points.draws).map { $0 % 2 == 0 }, gradients: gradients)
  }
}

/// Requests that cannot be served, and numbers that do not exist.
@Suite struct EdgeCaseTests {
  private static func run(
    _ problem: any DiscreteProblem, _ settings: [Zoo.Setting], moments: MomentsChoice = .auto,
    target: TargetKind = .auto, maxJointCodes: Int = 16_384, perDrawSamples: Int = 16
  ) throws -> [Result<FidelityReport, DiscreteError>] {
    try FidelitySession(
      problem: problem,
      target: TargetSettings(kind: target, maxJointCodes: maxJointCodes, draws: 256),
      measure: MeasureSettings(
        moments: moments, draws: 128, blocks: 16, perDrawSamples: perDrawSamples),
      key: RandomKey(seed: 6)
    ).run(Zoo.requests(settings))
  }

  /// A cost that is 0 everywhere: ratios to the target do not exist, sizes are 0.
  @Test(arguments: [MomentsChoice.auto, .monteCarlo], [TargetKind.auto, .monteCarlo])
  func aTargetOfNormZero(moments: MomentsChoice, target: TargetKind) throws {
    let problem = try fromText(
      #"{"phi": [[0.5, -0.2]], "cost": {"type": "linear", "a": [[0, 0]], "b": 0}}"#)
    for result in try Self.run(problem, Zoo.settings, moments: moments, target: target) {
      let numbers = try result.get().numbers
      #expect(try number(numbers, .targetNorm).value == 0)
      #expect(!(try number(numbers, .relativeBias).value.isFinite))
      #expect(!(try number(numbers, .cosineOfMean).value.isFinite))
      #expect(!(try number(numbers, .cosineOfDraw).value.isFinite))
      let variance = try number(numbers, .variance)
      #expect(variance.value.isFinite && variance.value >= 0)
      for metric in [Metric.biasSquared, .relativeBias, .scaleFreeBias] {
        let bias = try number(numbers, metric)
        #expect(bias.resolved != true || bias.value > 0)
      }
    }
  }

  /// A table without gradients serves score functions and refuses the others, one by one.
  @Test(arguments: [MomentsChoice.auto, .exact, .monteCarlo])
  func aCostWithoutGradients(moments: MomentsChoice) throws {
    let problem = try fromText(
      #"{"phi": [[0.5, -0.2], [0.1, 0.3]], "cost": {"type": "table", "values": [1, 2, 4, -1]}}"#)
    let results = try Self.run(
      problem,
      [("st", [:]), ("reinforce", [:]), ("gumbel-softmax", [:]), ("reinforce-loo", [:])],
      moments: moments)
    #expect(results.count == 4)
    for index in [1, 3] where index < results.count {
      #expect(try number(results[index].get().numbers, .variance).value > 0)
    }
    for index in [0, 2] where index < results.count {
      #expect {
        try results[index].get()
      } throws: { error in
        guard case DiscreteError.unsupported(let text) = error else { return false }
        return !text.isEmpty
      }
    }
  }

  @Test(arguments: [MomentsChoice.auto, .monteCarlo], [true, false])
  func costsThatAreNotNumbers(moments: MomentsChoice, enumerated: Bool) throws {
    let shape = LayerShape(rows: 2, latents: 3, categories: 2)
    let problem = try CostProblem(
      logits: Logits(shape: shape, values: [Double](repeating: 0, count: 12)),
      oracle: BrokenOracle(shape: shape, values: true))
    for kind in ["reinforce", "st", "gumbel-softmax"] {
      #expect {
        for result in try Self.run(
          problem, [(kind, [:])], moments: moments, maxJointCodes: enumerated ? 64 : 4)
        {
          _ = try result.get()
        }
      } throws: { error in
        guard case DiscreteError.notFinite(let text) = error else { return false }
        return text.contains("not finite")
      }
    }
  }

  /// Gradients that are not numbers concern the estimators that use them alone.
  @Test func gradientsThatAreNotNumbers() throws {
    let shape = LayerShape(rows: 2, latents: 3, categories: 2)
    let problem = try CostProblem(
      logits: Logits(shape: shape, values: [Double](repeating: 0, count: 12)),
      oracle: BrokenOracle(shape: shape, values: false))
    let results = try Self.run(
      problem, [("st", [:]), ("reinforce", [:])], moments: .monteCarlo, perDrawSamples: 0)
    #expect(throws: DiscreteError.self) { try results[0].get() }
    #expect(try number(results[1].get().numbers, .variance).value > 0)
  }

  /// Two equal draws make a leave-one-out estimate of zero, which has no direction.
  @Test func theCosineOfDrawsThatVanish() throws {
    let problem = try registered("bernoulli-toy")
    for result in try Self.run(problem, [("reinforce-loo", ["samples": .integer(2)])]) {
      let cosine = try number(result.get().numbers, .cosineOfDraw)
      #expect(cosine.value.isFinite && abs(cosine.value) <= 1)
    }
  }

  /// What exact moments cannot do is said with a way out.
  @Test func exactMomentsOutOfReach() throws {
    let wide = try registered(
      "test-problem", ["latents": .integer(30), "categories": .integer(4)])
    let refused = try Self.run(wide, [("st", [:])], moments: .exact, target: .monteCarlo)[0]
    #expect { try refused.get() } throws: {
      "\($0)".contains("4^30 joint codes: use Monte Carlo moments, or at most 7 latents")
    }
    let automatic = try Self.run(wide, [("st", [:])], perDrawSamples: 0)[0].get()
    #expect(automatic.moments == .monteCarlo && automatic.target == .monteCarlo)
  }

  @Test func theCostOfAnEstimateIsCounted() throws {
    let results = try Self.run(
      registered("test-problem"), [("reinforce-loo", ["samples": .integer(5)]), ("st", [:])])
    for (result, calls) in zip(results, [(5.0, 0.0), (0.0, 1.0)]) {
      let numbers = try result.get().numbers
      #expect(try number(numbers, .valueCalls).value == calls.0)
      #expect(try number(numbers, .gradientCalls).value == calls.1)
      #expect(
        try number(numbers, .mseTimesCost).value
          == number(numbers, .mse).value * (calls.0 + 3 * calls.1))
    }
  }
}

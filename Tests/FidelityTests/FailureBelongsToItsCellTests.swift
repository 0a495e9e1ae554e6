import Discrete
import Estimators
import Fidelity
import Models
import Tensors
import Testing

/// An estimator of an extension that makes one mistake.
private struct Mistaken: SoftPointEstimator, ProbingEstimator, ExactEstimator {
  enum Mistake: String, CaseIterable, Sendable {
    case throwsMoments, throwsAnotherError, shortMean, shortCovariance, shortEstimates,
      longEstimates
    case fewProbes, categoryOutside, fewSoftPoints, otherAtoms, manyFixedPoints
  }

  struct OwnError: Error, CustomStringConvertible { let description = "an error of the extension" }

  let mistake: Mistake

  var plan: EvaluationPlan {
    switch mistake {
    case .fewProbes, .categoryOutside:
      EvaluationPlan(values: true, probes: ProbePlan(codes: 2))
    case .fewSoftPoints: EvaluationPlan(perturbed: true, relaxed: true)
    case .otherAtoms: EvaluationPlan(values: true, probes: ProbePlan(latentUniforms: 1))
    case .manyFixedPoints: EvaluationPlan(values: true, probes: ProbePlan(soft: 1, softFixed: true))
    default: EvaluationPlan(values: true)
    }
  }

  func combine(_ row: RowLogits, _ draws: RowDraws, into estimates: inout [Double]) {
    if mistake == .shortEstimates { estimates.removeLast() }
    if mistake == .longEstimates { estimates.append(1) }
  }

  func softPoints(_ row: RowLogits, _ draws: RowDraws) -> [Double]? {
    mistake == .fewSoftPoints ? [0.5] : nil
  }

  func fixedSoftPoints(_ row: RowLogits) -> [Double] { [1, 2, 3] }

  func probes(_ row: RowLogits, _ draws: RowDraws) -> Probes {
    switch mistake {
    case .fewProbes: Probes(codes: [0])
    case .categoryOutside:
      Probes(codes: [Int32](repeating: 77, count: 2 * draws.count * row.latents))
    case .manyFixedPoints: Probes(soft: [1, 2, 3])
    default: Probes()
    }
  }

  func uniformAtoms(_ row: RowLogits) -> UniformAtoms? {
    switch mistake {
    case .otherAtoms:
      UniformAtoms(latents: [[UniformAtom(weight: 1, uniforms: [0.5, 0.5, 0.5])]])
    case .shortEstimates, .longEstimates, .fewProbes, .categoryOutside:
      .none(latents: row.latents)
    default: nil
    }
  }

  func exactMoments(_ row: RowLogits, _ jointCodes: RowJointCodes) throws -> ExactMoments? {
    let width = row.values.count
    func zeros(_ count: Int) -> [Double] { [Double](repeating: 0, count: count) }
    switch mistake {
    case .throwsMoments: throw DiscreteError.notFinite("an integral that does not end")
    case .throwsAnotherError: throw OwnError()
    case .shortMean:
      return ExactMoments(RowMoments(mean: zeros(1), covariance: zeros(width * width)))
    case .shortCovariance:
      return ExactMoments(RowMoments(mean: zeros(width), covariance: zeros(1)))
    default: return nil
    }
  }

  /// Under sampled moments alone these go well.
  var failsOnlyExactly: Bool {
    [.throwsMoments, .throwsAnotherError, .shortMean, .shortCovariance, .otherAtoms]
      .contains(mistake)
  }
}

/// An error of one estimator is the result of its own cell: beside it the others have the numbers they
/// have without it, on exact, integrated and sampled moments and single draws. A mistake in the length of
/// an array is an error with a message, not the end of the program.
@Suite struct FailureBelongsToItsCellTests {
  private static func problem(_ kind: String) throws -> any DiscreteProblem {
    if kind == "network" {
      return try CategoricalVAE<Float>(
        settings: VAESettings(latents: 2, categories: 3, rows: 2, hidden1: 8, hidden2: 6),
        images: .procedural())
    }
    let descriptor = try #require(ProblemRegistry.named(kind))
    return try descriptor.make(
      ResolvedParameters([:], specs: descriptor.parameters),
      ProblemEnvironment(baseDirectory: ".", dataDirectories: [], checkpointDirectory: "."))
  }

  /// Sums, a quadrature of noise beside the forward, and one of a soft forward.
  private static let healthy = ["reinforce", "st", "st-gs", "gumbel-softmax", "bitflip-1"]

  private static func run(
    _ estimators: [any GradientEstimator], _ problem: any DiscreteProblem, _ moments: MomentsChoice
  ) throws -> [Result<FidelityReport, DiscreteError>] {
    try FidelitySession(
      problem: problem, target: TargetSettings(),
      measure: MeasureSettings(moments: moments, draws: 64, blocks: 8, perDrawSamples: 4),
      key: RandomKey(seed: 2)
    ).run(estimators.map { FidelityRequest(estimator: $0, distribution: .own) })
  }

  @Test(arguments: ["test-problem", "network"], [MomentsChoice.auto, .exact, .monteCarlo])
  func theOthersGoOn(kind: String, moments: MomentsChoice) throws {
    let problem = try Self.problem(kind)
    // Behind a network the integral over a soft forward takes minutes.
    let healthy = try Self.healthy.filter { kind != "network" || $0 != "gumbel-softmax" }
      .map { try EstimatorRegistry.make($0) }
    let alone = try Self.run(healthy, problem, moments)
    let mistakes = Mistaken.Mistake.allCases.map { Mistaken(mistake: $0) }
    // The mistaken ones stand between the others.
    let (before, after) = (healthy.prefix(2), healthy.dropFirst(2))
    let together = try Self.run(before + mistakes + after, problem, moments)
    let others = together.prefix(before.count) + together.suffix(after.count)
    for ((own, other), estimator) in zip(zip(others, alone), healthy) {
      switch (own, other) {
      case (.success(let own), .success(let other)):
        #expect(own.numbers == other.numbers, "\(estimator)")
      case (.failure(let own), .failure(let other)): #expect(own == other)
      default: Issue.record("\(estimator): one with and one without a number")
      }
    }
    for (mistaken, result) in zip(mistakes, together.dropFirst(before.count)) {
      let mistake = mistaken.mistake
      if mistaken.failsOnlyExactly && moments == .monteCarlo { continue }
      guard case .failure(let error) = result else {
        Issue.record("\(mistake): measured")
        continue
      }
      // What has no exact moments may be refused for that alone.
      guard moments != .exact else { continue }
      let text = "\(error)"
      #expect(
        text.contains("Mistaken") || text.contains("due") || text.contains("planned")
          || text.contains("an integral that does not end")
          || text.contains("an error of the extension"), "\(mistake): \(text)")
    }
  }

  /// A comparison of two estimators says which error there was.
  @Test func comparisonsThrow() throws {
    let session = FidelitySession(
      problem: try Self.problem("test-problem"), target: TargetSettings(),
      measure: MeasureSettings(draws: 64, blocks: 8, perDrawSamples: 0), key: RandomKey(seed: 2))
    #expect(throws: DiscreteError.notFinite("an integral that does not end")) {
      try session.compare(
        FidelityRequest(estimator: try EstimatorRegistry.make("reinforce"), distribution: .own),
        FidelityRequest(estimator: Mistaken(mistake: .throwsMoments), distribution: .own),
        metrics: [.mse])
    }
  }
}

import Discrete
import Estimators
import Models
import Tensors

/// Wrong estimators, a wrong statistic and wrong costs that the checks must catch, each with a right twin that
/// passes the same check.
///
/// The key is fixed, so a run gives the same numbers on the same machine. A random check would flag a right
/// estimator in about `1e-6` of all keys, so all of them together in less than `2e-5`.
public struct SelfTest: Sendable {
  /// One wrong thing and the check that has to catch it.
  public struct Row: Sendable, Equatable {
    public let defect: String
    public let check: String
    public let wrong: CheckOutcome
    public let right: CheckOutcome

    public var isCaught: Bool { !wrong.passes }
    public var isFalseAlarm: Bool { !right.passes }
    public var holds: Bool { isCaught && !isFalseAlarm }
  }

  /// Nominal rate at which one check flags a right estimator, over all keys.
  public static let falseAlarms = SelfTestChecks.falseAlarms

  public let rows: [Row]
  public var holds: Bool { rows.allSatisfy(\.holds) }

  /// - Parameter progress: a line before each wrong thing.
  /// - Throws: errors of the measuring.
  public init(seed: UInt64 = 1, workers: Int, progress: (String) -> Void = { _ in }) throws {
    rows = try Self.cases().enumerated().map { index, item in
      progress(item.defect)
      let checks = SelfTestChecks(
        key: RandomKey(seed: seed).derived("self-test").derived(UInt64(index)), workers: workers)
      return Row(
        defect: item.defect, check: item.check, wrong: try item.wrong(checks),
        right: try item.right(checks))
    }
  }

  private struct Case {
    let defect: String
    let check: String
    let wrong: (SelfTestChecks) throws -> CheckOutcome
    let right: (SelfTestChecks) throws -> CheckOutcome

    init(
      _ defect: String, _ check: String,
      wrong: @escaping (SelfTestChecks) throws -> CheckOutcome,
      right: @escaping (SelfTestChecks) throws -> CheckOutcome
    ) {
      self.defect = defect
      self.check = check
      self.wrong = wrong
      self.right = right
    }
  }

  private static let sampledBias = "lower end of the sampled rel_bias"
  private static let exactBias = "rel_bias of a sum over all joint codes"
  private static let moments = "largest z of sampled against exact moments"
  private static let digits = "digits of a certified number"
  private static let change = "change of single estimates"

  private static func cases() throws -> [Case] {
    try unbiasedCases() + straightThroughCases() + statisticCases() + invarianceCases()
  }

  private static func toy() throws -> any DiscreteProblem { try problem("test-problem") }

  private static func problem(_ kind: String) throws -> any DiscreteProblem {
    guard let descriptor = ProblemRegistry.named(kind) else {
      throw DiscreteError.parameter("unknown problem kind '\(kind)'")
    }
    return try descriptor.make(
      ResolvedParameters([:], specs: descriptor.parameters),
      ProblemEnvironment(baseDirectory: ".", dataDirectories: [], checkpointDirectory: "."))
  }

  private static func certified(_ set: String) throws -> PublishedProblem {
    guard let item = try CertifiedSets.all().first(where: { $0.name == set })?.problems.first else {
      throw DiscreteError.parameter("there is no certified set '\(set)'")
    }
    return item
  }

  private static func make(
    _ kind: String, _ parameters: [String: ParameterValue] = [:]
  ) throws -> any GradientEstimator {
    try EstimatorRegistry.make(kind, parameters)
  }

  /// Estimators that are unbiased but for the defect.
  private static func unbiasedCases() throws -> [Case] {
    let toy = try toy()
    let subsets = try certified("k-subset-toy")
    let (size, subsetToy) = (subsets.subset ?? 1, subsets.problem)
    let pair = try make("reinforce-loo")
    return [
      Case(
        "leave-one-out with the draw's own cost in the baseline", sampledBias,
        wrong: { try $0.sampledBias(toy, GroupAdvantage(samples: 2, epsilon: nil)) },
        right: { try $0.sampledBias(toy, pair) }),
      Case(
        "the same, by a sum over all pairs of joint codes", exactBias,
        wrong: { try $0.exactBias(toy, GroupAdvantage(samples: 2, epsilon: nil)) },
        right: { try $0.exactBias(toy, pair) }),
      Case(
        "CARMS with one category order", sampledBias,
        wrong: { try $0.sampledBias(toy, CategoricalARMS.oneOrder(samples: 2)) },
        right: { try $0.sampledBias(toy, CategoricalARMS(samples: 2)) }),
      Case(
        "the same, by its exact moments", exactBias,
        wrong: { try $0.exactBias(toy, CategoricalARMS.oneOrder(samples: 2)) },
        right: { try $0.exactBias(toy, CategoricalARMS(samples: 2)) }),
      Case(
        "Gumbel top-k draws under the score of the subset distribution", sampledBias,
        wrong: {
          try $0.sampledBias(subsetToy, SubsetReinforce(size: size, draws: .gumbelTopK))
        },
        right: {
          try $0.sampledBias(subsetToy, SubsetReinforce(size: size, draws: .subsetDistribution))
        }),
    ]
  }

  private static func straightThroughCases() throws -> [Case] {
    let toy = try toy()
    let quadratic = try certified("quadratics")
    func isReinMax(_ row: PublishedRow) -> Bool {
      row.estimator == "reinmax" && row.published.contains { $0.metric == "variance_scaled" }
        && (try? row.parameters(EstimatorRegistry.named("reinmax")?.parameters ?? []))?["tau"]
          == .number(2)
    }
    func isTempered(_ row: PublishedRow) -> Bool {
      row.estimator == "st"
        && (try? row.parameters(EstimatorRegistry.named("st")?.parameters ?? []))?["tau"]
          == .number(2)
    }
    let detached = try make("gr-mc", ["samples": .integer(2)])
    let through = try make("gr-mc", ["samples": .integer(2), "noise-derivative": .flag(true)])
    return [
      Case(
        "ReinMax with its midpoint at another temperature", digits,
        wrong: {
          try $0.certified(
            set: "quadratics", problem: quadratic.name, isReinMax,
            MidpointTemperatureInverted(tau: 2))
        },
        right: {
          try $0.certified(
            set: "quadratics", problem: quadratic.name, isReinMax, ReinMax(tau: 2))
        }),
      Case(
        "the same at 1.5, said to be exact on quadratic costs", exactBias,
        wrong: { try $0.exactBias(quadratic.problem, ReinMax(tau: 1.5)) },
        right: { try $0.exactBias(quadratic.problem, ReinMax(tau: 1)) }),
      Case(
        "straight-through at 2 without its factor 1/tau", digits,
        wrong: {
          try $0.certified(
            set: "test-problem-table", problem: "test-problem-2x3", isTempered,
            StraightThroughWithoutFactor(tau: 2))
        },
        right: {
          try $0.certified(
            set: "test-problem-table", problem: "test-problem-2x3", isTempered,
            make("st", ["tau": .number(2)]))
        }),
      Case(
        "Gumbel-Rao through its noise, said to be detached", moments,
        wrong: {
          try $0.exactAgainstSampled(toy, MismatchedMoments(draws: through, moments: detached))
        },
        right: {
          try $0.exactAgainstSampled(toy, MismatchedMoments(draws: detached, moments: detached))
        }),
      Case(
        "Gumbel-Rao with the noise's derivative forgotten", moments,
        wrong: {
          try $0.exactAgainstSampled(toy, MismatchedMoments(draws: detached, moments: through))
        },
        right: {
          try $0.exactAgainstSampled(toy, MismatchedMoments(draws: through, moments: through))
        }),
    ]
  }

  private static func statisticCases() throws -> [Case] {
    let toy = try toy()
    let plain = try make("reinforce")
    let (pair, triple) = (
      try make("reinforce-loo"), try make("reinforce-loo", ["samples": .integer(3)])
    )
    return [
      Case(
        "exact moments of three draws for two", moments,
        wrong: {
          try $0.exactAgainstSampled(toy, MismatchedMoments(draws: pair, moments: triple))
        },
        right: {
          try $0.exactAgainstSampled(toy, MismatchedMoments(draws: pair, moments: pair))
        }),
      Case(
        "plug-in square of the bias, nothing subtracted", "z of the mean of 400 measurements",
        wrong: { try $0.meanOfBias(toy, plain, .plugIn) },
        right: { try $0.meanOfBias(toy, plain, .debiased) }),
      Case(
        "the same, by its intervals", "share of 400 intervals of 95 % that hold the truth",
        wrong: { try $0.coverageOfBias(toy, plain, .plugIn) },
        right: { try $0.coverageOfBias(toy, plain, .debiased) }),
    ]
  }

  private static func invarianceCases() throws -> [Case] {
    let toy = try toy()
    let pair = try make("reinforce-loo")
    let offset = 1e7
    // Rounding of a value with the constant in it, eight times, over values of about 1.
    let rounding = 8 * offset * 0x1p-53
    return [
      Case(
        "a constant of 1e7 added to the cost in float32", change,
        wrong: {
          try $0.invariance(
            toy, OffsetOracle(base: toy.oracle, offset: offset, isSingle: true), factor: 1,
            limit: rounding, pair)
        },
        right: {
          try $0.invariance(
            toy, OffsetOracle(base: toy.oracle, offset: offset, isSingle: false), factor: 1,
            limit: rounding, pair)
        }),
      Case(
        "a baseline that a constant in the cost moves", change,
        wrong: {
          try $0.invariance(
            toy, OffsetOracle(base: toy.oracle, offset: 1, isSingle: false), factor: 1,
            limit: 1e-12, make("reinforce-constant", ["baseline": .number(0.7)]))
        },
        right: {
          try $0.invariance(
            toy, OffsetOracle(base: toy.oracle, offset: 1, isSingle: false), factor: 1,
            limit: 1e-12, pair)
        }),
      Case(
        "costs divided by the draws' own deviation (three times the cost)", change,
        wrong: {
          try $0.invariance(
            toy, ScaledOracle(base: toy.oracle, factor: 3), factor: 3, limit: 1e-12,
            GroupAdvantage(samples: 2, epsilon: 1e-4))
        },
        right: {
          try $0.invariance(
            toy, ScaledOracle(base: toy.oracle, factor: 3), factor: 3, limit: 1e-12, pair)
        }),
    ]
  }
}

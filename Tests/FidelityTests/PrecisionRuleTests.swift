import Discrete
import Estimators
import Fidelity
import Models
import Synchronization
import Tensors
import Testing

/// The stop rule: draws are doubled until a standard error is reached.
@Suite struct PrecisionRuleTests {
  private static func settings(
    _ rule: PrecisionRule?, draws: Int = 64, perDrawSamples: Int = 0
  ) -> MeasureSettings {
    MeasureSettings(
      moments: .monteCarlo, draws: draws, blocks: 16, perDrawSamples: perDrawSamples, gap: false,
      precision: rule)
  }

  private static func reports(
    _ problem: any DiscreteProblem, _ requests: [FidelityRequest], _ measure: MeasureSettings,
    target: TargetSettings = TargetSettings(), seed: UInt64 = 5, workers: Int = 1
  ) throws -> [FidelityReport] {
    try FidelitySession(
      problem: problem, target: target, measure: measure, key: RandomKey(seed: seed),
      workers: workers
    ).run(requests).map { try $0.get() }
  }

  private static func draws(_ report: FidelityReport) throws -> Int {
    try #require(number(report.numbers, .variance).draws)
  }

  /// Numbers with all their bits; comparing the values themselves would find NaN unequal to NaN.
  private static func bits(_ reports: [FidelityReport]) -> [String] {
    reports.map { "\(text(of: $0.numbers)) \($0.hasPrecision) \($0.isTargetPrecise)" }
  }

  /// Every cell ends at the first doubling that reaches the error on all scopes; one doubling less
  /// does not.
  @Test func stopsAtTheFirstSizeThatIsEnough() throws {
    let problem = try trainedVAE(smallSizes, steps: 3)
    let requests = try Zoo.requests([
      ("reinforce", [:]), ("st", ["tau": .number(1)]),
      ("gumbel-softmax", ["tau": .number(0.7)]),
    ])
    // Between the errors that the cells start with.
    let errors = try Self.reports(problem, requests, Self.settings(nil)).map { report in
      report.numbers.filter { $0.metric == .relativeBias }.map(\.standardError).max() ?? 0
    }
    let bound = 0.4 * (errors.max() ?? 0)
    let rule = PrecisionRule(metric: .relativeBias, errorBelow: bound, maxDraws: 1 << 16)
    let reports = try Self.reports(problem, requests, Self.settings(rule))
    var sizes: Set<Int> = []
    for (report, request) in zip(reports, requests) {
      let size = try Self.draws(report)
      sizes.insert(size)
      #expect(report.hasPrecision)
      let errors = report.numbers.filter { $0.metric == .relativeBias }
      #expect(errors.count > 3)
      #expect(errors.allSatisfy { $0.standardError <= bound })
      guard size > 64 else { continue }
      var shorter = rule
      shorter.maxDraws = size / 2
      let before = try Self.reports(problem, [request], Self.settings(shorter))[0]
      #expect(!before.hasPrecision)
      #expect(try Self.draws(before) == size / 2)
      #expect(
        before.numbers.contains { $0.metric == .relativeBias && $0.standardError > bound })
    }
    // The rule is of use: cells of different spread take different numbers of draws.
    #expect(sizes.count > 1)
  }

  /// A cell has the same bits alone, among others that end earlier or later, and with any number of
  /// workers.
  @Test(arguments: [TargetKind.auto, .monteCarlo])
  func aCellDependsOnItselfAlone(kind: TargetKind) throws {
    let problem = try trainedVAE(smallSizes, steps: 3)
    let requests = try Zoo.requests()
    let measure = Self.settings(
      PrecisionRule(metric: .relativeBias, errorBelow: 0.15, maxDraws: 512), perDrawSamples: 4)
    let target = TargetSettings(kind: kind, errorFraction: 0.5, maxDraws: 4096)
    let whole = try Self.reports(problem, requests, measure, target: target)
    #expect(Set(try whole.map(Self.draws)).count > 1)
    #expect(
      Self.bits(
        try Self.reports(problem, requests.reversed(), measure, target: target, workers: 2)
      )
      .reversed() == Self.bits(whole))
    for (request, report) in zip(requests, whole) {
      let alone = try Self.reports(problem, [request], measure, target: target)
      #expect(Self.bits(alone) == Self.bits([report]))
    }
  }

  /// Rounds draw what one run of the final size draws: the same mean and variance to rounding, the
  /// same calls of the oracle, nothing twice. Without a rule, or where the first size is enough,
  /// the bits are those of a plain run.
  @Test func roundsExtend() throws {
    let counted = CountedCalls(try registered("test-problem"))
    let requests = try Zoo.requests([("st", ["tau": .number(1)])])
    let rule = PrecisionRule(metric: .relativeBias, errorBelow: 1e-9, maxDraws: 960)
    let target = TargetSettings(kind: .exact)
    let rounds = try Self.reports(counted, requests, Self.settings(rule), target: target)[0]
    let table = counted.shape.jointCodes(limit: 1000) ?? 0
    // And 16 codes each for the sizes of the costs, of the estimates and of the target.
    #expect(counted.oracleCalls.withLock { $0 } == (table + 960 + 2 * 16) * counted.shape.rows)
    let plain = try Self.reports(
      counted, requests, Self.settings(nil, draws: 960), target: target)[0]
    #expect(try Self.draws(rounds) == 960)
    for metric in [Metric.biasSquared, .variance, .mse, .estimateNorm, .reinMaxCosine] {
      let a = try number(rounds.numbers, metric).value
      let b = try number(plain.numbers, metric).value
      #expect(abs(a - b) < 1e-12 * max(abs(b), 1), "\(metric)")
    }
    #expect(!rounds.hasPrecision && plain.hasPrecision)
    let easy = PrecisionRule(metric: .relativeBias, errorBelow: 1e9, maxDraws: 4096)
    #expect(
      try Self.reports(counted, requests, Self.settings(easy), target: target)[0].numbers
        == Self.reports(counted, requests, Self.settings(nil), target: target)[0].numbers)
  }

  /// Sums of nested samples are those of the rounds themselves, to the last bit, whoever asked for
  /// the smaller ones.
  @Test func nestedSumsAreTheSameBits() throws {
    let problem = try trainedVAE(smallSizes, steps: 2)
    let engine = try MonteCarloEngine(
      source: DrawSource(problem: problem, key: RandomKey(seed: 3)),
      geometry: ScopeGeometry(problem: problem, scopes: [.logits]), workers: 1)
    func target(_ size: Int, after smaller: TargetGradient? = nil) throws -> TargetGradient {
      try TargetGradient.monteCarlo(
        engine: engine, samples: 2, temperature: 1, blocks: 8, drawsPerBlock: size,
        after: smaller?.sampled)
    }
    let small = try target(4)
    let nested = try target(8, after: try target(4, after: small))
    #expect(nested.sampled?.draws == 128)
    #expect(nested.gradient == (try target(8, after: target(4, after: target(4)))).gradient)
    // One run of the final size has the same draws in other blocks.
    #expect(relativeDifference(nested.gradient, try target(16).gradient) < 1e-13)
    #expect(nested.gradient != small.gradient)
  }

  @Test func exactMomentsIgnoreTheRule() throws {
    let problem = try registered("test-problem")
    var measure = MeasureSettings(
      draws: 64, blocks: 16, perDrawSamples: 0,
      precision: PrecisionRule(metric: .relativeBias, errorBelow: 1e-12, maxDraws: 1 << 20))
    let requests = try Zoo.requests([("st", ["tau": .number(1)])])
    let ruled = try Self.reports(problem, requests, measure)[0]
    #expect(ruled.moments == .exact && ruled.hasPrecision)
    measure.precision = nil
    #expect(ruled.numbers == (try Self.reports(problem, requests, measure)[0].numbers))
  }

  /// A scope that is not measured fails with its nearest name; on a problem without parameters any
  /// scope means the logits.
  @Test func theScopeCounts() throws {
    let vae = try trainedVAE(smallSizes, steps: 1)
    var rule = PrecisionRule(
      metric: .variance, errorBelow: 1e9, maxDraws: 128, scope: "encoder.9")
    let requests = try Zoo.requests([("st", ["tau": .number(1)])])
    #expect {
      try Self.reports(vae, requests, Self.settings(rule))
    } throws: {
      "\($0)".contains("'encoder.9', which is not measured; did you mean 'encoder.")
    }
    rule.errorBelow = 1e-12
    let toy = try registered("bernoulli-toy")
    #expect(!(try Self.reports(toy, requests, Self.settings(rule))[0].hasPrecision))
    rule.scope = "logits"
    #expect(try Self.draws(Self.reports(vae, requests, Self.settings(rule))[0]) == 128)
  }

  /// Far from zero, stopping by the error costs little coverage: of intervals of level 0.95, over 400 keys, at
  /// least 0.91 minus 5 standard deviations hold the true value (false-alarm rate below 1e-5 were
  /// the coverage 0.91).
  @Test func intervalsStillCover() throws {
    let problem = try registered("test-problem")
    let requests = try Zoo.requests([("st", ["tau": .number(1)])])
    let exact = try Self.reports(
      problem, requests, MeasureSettings(moments: .exact, perDrawSamples: 0))[0]
    let truth = try number(exact.numbers, .relativeBias).value
    let rule = PrecisionRule(metric: .relativeBias, errorBelow: 0.05, maxDraws: 4096)
    var covered = 0
    var looks: [Int: Int] = [:]
    let repeats = 400
    for seed in 0..<repeats {
      let report = try Self.reports(
        problem, requests, Self.settings(rule), seed: UInt64(1000 + seed))[0]
      let bias = try number(report.numbers, .relativeBias)
      looks[try Self.draws(report), default: 0] += 1
      if bias.low <= truth, truth <= bias.high { covered += 1 }
    }
    let rate = Double(covered) / Double(repeats)
    #expect(rate > 0.91 - 5 * (0.91 * 0.09 / Double(repeats)).squareRoot(), "\(rate)")
    #expect(looks.count > 1, "\(looks)")
  }
}

/// A problem that counts the points of every row that its oracle is asked for.
final class CountedCalls: DiscreteProblem, BulkOracle {
  private let inner: any DiscreteProblem
  let oracleCalls = Mutex(0)

  init(_ inner: any DiscreteProblem) { self.inner = inner }

  var logits: Logits { inner.logits }
  var shape: LayerShape { inner.shape }
  var oracle: any CostOracle { self }
  var capabilities: OracleCapabilities { inner.oracle.capabilities }

  func costs(at codes: CodeBlock, gradients: Bool) throws -> CostBlock {
    oracleCalls.withLock { $0 += codes.draws * shape.rows }
    return try inner.oracle.costs(at: codes, gradients: gradients)
  }

  func costs(at points: SoftBlock, gradients: Bool) throws -> CostBlock {
    oracleCalls.withLock { $0 += points.draws * shape.rows }
    return try inner.oracle.costs(at: points, gradients: gradients)
  }

  func costs(ofJointCodes jointCodes: Range<Int>, gradients: Bool) throws -> CostBlock {
    oracleCalls.withLock { $0 += jointCodes.count * shape.rows }
    return try inner.oracle.costs(ofJointCodes: jointCodes, gradients: gradients)
  }
}

import Discrete
import Estimators
import Fidelity
import Tensors
import Testing

/// Every check finds the fault that it is there for, and none in a sound estimator.
@Suite struct NegativeControlTests {
  static let caught: [(BrokenReinforce.Fault, Check)] = [
    (.wrongSign, .unbiased), (.baselineWithOwnCost, .unbiased), (.biasedFit, .unbiased),
    (.nanAtTheEdge, .edges), (.moreCallsThanSaid, .calls), (.globalRandomness, .repeats),
    (.dependsOnTheBatch, .repeats), (.partlyWritten, .overwrites), (.addsToMemory, .overwrites),
    (.usesRawLogits, .logitShift), (.sumsToSomething, .sumsToZero), (.clipped, .costScale),
    (.orderMatters, .permutation), (.lowBits, .precision),
    (.momentsOfAnother, .exactAgainstSampled), (.randomFit, .fitting),
  ]

  @Test(arguments: caught.indices) func theFaultIsFound(_ index: Int) throws {
    let (fault, check) = Self.caught[index]
    let subject = try #require(
      Subjects.settings(BrokenReinforce(fault: fault).descriptor).first)
    #expect(!check.violations(subject).isEmpty, "\(fault) passes '\(check.name)'")
  }

  @Test func everyFaultHasACheck() {
    #expect(Set(Self.caught.map(\.0)) == Set(BrokenReinforce.Fault.allCases))
  }

  private func subject(
    _ make: @escaping @Sendable (ResolvedParameters) throws -> any GradientEstimator,
    cost: String = "1 value", invariants: EstimatorInvariants = EstimatorInvariants(),
    parameters: [ParameterSpec] = [], refusal: String? = nil
  ) throws -> Subject {
    try #require(
      Subjects.settings(
        EstimatorDescriptor(
          name: "broken", family: .scoreFunction, bias: .unbiased, summary: "", formula: "",
          exactOn: "", cost: cost, source: "", invariants: invariants, parameters: parameters,
          layerRefusal: { _, _ in refusal }, make: make)
      ).first)
  }

  /// What is declared too little is found, too: the catalogue would say less than is so.
  @Test func wrongDeclarationsAreFound() throws {
    // From the registry: `Subjects` may be a selection.
    let plain = try #require(
      EstimatorRegistry.named("reinforce").flatMap { Subjects.settings($0).first })
    let make = plain.descriptor.make
    #expect(!Check.costShift.violations(try subject(make)).isEmpty)
    #expect(Check.costShift.violations(plain).isEmpty)
    let shy = EstimatorInvariants(sumsToZero: false, costShift: false, costScale: false)
    #expect(!Check.sumsToZero.violations(try subject(make, invariants: shy)).isEmpty)
    #expect(!Check.costScale.violations(try subject(make, invariants: shy)).isEmpty)
    #expect(!Check.calls.violations(try subject(make, cost: "2 values")).isEmpty)
    #expect(!Check.works.violations(try subject(make, refusal: "no layer")).isEmpty)
  }

  /// A constant said to be ignored that is not, and one ignored without a word.
  @Test func wrongPromisesOfConstantsAreFound() throws {
    struct Promising: GradientEstimator {
      let inner: any GradientEstimator
      let ignoredConstants: CostConstants
      var plan: EvaluationPlan { inner.plan }
      var traits: EstimatorTraits { EstimatorTraits(ignoredConstants: ignoredConstants) }
      func combine(_ row: RowLogits, _ draws: RowDraws, into estimates: inout [Double]) {
        inner.combine(row, draws, into: &estimates)
      }
    }
    func violations(_ kind: String, _ ignored: CostConstants) throws -> [String] {
      let inner = try #require(Subjects.defaults.first { $0.descriptor.name == kind }).make()
      return Check.constants.violations(
        try subject { _ in Promising(inner: inner, ignoredConstants: ignored) })
    }
    #expect(!(try violations("reinforce", .level)).isEmpty)
    #expect(!(try violations("identity-st", [.level, .gradients])).isEmpty)
    #expect(!(try violations("reinforce-loo", [])).isEmpty)
    #expect(try violations("reinforce-loo", .level).isEmpty)
  }

  /// Calls behind the engine's back are counted: the oracle is the one that the check hands in.
  @Test func secretCallsAreFound() throws {
    let layer = Layer(2, 3)
    let oracle = CountingOracle(try registered("test-problem", layer).oracle)
    SecretCaller.oracle.withLock { $0 = oracle }
    defer { SecretCaller.oracle.withLock { $0 = nil } }
    _ = try estimates(
      SecretCaller(), altered(registered("test-problem", layer), oracle: oracle), draws: 0..<5)
    #expect(oracle.points == (10, 0))
  }

  /// Needs gradients without saying so: a table has none.
  @Test func undeclaredGradientsAreFound() throws {
    struct Greedy: ProbingEstimator {
      var plan: EvaluationPlan { EvaluationPlan(values: true) }
      func probes(_ row: RowLogits, _ draws: RowDraws) -> Probes { Probes() }
      func combine(_ row: RowLogits, _ draws: RowDraws, into estimates: inout [Double]) {
        for index in estimates.indices {
          estimates[index] = draws.gradients.isEmpty ? draws.values[0][index / row.values.count] : 0
        }
      }
    }
    #expect(!Check.repeats.violations(try subject { _ in Greedy() }).isEmpty)
  }

  /// Where no number comes out, the engine states an error, whatever way the moments are got.
  @Test(arguments: [MomentsChoice.auto, .monteCarlo])
  func noNumberIsAStatedError(_ moments: MomentsChoice) throws {
    struct Cold: ExactEstimator {
      var plan: EvaluationPlan { EvaluationPlan(values: true) }
      func combine(_ row: RowLogits, _ draws: RowDraws, into estimates: inout [Double]) {
        for index in estimates.indices { estimates[index] = .nan }
      }
      func exactMoments(_ row: RowLogits, _ jointCodes: RowJointCodes) -> ExactMoments? {
        ExactMoments(
          RowMoments(
            mean: Array(repeating: .nan, count: jointCodes.width),
            covariance: Array(repeating: .nan, count: jointCodes.width * jointCodes.width)))
      }
    }
    let session = FidelitySession(
      problem: try registered("test-problem", Layer(2, 3)), target: TargetSettings(),
      measure: MeasureSettings(scopes: [.logits], moments: moments, draws: 16, blocks: 8),
      key: RandomKey(seed: 1))
    let report = try session.run([FidelityRequest(estimator: Cold(), distribution: .own)])[0]
    #expect(throws: DiscreteError.notFinite("an estimate is not finite")) { try report.get() }
  }
}

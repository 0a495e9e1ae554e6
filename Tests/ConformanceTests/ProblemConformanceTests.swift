import Conformance
import Discrete
import Models
import Testing

/// Every registered problem keeps what the interface promises. A new kind is under test as soon as its
/// line stands in the registry.
@Suite struct ProblemConformanceTests {
  @Test(arguments: ProblemSubjects.all) func oracleAndPullback(_ subject: ProblemSubject) throws {
    let problem = try subject.make()
    let violations = ProblemCheck.ofParts.flatMap { $0.violations(problem) }
    #expect(violations == [])
  }

  @Test(arguments: ProblemSubjects.all) func exactAgainstSampled(_ subject: ProblemSubject) throws {
    let violations = ProblemCheck.exactAgainstSampled.violations(try subject.make())
    #expect(violations == [])
  }

  @Test(arguments: ProblemSubjects.all) func workers(_ subject: ProblemSubject) throws {
    let violations = ProblemCheck.workers.violations(try subject.make())
    #expect(violations == [])
  }

  @Test(arguments: ProblemSubjects.all) func wrapped(_ subject: ProblemSubject) throws {
    let violations = ProblemCheck.wrappers.violations(try subject.make())
    #expect(violations == [])
  }

  @Test(arguments: ProblemSubjects.all) func withoutShortcuts(_ subject: ProblemSubject) throws {
    let violations = ProblemCheck.shortcuts.violations(try subject.make())
    #expect(violations == [])
  }

  /// A slow way that has another answer is found: with wrong answers in float32, draws side by side are
  /// wrong and single ones are not.
  @Test func aWrongShortcutIsFound() throws {
    let sound = try CategoricalVAE<Float>(
      settings: VAESettings(latents: 2, categories: 3, rows: 2, hidden1: 12, hidden2: 8),
      images: .procedural())
    let found = ProblemCheck.shortcuts.violations(BrokenProblem(inner: sound, fault: .singleSign))
    #expect(found.contains { $0.hasPrefix("lanes, monte-carlo") })
    #expect(!found.contains { $0.hasPrefix("own matrix product") })
  }

  /// Every check finds the fault that it is there for.
  @Test(arguments: BrokenProblem.Fault.allCases) func faultsAreFound(_ fault: BrokenProblem.Fault)
    throws
  {
    let sound = try CategoricalVAE<Double>(
      settings: VAESettings(latents: 2, categories: 3, rows: 2, hidden1: 12, hidden2: 8),
      images: .procedural())
    let problem = BrokenProblem(inner: sound, fault: fault)
    #expect(!fault.check.violations(problem).isEmpty)
    #expect(fault.check.violations(sound) == [])
  }

  /// What an oracle leaves in the padding of a ragged layer is found.
  @Test func filledPaddingIsFound() throws {
    let sound = try RaggedProblem()
    let problem = try CostProblem(
      logits: sound.logits, oracle: FilledPadding(inner: sound.oracle))
    #expect(ProblemCheck.padding.violations(problem).count == 3)
    #expect(ProblemCheck.padding.violations(sound) == [])
  }

  @Test func everyKindIsUnderTest() {
    for descriptor in ProblemRegistry.all {
      #expect(
        ProblemSubjects.all.contains { $0.testDescription.hasPrefix(descriptor.name) },
        "\(descriptor.name)")
    }
  }
}

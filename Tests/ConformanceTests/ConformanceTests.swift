import Discrete
import Fidelity
import Tensors
import Testing

/// Every registered estimator keeps what its descriptor and the interface promise. A new estimator
/// is under test as soon as its line stands in the registry.
@Suite struct ConformanceTests {
  @Test(arguments: Subjects.defaults) func works(_ subject: Subject) {
    #expect(Check.works.violations(subject) == [])
  }

  @Test(arguments: Subjects.all) func overwritesEverything(_ subject: Subject) {
    #expect(Check.overwrites.violations(subject) == [])
  }

  @Test(arguments: Subjects.all) func sameKeySameBits(_ subject: Subject) {
    #expect(Check.repeats.violations(subject) == [])
  }

  @Test(arguments: Subjects.all) func logitShift(_ subject: Subject) {
    #expect(Check.logitShift.violations(subject) == [])
  }

  @Test(arguments: Subjects.all) func sumOverCategories(_ subject: Subject) {
    #expect(Check.sumsToZero.violations(subject) == [])
  }

  @Test(arguments: Subjects.all) func costShift(_ subject: Subject) {
    #expect(Check.costShift.violations(subject) == [])
  }

  @Test(arguments: Subjects.all) func constants(_ subject: Subject) {
    #expect(Check.constants.violations(subject) == [])
  }

  @Test(arguments: Subjects.all) func costScale(_ subject: Subject) {
    #expect(Check.costScale.violations(subject) == [])
  }

  @Test(arguments: Subjects.all) func permutation(_ subject: Subject) {
    #expect(Check.permutation.violations(subject) == [])
  }

  @Test(arguments: Subjects.all) func tableCosts(_ subject: Subject) {
    #expect(Check.table.violations(subject) == [])
  }

  @Test(arguments: Subjects.all) func oracleCalls(_ subject: Subject) {
    #expect(Check.calls.violations(subject) == [])
  }

  @Test(arguments: Subjects.all) func edges(_ subject: Subject) {
    #expect(Check.edges.violations(subject) == [])
  }

  @Test(arguments: Subjects.all) func oneCategory(_ subject: Subject) {
    #expect(Check.oneCategory.violations(subject) == [])
  }

  @Test(arguments: Subjects.defaults) func temperatures(_ subject: Subject) {
    #expect(Check.temperatures.violations(subject) == [])
  }

  @Test(arguments: Subjects.all) func unbiased(_ subject: Subject) {
    #expect(Check.unbiased.violations(subject) == [])
  }

  @Test(arguments: Subjects.all) func exactAgainstSampled(_ subject: Subject) {
    #expect(Check.exactAgainstSampled.violations(subject) == [])
  }

  @Test(arguments: Subjects.all) func precision(_ subject: Subject) {
    #expect(Check.precision.violations(subject) == [])
  }

  @Test(arguments: Subjects.defaults) func fitting(_ subject: Subject) {
    #expect(Check.fitting.violations(subject) == [])
  }

  /// The numbers of a cell: alone, beside all others, with one worker and with two.
  @Test(arguments: [Layer(2, 2), Layer(2, 3)]) func cellsDoNotDependOnEachOther(_ layer: Layer)
    throws
  {
    let subjects = Subjects.defaults.filter { $0.accepts(layer) }
    // A selection of kinds may have none for the layer.
    guard !subjects.isEmpty else { return }
    let problem = try registered("quadratic-cubic", layer)
    func numbers(_ subjects: [Subject], workers: Int) throws -> [String: [FidelityNumber]] {
      let session = FidelitySession(
        problem: problem, target: TargetSettings(),
        measure: MeasureSettings(
          scopes: [.logits], moments: .monteCarlo, draws: 64, blocks: 8, perDrawSamples: 8),
        key: RandomKey(seed: 3), workers: workers)
      let reports = try session.run(
        subjects.map { FidelityRequest(estimator: try $0.make(), distribution: .own) })
      var found: [String: [FidelityNumber]] = [:]
      for (subject, report) in zip(subjects, reports) {
        found[subject.descriptor.name] = try report.get().numbers
      }
      return found
    }
    let together = try numbers(subjects, workers: 1)
    #expect(together.count == subjects.count)
    #expect(try numbers(subjects.reversed(), workers: 2) == together)
    for subject in subjects {
      let name = subject.descriptor.name
      #expect(try numbers([subject], workers: 1)[name] == together[name], "\(name)")
    }
  }
}

import Discrete
import Estimators
import Foundation
import Models
import ResultStore
import Studies
import Testing

/// Columns that say how a number was got are what was done, and stored cells know the form of their
/// numbers.
@Suite struct StoredFactsTests {
  /// The states may be enumerated by the study's limit and are not: their table is too large.
  @Test func theTargetIsWhatWasDone() throws {
    let laboratory = try Laboratory()
    let store = try laboratory.store()
    let text = """
      format: 1
      name: large
      problems:
        - kind: test-problem
          latents: 21
          categories: 2
      estimators:
        - kind: reinforce-loo
      target: {max-states: 4194304, draws: 64}
      measure: {draws: 64, blocks: 8, per-draw-samples: 0}

      """
    let study = try laboratory.resolve(text)
    #expect(study.cells[0].record.target.isEmpty)
    #expect(try laboratory.run(text, in: store).measured == 1)
    let query = try ReadOnlyQuery(path: store.path)
    let row = try #require(
      query.run(
        "SELECT target, moments, target_error_sq > 0 FROM v_fidelity WHERE scope = 'logits'"
      ).rows.first)
    #expect(row == [.text("monte-carlo"), .text("monte-carlo"), .integer(1)])
    // The next registration leaves it.
    #expect(try laboratory.run(text, in: store).reused == 1)
    #expect(try store.cells(study: "large")[0].target == "monte-carlo")
  }

  @Test(arguments: [
    ("auto", "closed-form"), ("exact", "closed-form"), ("monte-carlo", "monte-carlo"),
  ])
  func targetsOfAToy(_ kind: String, _ target: String) throws {
    let laboratory = try Laboratory()
    let store = try laboratory.store()
    let text = StudyTexts.toy().replacing("target: {", with: "target: {draws: 64, kind: \(kind), ")
    #expect(try laboratory.run(text, in: store).exitCode == 0)
    #expect(try store.cells(study: "toy").map(\.target) == [target, target])
  }

  /// The catalogue with the numbers of some kinds in their second form.
  private func catalogue(estimator: String?, problem: String?) -> Catalogue {
    Catalogue(
      estimators: EstimatorRegistry.all.map {
        guard $0.name == estimator else { return $0 }
        return EstimatorDescriptor(
          name: $0.name, family: $0.family, domain: $0.domain, bias: $0.bias, summary: $0.summary,
          formula: $0.formula, exactOn: $0.exactOn, cost: $0.cost, source: $0.source,
          parameters: $0.parameters, numbersFormat: 2, make: $0.make)
      },
      problems: ProblemRegistry.all.map {
        guard $0.name == problem else { return $0 }
        return ProblemDescriptor(
          name: $0.name, summary: $0.summary, formula: $0.formula, source: $0.source,
          parameters: $0.parameters, identifying: $0.identifying, trainable: $0.trainable,
          numbersFormat: 2, make: $0.make)
      })
  }

  @Test(
    arguments: [
      (nil, nil, 0), ("st", nil, 1), (nil, "bernoulli-toy", 2), ("st", "bernoulli-toy", 2),
      ("reinmax", "test-problem", 0),
    ] as [(String?, String?, Int)])
  func olderForms(_ estimator: String?, _ problem: String?, older: Int) throws {
    let laboratory = try Laboratory()
    let store = try laboratory.store()
    #expect(try laboratory.run(StudyTexts.toy(), in: store).measured == 2)
    let catalogue = catalogue(estimator: estimator, problem: problem)
    #expect(
      try CellFormats.older(in: store, catalogue: catalogue) == (older > 0 ? ["toy": older] : [:]))
    let file = try StudyFileReader.read(
      path: laboratory.path + "/study.yaml", estimators: catalogue.estimators,
      problems: catalogue.problems)
    let study = try ResolvedStudy(
      file, path: "study.yaml", environment: laboratory.environment, catalogue: catalogue)
    let before = try store.cells(study: "toy")
    let outcome = try StudyRunner(
      study: study, store: store, environment: laboratory.environment, jobs: 1, progress: { _ in }
    ).run(SystemFacts.runRecord(seed: 1, jobs: 1))
    // Cells of older forms are not read as done, and their draws stay those of the setting.
    #expect(outcome.measured == older && outcome.reused == 2 - older)
    #expect(try CellFormats.older(in: store, catalogue: catalogue).isEmpty)
    for (old, new) in zip(before, try store.cells(study: "toy")) {
      let (one, other) = (
        try store.result(cellHash: old.hash), try store.result(cellHash: new.hash)
      )
      #expect(one?.measurements == other?.measurements && one != nil)
    }
  }
}

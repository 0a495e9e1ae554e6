import Discrete
import Estimators
import Foundation
import ResultStore
import Studies
import Testing

/// Kinds of one's own beside those of the registry.
@Suite struct OwnCatalogueTests {
  /// Zero, whatever the cost.
  private struct Silence: GradientEstimator {
    var plan: EvaluationPlan { EvaluationPlan(values: true) }
    func combine(_ row: RowLogits, _ draws: RowDraws, into estimates: inout [Double]) {
      for index in estimates.indices { estimates[index] = 0 }
    }
  }

  private func silence(_ name: String = "silence") -> EstimatorDescriptor {
    EstimatorDescriptor(
      name: name, family: .scoreFunction, bias: .biased, summary: "Zero.", formula: "g = 0",
      exactOn: "constant costs", cost: "1 value", source: "a test",
      parameters: [ParameterSpec("level", .real, default: .number(2), "nothing")],
      make: { _ in Silence() })
  }

  @Test func anEstimatorOfOnesOwnIsReadResolvedRunAndCompared() throws {
    let catalogue = try Catalogue.standard.adding(estimators: [silence()])
    let laboratory = try Laboratory()
    let text = StudyTexts.toy(estimators: ["silence", "st"])
    let path = laboratory.path + "/own.yaml"
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    #expect(throws: StudyFileErrors.self) {
      try StudyFileReader.read(
        path: path, estimators: EstimatorRegistry.all, problems: Catalogue.standard.problems)
    }
    let file = try StudyFileReader.read(
      path: path, estimators: catalogue.estimators, problems: catalogue.problems)
    let study = try ResolvedStudy(
      file, path: path, environment: laboratory.environment, catalogue: catalogue)
    #expect(study.cells.map(\.record.estimatorLabel) == ["silence(level=2.0)", "st(tau=1.0)"])
    let store = try laboratory.store()
    let outcome = try StudyRunner(
      study: study, store: store, environment: laboratory.environment, jobs: 1
    ) { _ in }.run(SystemFacts.runRecord(seed: 1, jobs: 1))
    #expect(outcome.measured == 2 && outcome.exitCode == 0)
    let numbers = try store.result(cellHash: study.cells[0].hash)?.measurements ?? []
    #expect(numbers.first { $0.metric == "rel_bias" }?.value == 1)
    #expect(numbers.first { $0.metric == "variance" }?.value == 0)
    let rows = try StudyComparison(
      study: study, environment: laboratory.environment, jobs: 1
    ) { _ in }.compare("silence", "st", metrics: [.relativeBias], scope: nil)
    #expect(rows.map(\.first) == ["silence(level=2.0)"])
  }

  @Test func namesMustBeNewAndPlain() throws {
    #expect(
      throws: DiscreteError.parameter("there is an estimator 'st' already; give another name")
    ) { try Catalogue.standard.adding(estimators: [silence("st")]) }
    #expect(
      throws: DiscreteError.parameter("there is an estimator 'a' already; give another name")
    ) { try Catalogue.standard.adding(estimators: [silence("a"), silence("a")]) }
    #expect(
      throws: DiscreteError.parameter(
        "'My_One' is no name for an estimator; use small letters, digits and single hyphens")
    ) { try Catalogue.standard.adding(estimators: [silence("My_One")]) }
    let problem = try #require(Catalogue.standard.problem("json"))
    #expect(
      throws: DiscreteError.parameter("there is a problem 'json' already; give another name")
    ) { try Catalogue.standard.adding(problems: [problem]) }
  }

  @Test func pairsThatDoNotFitMakeNoCells() throws {
    let study = try Laboratory().resolve(
      StudyTexts.toy(estimators: ["disarm", "st"], distributions: "[own, unit]").replacing(
        "  - kind: bernoulli-toy\n",
        with: "  - kind: bernoulli-toy\n  - {kind: test-problem, latents: 2, categories: 3}\n"))
    #expect(study.groups.map(\.cells.count) == [4, 2])
    #expect(study.leftOut.map(\.kind) == ["disarm"])
    #expect(study.leftOut.map(\.cells) == [2])
    #expect(study.leftOutNotes.count == 2)
  }
}

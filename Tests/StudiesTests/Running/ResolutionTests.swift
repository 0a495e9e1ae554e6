import Foundation
import Studies
import Testing

/// A cell's hash covers what its numbers depend on, and nothing else.
@Suite struct ResolutionTests {
  private func hashes(_ text: String) throws -> [String] {
    try Laboratory().resolve(text).cells.map(\.hash)
  }

  @Test func formIsNoContent() throws {
    let plain = try hashes(StudyTexts.toy())
    #expect(plain.count == 2 && Set(plain).count == 2)
    // Name, order, spelled-out defaults and comments.
    #expect(try hashes(StudyTexts.toy(name: "other")) == plain)
    #expect(try hashes(StudyTexts.toy(estimators: ["reinforce", "st"])) == plain.reversed())
    #expect(try hashes(StudyTexts.toy(estimators: ["st\n    tau: 1", "reinforce"])) == plain)
    #expect(
      try hashes(
        "# A comment\n"
          + StudyTexts.toy().replacing("bernoulli-toy", with: "bernoulli-toy\n    t: 0.45"))
        == plain)
    #expect(
      try hashes(
        StudyTexts.toy(
          measure:
            "level: 0.95, draws: 64, blocks: 8, per-draw-samples: 8, at: [all, layers, logits]"))
        == plain)
  }

  @Test(arguments: [
    StudyTexts.toy(seed: 2),
    StudyTexts.toy(distributions: "unit"),
    StudyTexts.toy(measure: "draws: 128, blocks: 8, per-draw-samples: 8"),
    StudyTexts.toy(measure: "draws: 64, blocks: 16, per-draw-samples: 8"),
    StudyTexts.toy(measure: "draws: 64, blocks: 8, per-draw-samples: 9"),
    StudyTexts.toy(measure: "draws: 64, blocks: 8, per-draw-samples: 8, level: 0.9"),
    StudyTexts.toy(measure: "draws: 64, blocks: 8, per-draw-samples: 8, gap: false"),
    StudyTexts.toy(measure: "draws: 64, blocks: 8, per-draw-samples: 8, moments: exact"),
    StudyTexts.toy(measure: "draws: 64, blocks: 8, per-draw-samples: 8, at: [logits]"),
    StudyTexts.toy().replacing("bernoulli-toy", with: "bernoulli-toy\n    t: 0.46"),
    StudyTexts.toy().replacing("target: {", with: "target: {draws: 1024, "),
    StudyTexts.toy().replacing("target: {", with: "target: {max-states: 1000, "),
  ])
  func contentIsContent(_ text: String) throws {
    #expect(Set(try hashes(text)).isDisjoint(with: try hashes(StudyTexts.toy())))
  }

  @Test func everyDistributionStateAndEstimatorIsACell() throws {
    let study = try Laboratory().resolve(
      StudyTexts.vae(states: ["initial", StudyTexts.training], estimators: ["st", "reinmax"])
        .replacing("measure:", with: "target: {law: [own, unit]}\nmeasure:"))
    #expect(study.groups.count == 2 && study.cells.count == 8)
    #expect(Set(study.cells.map(\.hash)).count == 8)
    #expect(
      study.groups.map { $0.cells[0].record.weights } == ["initial", "trained:st:5:batch=10"])
    #expect(
      study.cells.map(\.record.targetDistribution).prefix(4) == ["own", "own", "unit", "unit"])
    #expect(study.record.contentHash.count == 64)
  }

  /// Trainings of one problem differ in their labels, and only in what is not usual.
  @Test func statesAreToldApartByTheirLabels() throws {
    let trainings = [
      "estimator: st, steps: 5", "estimator: st, steps: 6",
      "estimator: st, steps: 5, tau: 0.5", "estimator: st, steps: 5, optimiser: radam",
      "estimator: st, steps: 5, learning-rate: 0.01", "estimator: st, steps: 5, batch: 10",
      "estimator: st, steps: 5, seed: 2",
      "estimator: st, steps: 5, optimiser: sgd, learning-rate: 0.01, batch: 10, seed: 2",
      "estimator: st, steps: 5, tau: 1.0, optimiser: adam, learning-rate: 5.0e-4, batch: 100, seed: 1",
    ]
    let study = try Laboratory().resolve(
      StudyTexts.vae(states: trainings.map { "train: {\($0)}" }, estimators: ["st"]))
    let labels = study.groups.map { $0.cells[0].record.weights }
    #expect(
      labels == [
        "trained:st:5", "trained:st:6", "trained:st:5:tau=0.5", "trained:st:5:radam",
        "trained:st:5:learning-rate=0.01", "trained:st:5:batch=10", "trained:st:5:seed=2",
        "trained:st:5:sgd:learning-rate=0.01:batch=10:seed=2",
      ])
    #expect(Set(study.cells.map(\.hash)).count == labels.count)
  }

  @Test func aNamedStateIsTheSameState() throws {
    #expect(
      try hashes(StudyTexts.vae(states: [StudyTexts.training]))
        == hashes(StudyTexts.vae(states: [StudyTexts.saving])))
  }

  @Test func aProblemFileIsKnownByItsContent() throws {
    let laboratory = try Laboratory()
    func hash(_ name: String, _ json: String) throws -> String {
      try Data(json.utf8).write(to: URL(fileURLWithPath: laboratory.path + "/" + name))
      let text = StudyTexts.toy(estimators: ["st"])
        .replacing("bernoulli-toy", with: "json\n    file: \(name)")
      return try #require(laboratory.resolve(text).cells.first).hash
    }
    let one = #"{"phi": [[0, 0]], "cost": {"type": "linear", "a": [[1, 3]], "b": 0}}"#
    let two = #"{"phi": [[0, 0]], "cost": {"type": "linear", "a": [[1, 4]], "b": 0}}"#
    let first = try hash("a.json", one)
    #expect(try hash("a.json", two) != first)
    #expect(try hash("a.json", one) == first)
  }

  @Test func selections() throws {
    let cells = try Laboratory().resolve(StudyTexts.toy(distributions: "[own, unit]")).cells
    func count(_ selection: String) -> Int { cells.filter { $0.matches(selection) }.count }
    #expect(cells.count == 4)
    #expect(count("estimator=st") == 2 && count("reinforce") == 2 && count("law=unit") == 2)
    #expect(count("estimator=st,law=own") == 1 && count("problem=bernoulli,state=initial") == 4)
    #expect(count("tau=1.0") == 2 && count("") == 4 && count(",") == 4)
    #expect(count("estimator=own") == 0 && count("zzz") == 0)
  }
}

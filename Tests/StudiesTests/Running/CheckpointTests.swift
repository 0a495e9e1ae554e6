import Foundation
import Studies
import Testing

@Suite struct CheckpointTests {
  @Test func trainingIsKept() throws {
    let laboratory = try Laboratory()
    let first = ProgressLog()
    let store = try laboratory.store()
    _ = try laboratory.run(StudyTexts.vae(states: [StudyTexts.training]), in: store, seen: first)
    #expect(first.steps > 0)
    let kept = try laboratory.checkpoints()
    #expect(kept.count == 1 && kept[0].hasPrefix("state-") && kept[0].hasSuffix(".weights"))
    let second = ProgressLog()
    let outcome = try laboratory.run(
      StudyTexts.vae(states: [StudyTexts.training], estimators: ["st", "reinmax"]), in: store,
      seen: second)
    #expect(outcome.measured == 1 && second.steps == 0)
    #expect(try laboratory.checkpoints() == kept)
  }

  @Test func otherTrainingIsAnotherState() throws {
    let laboratory = try Laboratory()
    let store = try laboratory.store()
    for line in [StudyTexts.training, StudyTexts.training.replacing("steps: 5", with: "steps: 6")] {
      let log = ProgressLog()
      _ = try laboratory.run(StudyTexts.vae(states: [line]), in: store, seen: log)
      #expect(log.steps > 0)
    }
    #expect(try laboratory.checkpoints().count == 2)
  }

  @Test func aNameIsSavedWithTheMeasurementsOrAfter() throws {
    for before in [[], [StudyTexts.training]] {
      let laboratory = try Laboratory()
      let store = try laboratory.store()
      for line in before + [StudyTexts.saving] {
        _ = try laboratory.run(StudyTexts.vae(states: [line]), in: store)
      }
      let names = try laboratory.checkpoints()
      #expect(names.count == 2 && names.first == "five.weights")
      let outcome = try laboratory.run(StudyTexts.vae(states: ["checkpoint: five"]), in: store)
      #expect(outcome.measured == 1 && outcome.exitCode == 0)
    }
  }

  @Test func aNameFollowsTheStudyThatRanLast() throws {
    let laboratory = try Laboratory()
    let store = try laboratory.store()
    func bytes() throws -> Data {
      try Data(contentsOf: URL(fileURLWithPath: laboratory.path + "/checkpoints/five.weights"))
    }
    let longer = StudyTexts.saving.replacing("steps: 5", with: "steps: 6")
    _ = try laboratory.run(StudyTexts.vae(states: [StudyTexts.saving]), in: store)
    let first = try bytes()
    _ = try laboratory.run(StudyTexts.vae(states: [longer]), in: store)
    #expect(try bytes() != first)
    let again = try laboratory.run(StudyTexts.vae(states: [StudyTexts.saving]), in: store)
    #expect(again.measured == 0)
    #expect(try bytes() == first)
  }

  @Test func aMissingNameIsRefusedWhenTheStudyIsResolved() throws {
    let laboratory = try Laboratory()
    let place = laboratory.environment.checkpointDirectory + "/six.weights"
    let error = #expect(throws: StudyRunError.self) {
      _ = try laboratory.resolve(StudyTexts.vae(states: ["checkpoint: six"]))
    }
    #expect(
      error?.description
        == "\(place): no checkpoint 'six'; no study has saved one yet; "
        + "add 'save: six' to a 'train' state")
    #expect(error?.exitCode == 65)
    #expect(StudyRunError.output("x", "y").exitCode == 1)
  }

  @Test func aReplacedCheckpointMakesANewCell() throws {
    let laboratory = try Laboratory()
    let store = try laboratory.store()
    let uses = StudyTexts.vae(states: ["checkpoint: five"])
    _ = try laboratory.run(StudyTexts.vae(states: [StudyTexts.saving]), in: store)
    let first = try laboratory.resolve(uses).cells.map(\.hash)
    _ = try laboratory.run(
      StudyTexts.vae(states: [
        StudyTexts.saving
          .replacing("steps: 5", with: "steps: 7")
      ]), in: store)
    #expect(try laboratory.resolve(uses).cells.map(\.hash) != first)
  }
}

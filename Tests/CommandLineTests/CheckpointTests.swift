import Foundation
import Testing

/// Trained states are kept, named and found again.
@Suite struct CheckpointTests {
  private static let training = "train: {estimator: st, steps: 5, batch: 10}"
  private static let saving = "train: {estimator: st, steps: 5, batch: 10, save: five}"

  @Test func aSavedStateServesAnotherStudy() throws {
    let place = try Workplace()
    try place.write(SmallStudies.vae(name: "trains", states: [Self.saving]), to: "trains.yaml")
    try place.write(SmallStudies.vae(name: "uses", states: ["checkpoint: five"]), to: "uses.yaml")
    #expect(try place.run("run", "trains", "--quiet").code == 0)
    let files = try place.names("gradfid-checkpoints")
    #expect(files.count == 2 && files.first == "five.weights")
    #expect(files.last?.hasPrefix("state-") == true)
    let used = try place.run("run", "uses")
    #expect(used.code == 0 && used.errors.contains("uses: 1 cells measured"))
    // Same weights, exact moments: the same bias, though the cells have other keys.
    let bias = try place.run(
      "query",
      "SELECT count(*) AS cells, count(DISTINCT rel_bias) AS values_ FROM v_fidelity "
        + "WHERE scope = 'logits'", "--format", "csv")
    #expect(bias.output == "cells,values_\n2,1\n")
  }

  @Test func aMissingNameShowsTheSavedOnes() throws {
    let place = try Workplace()
    try place.write(SmallStudies.vae(name: "uses", states: ["checkpoint: six"]), to: "uses.yaml")
    for command in ["check", "run"] {
      let outcome = try place.run(command, "uses")
      #expect(outcome.code == 65 && outcome.output.isEmpty)
      #expect(
        outcome.errors
          == "error: gradfid-checkpoints/six.weights: no checkpoint 'six'; "
          + "no study has saved one yet; add 'save: six' to a 'train' state\n")
    }
    try place.write(SmallStudies.vae(name: "trains", states: [Self.saving]), to: "trains.yaml")
    _ = try place.run("run", "trains", "--quiet")
    let outcome = try place.run("run", "uses")
    #expect(outcome.code == 65)
    #expect(
      outcome.errors
        == "error: gradfid-checkpoints/six.weights: no checkpoint 'six'; saved so far: five\n")
  }

  @Test func aTrainedStateIsNotTrainedAgain() throws {
    let place = try Workplace()
    try place.write(SmallStudies.vae(name: "v", states: [Self.training]), to: "v.yaml")
    let first = try place.run("run", "v")
    #expect(first.errors.contains("trained:st:5:batch=10: step 5 of 5"))
    let name = "gradfid-checkpoints/" + (try #require(place.names("gradfid-checkpoints").first))
    let weights = try place.bytes(name)
    let written = try modified(place, name)
    try place.write(
      SmallStudies.vae(name: "v", states: [Self.training], estimators: ["st", "reinmax"]),
      to: "v.yaml")
    let second = try place.run("run", "v")
    #expect(second.code == 0 && second.errors.contains("v: 1 cells measured, 1 there already"))
    #expect(!second.errors.contains("step"))
    #expect(try place.bytes(name) == weights && modified(place, name) == written)
  }

  @Test func aDamagedStateIsTrainedAgain() throws {
    let place = try Workplace()
    try place.write(SmallStudies.vae(name: "v", states: [Self.training]), to: "v.yaml")
    _ = try place.run("run", "v", "--quiet")
    let name = "gradfid-checkpoints/" + (try #require(place.names("gradfid-checkpoints").first))
    let weights = try place.bytes(name)
    try place.write(weights.prefix(100), to: name)
    let again = try place.run("run", "v", "--store", "b.sqlite", "--quiet")
    #expect(again.code == 0)
    try FileManager.default.removeItem(atPath: place.file("gradfid.sqlite"))
    let second = try place.run("run", "v")
    #expect(second.code == 0 && second.errors.contains("step 5 of 5"))
    #expect(try place.bytes(name) == weights)
    #expect(try place.numbers() == place.numbers(store: "b.sqlite"))
  }

  @Test func aNameGivenLaterIsSaved() throws {
    let place = try Workplace()
    try place.write(SmallStudies.vae(name: "v", states: [Self.training]), to: "v.yaml")
    _ = try place.run("run", "v", "--quiet")
    try place.write(SmallStudies.vae(name: "v", states: [Self.saving]), to: "v.yaml")
    let second = try place.run("run", "v")
    #expect(second.code == 0 && second.errors.contains("v: 0 cells measured, 1 there already"))
    #expect(!second.errors.contains("step"))
    let files = try place.names("gradfid-checkpoints")
    #expect(files.first == "five.weights")
    // The heads hold the name that each is known by; the weights follow.
    let contents = try files.map { file in
      let bytes = try place.bytes("gradfid-checkpoints/" + file)
      return try bytes[#require(bytes.firstRange(of: Data("{\"__metadata__\"".utf8))).lowerBound...]
    }
    #expect(Set(contents).count == 1)
  }

  private func modified(_ place: Workplace, _ name: String) throws -> Date? {
    try FileManager.default.attributesOfItem(atPath: place.file(name))[.modificationDate] as? Date
  }
}

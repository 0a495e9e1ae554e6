import Foundation
import ResultStore
import Studies
import Testing

/// Studies along training: one pass, the same cells as trained weights, and going on after a stop.
@Suite struct AlongTrainingTests {
  /// A tiny autoencoder along the given training.
  private func text(
    _ training: String = "{estimator: st, steps: 250, batch: 10, checkpoints: [0, 50, 120, 250]}",
    estimators: [String] = ["st", "reinmax"]
  ) -> String {
    StudyTexts.vae(states: [], estimators: estimators)
      .replacing("        states:\n", with: "")
      .replacing("    states:\n", with: "")
      .replacing("name: vae\n", with: "name: along\nkind: training\ntraining: \(training)\n")
  }

  /// Every stored number and step, as text.
  private func contents(_ laboratory: Laboratory, _ name: String = "s.sqlite") throws -> [String] {
    try [
      "SELECT cell, state, step, training, scope, metric, value, se FROM v_measurements "
        + "ORDER BY cell, scope, metric",
      "SELECT * FROM v_training ORDER BY study, training, step",
    ].map { sql in
      CSVFormat.text(try ReadOnlyQuery(path: laboratory.path + "/" + name).run(sql))
    }
  }

  private func steps(_ log: ProgressLog) -> [Int] {
    log.all.compactMap { if case .training(_, let step, _, _) = $0 { step } else { nil } }
  }

  private func warnings(_ log: ProgressLog) -> [String] {
    log.all.compactMap { if case .warning(let text) = $0 { text } else { nil } }
  }

  /// Runs until training has reached a step, and stops there.
  private func runTo(
    _ step: Int, _ laboratory: Laboratory, _ text: String, _ store: ResultStore
  ) throws -> StudyOutcome {
    let log = ProgressLog()
    let study = try laboratory.resolve(text)
    return try StudyRunner(
      study: study, store: store, environment: laboratory.environment, jobs: 1,
      stopCode: { log.steps >= step ? 143 : nil }, progress: log.add
    ).run(SystemFacts.runRecord(seed: 1, jobs: 1))
  }

  private static let undisturbed = Result {
    let laboratory = try Laboratory()
    _ = try laboratory.run(AlongTrainingTests().text(), in: laboratory.store())
    return try AlongTrainingTests().contents(laboratory)
  }

  @Test func allCheckpointsAreTrainedInOnePass() throws {
    let laboratory = try Laboratory()
    let log = ProgressLog()
    let store = try laboratory.store()
    let outcome = try laboratory.run(text(), in: store, seen: log)
    #expect(outcome.measured == 8 && outcome.exitCode == 0)
    #expect(steps(log) == Array(1...250))
    let study = try laboratory.resolve(text())
    let records = study.cells.map(\.record)
    #expect(records.map(\.step) == [0, 0, 50, 50, 120, 120, 250, 250])
    let hash = try #require(study.trainings.first?.record.hash)
    #expect(study.trainings.map(\.record.steps) == [250])
    let trainings: [String?] = [nil, nil, hash, hash, hash, hash, hash, hash]
    #expect(records.map(\.training) == trainings)
    #expect(try store.storedSteps(training: hash) == 250)
    // Nothing is left to do, and nothing is trained again.
    let again = ProgressLog()
    #expect(try laboratory.run(text(), in: store, seen: again).reused == 8)
    #expect(again.steps == 0)
  }

  @Test func theCellsAreThoseOfTrainedStates() throws {
    let one = try Laboratory()
    let training =
      "{estimator: st, optimiser: radam, steps: 60, batch: 10, checkpoints: [0, 25, 60]}"
    _ = try one.run(text(training), in: try one.store())
    let two = try Laboratory()
    let plain = StudyTexts.vae(
      states: [
        "initial", "train: {estimator: st, optimiser: radam, steps: 25, batch: 10}",
        "train: {estimator: st, optimiser: radam, steps: 60, batch: 10}",
      ], estimators: ["st", "reinmax"])
    #expect(
      try two.resolve(plain).cells.map(\.record) == one.resolve(text(training)).cells.map(\.record))
    _ = try two.run(plain, in: try two.store())
    #expect(try contents(one)[0] == contents(two)[0])
    // The weights are the same files.
    let weights = try one.checkpoints().filter { $0.hasSuffix(".weights") }
    #expect(try two.checkpoints() == weights && weights.count == 2)
    for name in weights {
      #expect(
        FileManager.default.contents(atPath: one.path + "/checkpoints/" + name)
          == FileManager.default.contents(atPath: two.path + "/checkpoints/" + name))
    }
  }

  @Test(arguments: [1, 49, 50, 51, 100, 130, 249])
  func aStopGoesOnBitForBit(step: Int) throws {
    let laboratory = try Laboratory()
    let store = try laboratory.store()
    let stopped = try runTo(step, laboratory, text(), store)
    #expect(stopped.exitCode == 143 && stopped.measured == 2)
    #expect(try store.studies().first?.training == TrainingProgress(done: step, steps: 250))
    let log = ProgressLog()
    let rest = try laboratory.run(text(), in: store, seen: log)
    #expect(rest.exitCode == 0 && rest.measured == 6 && warnings(log).isEmpty)
    #expect(steps(log) == Array((step + 1)...250))
    #expect(try contents(laboratory) == Self.undisturbed.get())
  }

  /// What a process killed at the worst moments leaves behind: steps without their saved state, one
  /// file of the two, a file half written.
  @Test(arguments: ["newest", "both", "none newer", "cut", "both cut", "bits"])
  func damageFallsBack(kind: String) throws {
    let laboratory = try Laboratory()
    let store = try laboratory.store()
    _ = try runTo(230, laboratory, text(), store)
    let folder = laboratory.path + "/checkpoints/"
    let newest = try folder + #require(laboratory.checkpoints().first { $0.hasSuffix(".resume") })
    let previous = newest + ".previous"
    let bytes = try #require(FileManager.default.contents(atPath: newest))
    func write(_ data: Data, _ path: String) throws {
      try data.write(to: URL(fileURLWithPath: path))
    }
    var from = 200
    var warned = 1
    switch kind {
    case "newest": try write(Data(), newest)
    case "both":
      for path in [newest, previous] { try write(Data("no training".utf8), path) }
      from = 0
    case "none newer":
      try FileManager.default.removeItem(atPath: newest)
      warned = 0
    case "cut": try write(bytes.prefix(bytes.count - 1), newest)
    case "both cut":
      for path in [newest, previous] { try write(bytes.prefix(100), path) }
      from = 0
    default:
      var bad = bytes
      bad[bytes.count / 2] ^= 1
      try write(bad, newest)
    }
    let log = ProgressLog()
    #expect(try laboratory.run(text(), in: store, seen: log).exitCode == 0)
    #expect(steps(log) == Array((from + 1)...250))
    #expect(warnings(log).count == warned)
    for warning in warnings(log) {
      #expect(warning.hasPrefix(newest + ": "))
      #expect(
        warning.hasSuffix(
          from == 0 ? "; training starts again" : "; training goes on from step 200"))
    }
    #expect(try contents(laboratory) == Self.undisturbed.get())
  }

  /// A damaged file does not push out the good one before it.
  @Test func aDamagedFileIsRemoved() throws {
    let laboratory = try Laboratory()
    let store = try laboratory.store()
    _ = try runTo(230, laboratory, text(), store)
    let newest = try #require(laboratory.checkpoints().first { $0.hasSuffix(".resume") })
    try Data("x".utf8).write(to: URL(fileURLWithPath: laboratory.path + "/checkpoints/" + newest))
    let good = FileManager.default.contents(
      atPath: laboratory.path + "/checkpoints/\(newest).previous")
    // One step on: the new state takes the place of the damaged one.
    _ = try runTo(1, laboratory, text(), store)
    let after = FileManager.default.contents(
      atPath: laboratory.path + "/checkpoints/\(newest).previous")
    #expect(good != nil && after == good)
    #expect(try laboratory.run(text(), in: store).exitCode == 0)
    #expect(try contents(laboratory) == Self.undisturbed.get())
  }

  /// A saved state without the steps before it in the store would leave a gap in the series.
  @Test func aNewStoreTrainsFromTheStart() throws {
    let laboratory = try Laboratory()
    _ = try laboratory.run(text(), in: try laboratory.store("old.sqlite"))
    let store = try laboratory.store()
    _ = try runTo(210, laboratory, text(), store)
    let log = ProgressLog()
    _ = try laboratory.run(text(), in: store, seen: log)
    #expect(steps(log) == Array(211...250))
    #expect(try contents(laboratory) == Self.undisturbed.get())
  }

  @Test func aLongerTrainingGoesOn() throws {
    let laboratory = try Laboratory()
    let store = try laboratory.store()
    _ = try laboratory.run(text("{estimator: st, steps: 130, batch: 10}"), in: store)
    let log = ProgressLog()
    let longer = text("{estimator: st, steps: 250, batch: 10}")
    #expect(try laboratory.run(longer, in: store, seen: log).measured == 2)
    #expect(steps(log) == Array(131...250))
    // A checkpoint before the saved states is reached from the start; the rest is there.
    let again = ProgressLog()
    #expect(try laboratory.run(text(), in: store, seen: again).measured == 4)
    #expect(steps(again) == Array(1...120))
    #expect(try contents(laboratory) == Self.undisturbed.get())
  }

  @Test func missingWeightsAreTrainedAgain() throws {
    let laboratory = try Laboratory()
    let store = try laboratory.store()
    _ = try laboratory.run(text(), in: store)
    for name in try laboratory.checkpoints() where name.hasSuffix(".weights") {
      try FileManager.default.removeItem(atPath: laboratory.path + "/checkpoints/" + name)
    }
    let log = ProgressLog()
    let more = text(estimators: ["st", "reinmax", "identity-st"])
    let outcome = try laboratory.run(more, in: store, only: "state=trained:st:120", seen: log)
    #expect(outcome.measured == 1 && steps(log) == Array(1...120))
    #expect(try contents(laboratory)[1] == Self.undisturbed.get()[1])
    let rest = ProgressLog()
    #expect(try laboratory.run(more, in: store, seen: rest).exitCode == 0)
    #expect(steps(rest).count == 250)
  }

  /// One pass reaches all checkpoints: a plan counts the steps between them, and those that are
  /// still to be made.
  @Test func aPlanCountsEveryStepOnce() throws {
    let laboratory = try Laboratory()
    let store = try laboratory.store()
    let text = text("{estimator: st, steps: 120, batch: 10, checkpoints: [50, 120]}")
    func steps(_ study: ResolvedStudy, _ stored: Set<String>) throws -> [Int] {
      try StudyPlan(study, environment: laboratory.environment, jobs: 1, stored: stored).rows
        .map(\.trainingSteps)
    }
    let study = try laboratory.resolve(text)
    let hashes = study.cells.map(\.hash)
    #expect(try steps(study, []) == [50, 70])
    _ = try laboratory.run(text, in: store)
    let done = try store.doneHashes(among: hashes)
    #expect(done == Set(hashes))
    let whole = try StudyPlan(study, environment: laboratory.environment, jobs: 1, stored: done)
    #expect(whole.rows.allSatisfy { $0.forecast == nil && $0.stored == $0.cells })
    // The weights are there.
    #expect(try steps(study, []) == [0, 0])
  }

  @Test func aSelectionOfUntrainedCellsTrainsNothing() throws {
    let laboratory = try Laboratory()
    let log = ProgressLog()
    let outcome = try laboratory.run(
      text(), in: try laboratory.store(), only: "state=initial", seen: log)
    #expect(outcome.measured == 2 && log.steps == 0)
  }

  @Test func aSeriesNeedsNoMeasuredStep() throws {
    let laboratory = try Laboratory()
    let store = try laboratory.store()
    let only = text("{estimator: st, steps: 30, batch: 10, checkpoints: [0]}")
    #expect(try laboratory.run(only, in: store).measured == 2)
    #expect(try store.studies().first?.training == TrainingProgress(done: 30, steps: 30))
  }

  @Test func divergenceKeepsWhatCameBefore() throws {
    let laboratory = try Laboratory()
    let store = try laboratory.store()
    let wild = text(
      "{estimator: st, steps: 40, batch: 10, learning-rate: 1.0e+30, checkpoints: [0, 40]}")
    for _ in 0..<2 {
      let outcome = try laboratory.run(wild, in: store)
      #expect(outcome.exitCode == 3 && outcome.failures.count == 2)
      let message = try #require(outcome.failedTrainings.first)
      #expect(outcome.failedTrainings.count == 1)
      #expect(message.contains("st(tau=1.0), adam 1e+30, batch 10, seed 1: training step 2: the "))
    }
    #expect(
      try store.cellStates(study: "along").map(\.state) == [.done, .done, .diverged, .diverged])
    #expect(try store.studies().first?.training == TrainingProgress(done: 1, steps: 40))
  }

  @Test func severalTrainingsShareTheInitialCells() throws {
    let laboratory = try Laboratory()
    let store = try laboratory.store()
    let outcome = try laboratory.run(
      text("{estimator: st, steps: 20, batch: 10, optimiser: [adam, sgd], seed: [1, 2]}"),
      in: store)
    #expect(outcome.measured == 2 + 4 * 2)
    let rows = try ReadOnlyQuery(path: laboratory.path + "/s.sqlite").run(
      "SELECT count(*), count(DISTINCT training) FROM v_training GROUP BY optimiser ORDER BY 1"
    ).rows
    #expect(rows == [[.integer(40), .integer(2)], [.integer(40), .integer(2)]])
    let several = try laboratory.resolve(
      text("{estimator: st, steps: 20, batch: 10, optimiser: [adam, sgd], seed: [1, 2]}"))
    #expect(
      several.trainings.map { training in
        several.cells.filter { $0.matches("training=\(training.record.hash.prefix(12))") }.count
      } == [2, 2, 2, 2])
    let resolved = try laboratory.resolve(text()).record.resolvedJSON
    #expect(resolved.contains("\"kind\":\"training\"") && resolved.contains("\"steps\":250"))
  }

  /// A trained state of an ordinary study can be stopped too; nothing is left behind at its end.
  @Test func aPlainTrainedStateGoesOnToo() throws {
    let laboratory = try Laboratory()
    let store = try laboratory.store()
    let plain = StudyTexts.vae(states: ["train: {estimator: st, steps: 250, batch: 10}"])
    #expect(try runTo(120, laboratory, plain, store).exitCode == 143)
    #expect(try laboratory.checkpoints().contains { $0.hasSuffix(".resume") })
    let log = ProgressLog()
    #expect(try laboratory.run(plain, in: store, seen: log).measured == 1)
    #expect(steps(log) == Array(121...250))
    #expect(try laboratory.checkpoints().allSatisfy { $0.hasSuffix(".weights") })
    let whole = try laboratory.resolve(plain).cells[0].hash
    let along = try Laboratory()
    _ = try along.run(text(), in: try along.store())
    #expect(
      "\(try store.result(cellHash: whole)?.measurements ?? [])"
        == "\(try along.store().result(cellHash: whole)?.measurements ?? [])")
  }
}

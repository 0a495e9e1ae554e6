import Foundation
import ResultStore
import Studies
import Testing

@Suite struct StudyRunnerTests {
  /// All numbers of a store by cell, as text: a nan is equal to itself there.
  private func numbers(_ laboratory: Laboratory, _ name: String) throws -> [String: String] {
    let store = try laboratory.store(name)
    var found: [String: String] = [:]
    for study in try store.studies() {
      for cell in try store.cells(study: study.study.name) {
        found[cell.hash] = "\(try store.result(cellHash: cell.hash)?.measurements ?? [])"
      }
    }
    return found
  }

  @Test func onlyTheMissingIsMeasured() throws {
    let laboratory = try Laboratory()
    let store = try laboratory.store()
    var outcome = try laboratory.run(StudyTexts.toy(), in: store)
    #expect(outcome.measured == 2 && outcome.reused == 0 && outcome.exitCode == 0)
    outcome = try laboratory.run(StudyTexts.toy(), in: store)
    #expect(outcome.measured == 0 && outcome.reused == 2 && outcome.failures.isEmpty)
    outcome = try laboratory.run(
      StudyTexts.toy(name: "more", estimators: ["reinmax", "st"]), in: store)
    #expect(outcome.measured == 1 && outcome.reused == 1)
    #expect(try store.runs().map(\.exitCode) == [0, 0, 0])
    #expect(try store.studies().map(\.done) == [2, 2])
  }

  @Test func aSelectionLeavesTheRestPending() throws {
    let laboratory = try Laboratory()
    let store = try laboratory.store()
    let outcome = try laboratory.run(StudyTexts.toy(), in: store, only: "estimator=st")
    #expect(outcome.measured == 1)
    #expect(try store.cellStates(study: "toy").map(\.state) == [.done, .pending])
  }

  @Test func progressCountsEveryCell() throws {
    let laboratory = try Laboratory()
    let log = ProgressLog()
    _ = try laboratory.run(
      StudyTexts.vae(states: ["initial", StudyTexts.training], estimators: ["st", "reinmax"]),
      in: try laboratory.store(), seen: log)
    let counts = log.all.compactMap { progress -> [Int]? in
      if case .cells(let done, let total) = progress { [done, total] } else { nil }
    }
    #expect(counts == [[1, 4], [2, 4], [3, 4], [4, 4]])
    #expect(log.steps > 0)
  }

  @Test func aStopIsRecordedAndResumed() throws {
    let laboratory = try Laboratory()
    let store = try laboratory.store()
    let text = StudyTexts.toy(
      // Three forward distributions are three batches; a stop takes effect between them.
      estimators: [
        "st", "{kind: decoupled-st, tau-forward: 2.0}", "{kind: decoupled-st, tau-forward: 3.0}",
      ],
      measure: "moments: monte-carlo, draws: 64, blocks: 8, per-draw-samples: 8")
    let stopped = try laboratory.run(text, in: store, stopAfter: 1)
    #expect(stopped.measured == 1 && stopped.exitCode == 130)
    #expect(try store.cellStates(study: "toy").map(\.state) == [.done, .pending, .pending])
    let rest = try laboratory.run(text, in: store)
    #expect(rest.measured == 2 && rest.reused == 1 && rest.exitCode == 0)
    #expect(try store.runs().map(\.exitCode).sorted { ($0 ?? 0) < ($1 ?? 0) } == [0, 130])
    let whole = try laboratory.store("whole.sqlite")
    _ = try laboratory.run(text, in: whole, jobs: 2)
    #expect(try numbers(laboratory, "s.sqlite") == numbers(laboratory, "whole.sqlite"))
  }

  @Test func aFailureIsKeptWithItsReasonAndTriedAgain() throws {
    let laboratory = try Laboratory()
    let store = try laboratory.store()
    let text = """
      format: 1
      name: wide
      problems:
        - kind: quadratic-cubic
          latents: 8
          categories: 8
        - kind: bernoulli-toy
      estimators:
        - kind: st
      measure: {moments: exact, draws: 64, blocks: 8, per-draw-samples: 8}

      """
    for attempt in 0..<2 {
      let outcome = try laboratory.run(text, in: store)
      #expect(outcome.measured == 1 - attempt && outcome.reused == attempt)
      #expect(outcome.failures.count == 1 && outcome.exitCode == 3)
      #expect(
        outcome.failures.first?.hasPrefix(
          "quadratic-cubic latents=8 categories=8, st(tau=1.0): exact ")
          == true)
    }
    let states = try store.cellStates(study: "wide")
    #expect(states.map(\.state) == [.failed, .done])
    #expect(
      states.first?.message?.contains("8^8 joint codes: use Monte Carlo moments, or at most 4")
        == true)
  }

  @Test func aCheckpointOfAnotherShapeFailsItsCells() throws {
    let laboratory = try Laboratory()
    let store = try laboratory.store()
    _ = try laboratory.run(StudyTexts.vae(states: [StudyTexts.saving]), in: store)
    let other = StudyTexts.vae(states: ["checkpoint: five"]).replacing(
      "hidden-2: 16", with: "hidden-2: 17")
    let outcome = try laboratory.run(other, in: store)
    #expect(outcome.measured == 0 && outcome.failures.count == 1 && outcome.exitCode == 3)
  }
}

import Foundation
import GradientFidelity
import Testing

/// The study of all estimators, its query, and what becomes of pairs that do not fit.
@Suite struct ZooTests {
  private static let folder = Executable.packageRoot.appendingPathComponent("studies")

  private func zoo() throws -> StudyFile {
    try StudyFileReader.read(
      path: Self.folder.appendingPathComponent("zoo.yaml").path,
      estimators: EstimatorRegistry.all, problems: ProblemRegistry.all)
  }

  /// A new estimator is measured with the others.
  @Test func theZooHasEveryEstimator() throws {
    let listed = Set(try zoo().estimators.map(\.kind))
    let missing = EstimatorRegistry.all.filter { !listed.contains($0.name) }
    let lines = missing.map { "  - kind: \($0.name)   # \($0.family.rawValue)" }
    #expect(
      missing.isEmpty,
      "add to `estimators` of studies/zoo.yaml, with other settings where they matter:\n\(lines.joined(separator: "\n"))"
    )
  }

  @Test func theQueryRanksWhatAStudyOfThatNameHolds() throws {
    let place = try Workplace()
    try place.write(
      SmallStudies.toy(name: "zoo", estimators: ["reinforce", "reinforce-loo", "st", "disarm"]),
      to: "zoo.yaml")
    #expect(try place.run("run", "zoo", "--quiet").code == 0)
    let sql = try String(contentsOf: Self.folder.appendingPathComponent("zoo.sql"), encoding: .utf8)
    let outcome = try place.run("query", "-", "--format", "csv", input: sql)
    #expect(outcome.code == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
    let lines = outcome.output.split(separator: "\n")
    #expect(
      lines.first
        == "model,state,rank,label,calls,moments,rel_bias,resolved,variance,rmse_1,rmse_10,rmse_100,rmse_1000,rmse_100_calls,rmse_1000_calls,rmse_10000_calls,seconds"
    )
    #expect(lines.count == 5)
    // One value a draw: 100 calls are 100 estimates.
    let plain = try #require(lines.first { $0.contains(",reinforce,") }).split(separator: ",")
    let difference = try #require(Double(plain[11])) - #require(Double(plain[13]))
    #expect(abs(difference) < 1e-12)
  }

  private let twoLayers = """
    format: 1
    name: layers
    problems:
      - kind: bernoulli-toy
      - kind: quadratic-cubic
        latents: 2
        categories: 3
    estimators:
      - kind: disarm
      - kind: reinforce
    target: {law: [own, unit]}
    measure: {draws: 64, blocks: 8, per-draw-samples: 8}

    """
  private let note = """
    note: 2 cells left out, of estimators that do not work on a problem's layer
      quadratic-cubic latents=2 categories=3: 'disarm' works on binary latents, and this problem has 3 categories; give categories: 2, or take an estimator of the domain 'both'

    """

  /// What does not fit is no failure: it makes no cell, and is said.
  @Test func pairsThatDoNotFitAreLeftOut() throws {
    let place = try Workplace()
    try place.write(twoLayers, to: "layers.yaml")
    let checked = try place.run("check", "layers")
    #expect(
      checked
        == CommandOutcome(
          code: 0, signal: nil, output: "layers: 2 problem states, 2 estimators, 6 cells\n",
          errors: note))
    let run = try place.run("run", "layers", "--jobs", "1")
    #expect(run.code == 0 && run.errors.hasPrefix(note))
    #expect(run.errors.contains("layers: 6 cells measured, 0 there already, 0 failed"))
    #expect(try place.run("run", "layers", "--quiet").errors.isEmpty)
    let status = try place.run("status", "--format", "csv")
    #expect(status.output.contains("\nlayers,6,6,0,0,0,"))
  }

  @Test func aStudyWithoutAnyCellIsAnError() throws {
    let place = try Workplace()
    try place.write(
      twoLayers.replacing("  - kind: reinforce\n", with: "").replacing(
        "  - kind: bernoulli-toy\n", with: ""), to: "none.yaml")
    for command in ["check", "run"] {
      let outcome = try place.run(command, "none.yaml")
      #expect(outcome.code == 65 && outcome.output.isEmpty)
      #expect(
        outcome.errors.hasPrefix(
          "error: no estimator of the study works on any of its problems: 'disarm' works on binary")
      )
    }
  }
}

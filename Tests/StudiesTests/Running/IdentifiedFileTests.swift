import Foundation
import ResultStore
import Studies
import Testing

/// Files beside a store are what their names say, or are not read: two that were exchanged, cut or
/// changed give the numbers of an undisturbed run all the same.
@Suite struct IdentifiedFileTests {
  private static let text = StudyTexts.vae(
    states: [
      "train: {estimator: st, steps: 5, batch: 10}",
      "train: {estimator: st, steps: 5, batch: 10, seed: 2}",
    ], estimators: ["st", "reinforce"])

  private struct Place {
    let laboratory: Laboratory
    private var count = 0

    init() throws { laboratory = try Laboratory() }

    /// Runs the study in a new store; its numbers, the warnings, and the training steps taken.
    mutating func run() throws -> (numbers: [String], warnings: [String], steps: Int) {
      count += 1
      let store = try laboratory.store("\(count).sqlite")
      let study = try laboratory.resolve(IdentifiedFileTests.text)
      let log = ProgressLog()
      let outcome = try StudyRunner(
        study: study, store: store, environment: laboratory.environment, jobs: 1,
        keepsTables: true, progress: log.add
      ).run(SystemFacts.runRecord(seed: 1, jobs: 1))
      #expect(outcome.failures.isEmpty && outcome.measured == study.cells.count)
      let numbers = try ReadOnlyQuery(path: store.path).run(
        "SELECT cell, scope, metric, value, se FROM v_measurements ORDER BY 1, 2, 3"
      ).rows.map { "\($0)" }
      return (
        numbers,
        log.all.compactMap { if case .warning(let text) = $0 { text } else { nil } }, log.steps
      )
    }

    func paths(_ ending: String) throws -> [String] {
      try laboratory.checkpoints().filter { $0.hasSuffix(ending) }
        .map { laboratory.path + "/checkpoints/" + $0 }
    }
  }

  private func exchange(_ paths: [String]) throws {
    let files = FileManager.default
    try files.moveItem(atPath: paths[0], toPath: paths[0] + ".x")
    try files.moveItem(atPath: paths[1], toPath: paths[0])
    try files.moveItem(atPath: paths[0] + ".x", toPath: paths[1])
  }

  @Test(arguments: [".weights", ".table"]) func exchangedFiles(_ ending: String) throws {
    var place = try Place()
    let first = try place.run()
    #expect(first.warnings.isEmpty && first.steps == 10)
    let paths = try place.paths(ending)
    #expect(paths.count == 2)
    try exchange(paths)
    let second = try place.run()
    #expect(second.numbers == first.numbers)
    #expect(second.warnings.count == 2)
    #expect(second.warnings.allSatisfy { $0.contains("of something else than its name says") })
    #expect(second.steps == (ending == ".weights" ? 10 : 0))
    // Made again, and read from then on.
    let third = try place.run()
    #expect(third.numbers == first.numbers && third.warnings.isEmpty && third.steps == 0)
  }

  @Test(arguments: [".weights", ".table"]) func damagedFiles(_ ending: String) throws {
    var place = try Place()
    let first = try place.run()
    let path = try #require(try place.paths(ending).first)
    let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    var mutants = [Data(), bytes.prefix(10), bytes.prefix(bytes.count / 2), bytes.dropLast()]
    for place in [20, 60, 120, 200, bytes.count / 2, bytes.count - 1] {
      var flipped = bytes
      flipped[flipped.startIndex + place] ^= 4
      mutants.append(flipped)
    }
    for mutant in mutants {
      try mutant.write(to: URL(fileURLWithPath: path))
      let next = try place.run()
      #expect(next.numbers == first.numbers && next.warnings.count == 1, "\(next.warnings)")
      #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == bytes)
    }
  }

  /// The raw weights that releases before this form kept, and a file of a later one.
  @Test func otherFormsAreMadeAgain() throws {
    var place = try Place()
    let first = try place.run()
    let path = try #require(try place.paths(".weights").first)
    let raw = Data("GFCATVAE".utf8) + Data(repeating: 0, count: 100)
    for other in [raw, Data("gradfid-state/9\n".utf8) + raw] {
      try other.write(to: URL(fileURLWithPath: path))
      let next = try place.run()
      #expect(next.numbers == first.numbers)
      #expect(
        next.warnings == ["\(path): a trained state of an older form is ignored and trained again"])
    }
  }

  /// The state of one training under the name of another.
  @Test func anotherTrainingsResumeFile() throws {
    let laboratory = try Laboratory()
    func text(_ seed: Int) -> String {
      StudyTexts.vae(states: ["train: {estimator: st, steps: 150, batch: 10, seed: \(seed)}"])
    }
    let store = try laboratory.store()
    let folder = laboratory.path + "/checkpoints/"
    func stop(_ seed: Int) throws -> String {
      let log = ProgressLog()
      let study = try laboratory.resolve(text(seed))
      _ = try StudyRunner(
        study: study, store: store, environment: laboratory.environment, jobs: 1,
        stopCode: { log.steps >= 110 ? 130 : nil }, progress: log.add
      ).run(SystemFacts.runRecord(seed: 1, jobs: 1))
      let files = try laboratory.checkpoints().filter { $0.hasSuffix(".resume") }
      return try #require(files.first { !$0.isEmpty })
    }
    let one = try stop(1)
    let saved = try Data(contentsOf: URL(fileURLWithPath: folder + one))
    try FileManager.default.removeItem(atPath: folder + one)
    let other = try stop(2)
    #expect(one != other)
    try saved.write(to: URL(fileURLWithPath: folder + other))
    try? FileManager.default.removeItem(atPath: folder + other + ".previous")
    let log = ProgressLog()
    #expect(try laboratory.run(text(2), in: store, seen: log).exitCode == 0)
    let warnings = log.all.compactMap { if case .warning(let text) = $0 { text } else { nil } }
    #expect(
      warnings == [
        "\(folder + other): the file is of something else than its name says; training starts again"
      ])
    #expect(log.steps == 150)
  }

  /// What killed writers left goes at the start of the next run.
  @Test func leftoversAreSwept() throws {
    let laboratory = try Laboratory()
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/true")
    try process.run()
    process.waitUntilExit()
    let dead = process.processIdentifier
    let folder = laboratory.path + "/checkpoints"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let swept = [
      ".state-1.weights.\(dead)-3.gradfid.tmp", "table-1.table.\(dead).tmp",
      ".dat.nosync" + String(dead, radix: 16, uppercase: true) + ".aBcDeF",
    ]
    let kept = ["table-1.table.\(getpid()).tmp", "my.tmp"]
    for name in swept + kept {
      try Data("x".utf8).write(to: URL(fileURLWithPath: folder + "/" + name))
    }
    _ = try laboratory.run(StudyTexts.toy(), in: try laboratory.store())
    #expect(Set(try laboratory.checkpoints()) == Set(kept))
  }
}

import Fidelity
import Foundation
import ResultStore
import Studies
import Testing

/// Oracle tables kept beside the store: they change no number, and damage does no harm.
@Suite struct TableFileTests {
  private static let text = StudyTexts.vae(
    states: ["initial", StudyTexts.training], estimators: ["st", "reinmax", "reinforce"])

  private struct Place {
    let laboratory: Laboratory
    var count = 0

    init() throws { laboratory = try Laboratory() }

    /// Runs the study in a new store; its numbers, and what was said.
    mutating func run(_ text: String, keepsTables: Bool) throws -> ([String], [String]) {
      count += 1
      let store = try laboratory.store("\(count).sqlite")
      let study = try laboratory.resolve(text)
      let log = ProgressLog()
      let outcome = try StudyRunner(
        study: study, store: store, environment: laboratory.environment, jobs: 1,
        keepsTables: keepsTables, progress: log.add
      ).run(SystemFacts.runRecord(seed: 1, jobs: 1))
      #expect(outcome.failures.isEmpty && outcome.measured == study.cells.count)
      let rows = try ReadOnlyQuery(path: store.path).run(
        "SELECT cell, scope, metric, value, se, ci_low, ci_high FROM v_measurements "
          + "ORDER BY cell, scope, metric"
      ).rows.map { "\($0)" }
      let warnings = log.all.compactMap { if case .warning(let text) = $0 { text } else { nil } }
      return (rows, warnings)
    }

    func tables() throws -> [String] {
      try laboratory.checkpoints().filter { $0.contains("table") }
    }

    func url(_ name: String) -> URL {
      URL(fileURLWithPath: laboratory.path + "/checkpoints/" + name)
    }
  }

  @Test func numbersAreTheSameWithAndWithout() throws {
    var place = try Place()
    let plain = try place.run(Self.text, keepsTables: false)
    #expect(try place.tables().isEmpty)
    for _ in 0..<2 {
      let cached = try place.run(Self.text, keepsTables: true)
      #expect(cached.0 == plain.0 && cached.1.isEmpty)
      let tables = try place.tables()
      #expect(tables.count == 2 && tables.allSatisfy { $0.hasSuffix(".table") })
    }
  }

  /// The table of one study serves another on the same state that needs less of it, and is left as
  /// it is.
  @Test func keptTablesAreRead() throws {
    var place = try Place()
    let text = StudyTexts.vae(states: ["initial"])
    let plain = try place.run(text, keepsTables: true)
    let name = try #require(try place.tables().first)
    let before = try Data(contentsOf: place.url(name))
    // Another study on the same state needs no gradients; the table of the first serves it.
    _ = try place.run(
      StudyTexts.vae(states: ["initial"], estimators: ["reinforce"]), keepsTables: true)
    #expect(try place.tables() == [name])
    #expect(try Data(contentsOf: place.url(name)) == before)
    #expect(try place.run(text, keepsTables: true).0 == plain.0)
  }

  /// A table without gradients is replaced by one with them when they are needed.
  @Test func gradientsAreAdded() throws {
    var place = try Place()
    _ = try place.run(
      StudyTexts.vae(states: ["initial"], estimators: ["reinforce"]), keepsTables: true)
    let name = try #require(try place.tables().first)
    let small = try Data(contentsOf: place.url(name)).count
    let text = StudyTexts.vae(states: ["initial"])
    let cached = try place.run(text, keepsTables: true)
    #expect(try Data(contentsOf: place.url(name)).count > small && cached.1.isEmpty)
    #expect(cached.0 == (try place.run(text, keepsTables: false).0))
  }

  enum Damage: CaseIterable {
    case empty, cut, longer, aBit, anotherForm, aBitOfTheSum, noise

    func apply(_ data: Data) -> Data {
      var data = data
      switch self {
      case .empty: return Data()
      case .cut: return data.prefix(data.count / 2)
      case .longer: return data + Data([0])
      case .aBit: data[data.count - 9] ^= 1
      case .anotherForm: data[0] ^= 1
      case .aBitOfTheSum: data[30] ^= 1
      case .noise: return Data((0..<5000).map { UInt8(truncatingIfNeeded: $0 &* 73) })
      }
      return data
    }
  }

  @Test(arguments: Damage.allCases) func damageIsToldAndRepaired(_ damage: Damage) throws {
    var place = try Place()
    let text = StudyTexts.vae(states: ["initial"])
    let plain = try place.run(text, keepsTables: true)
    let name = try #require(try place.tables().first)
    let whole = try Data(contentsOf: place.url(name))
    try damage.apply(whole).write(to: place.url(name))
    let cached = try place.run(text, keepsTables: true)
    #expect(cached.0 == plain.0)
    #expect(
      cached.1 == [place.url(name).path + ": a damaged table is ignored and written again"])
    #expect(try Data(contentsOf: place.url(name)) == whole)
    #expect(try place.tables() == [name])
  }
}

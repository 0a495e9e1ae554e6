import Foundation
import Testing

/// No text from outside moves the cursor or turns the writing: it is escaped in every message and
/// table.
@Suite struct HiddenCharacterTests {
  private static let nasty = "a\u{1B}[2Jb\u{202E}c\u{200B}d\ne\u{9B}f\rg"

  private func isClean(_ text: String, _ about: String) {
    let allowed: Set<Unicode.Scalar> = ["\n"]
    let found = text.unicodeScalars.filter {
      ($0.properties.generalCategory == .control || $0.properties.generalCategory == .format)
        && !allowed.contains($0)
    }
    #expect(found.isEmpty, "\(about): \(text.debugDescription)")
    // A line of its own would read like another message.
    #expect(
      !text.split(separator: "\n").contains { $0.hasPrefix("ef") }, "\(about)")
  }

  @Test func messages() throws {
    let place = try Workplace()
    try place.write(SmallStudies.toy(), to: "toy.yaml")
    #expect(try place.run("run", "toy", "--quiet").code == 0)
    let nasty = Self.nasty
    let lists: [[String]] = [
      [nasty], ["check", nasty], ["run", "toy", "--only", nasty], ["run", "toy", "--" + nasty],
      ["status", nasty], ["export", nasty], ["export", "toy", "--to", "toy.yaml/" + nasty],
      ["describe", nasty], ["query", nasty], ["query", "SELECT \"\(nasty)\""],
      ["query", "SELECT 1", "-p", nasty], ["query", "SELECT 1", "-p", nasty + "=1"],
      ["status", "--store", nasty], ["run", "toy", "--jobs", nasty],
      ["run", "toy", "--format", nasty],
      ["list", nasty], ["list", "studies", "--folder", nasty], ["help", nasty],
      ["budget", "toy", "--scope", nasty], ["budget", "toy", "--budgets", nasty],
      ["compare", "toy", nasty, "st"], ["compare", "toy", "st", "reinforce", "--metric", nasty],
      ["measure", "--samples", nasty, "--reference", nasty], ["verify", "--golden", nasty],
      ["measure", "--samples", "x.npz:" + nasty, "--reference", "toy.yaml", "--name", nasty],
      ["init", nasty + "/x"],
    ]
    for arguments in lists {
      let outcome = try place.run(arguments: arguments)
      #expect(outcome.code != 0 && outcome.signal == nil, "\(arguments)")
      isClean(outcome.errors, "\(arguments)")
      isClean(outcome.output, "\(arguments)")
    }
  }

  @Test func tables() throws {
    let place = try Workplace()
    try place.write(SmallStudies.toy(), to: "toy.yaml")
    #expect(try place.run("run", "toy", "--quiet").code == 0)
    let sql = "SELECT '\(Self.nasty)' AS \"x\(Self.nasty)\", 1 AS n UNION ALL SELECT '日本', 22"
    for format in ["table", "markdown", "json", "jsonl"] {
      let outcome = try place.run("query", sql, "--format", format)
      #expect(outcome.code == 0)
      isClean(outcome.output, format)
    }
    let plain = try place.run("query", "SELECT 'ab' AS x, 1 AS n UNION ALL SELECT '日本', 2")
    #expect(plain.output == "x     n\n----  -\nab    1\n日本  2\n")
  }

  @Test func studyFiles() throws {
    let place = try Workplace()
    try place.write(
      "format: 1\nname: \"a\\e[2Jb\"\nproblems:\n  - kind: \"x\\u202Ey\"\nestimators:\n  - kind: st\u{202E}ts\n",
      to: "s.yaml")
    let outcome = try place.run("check", "s.yaml")
    #expect(outcome.code == 65 && outcome.errors.contains("\\u{202E}"))
    isClean(outcome.errors, "study file")
  }
}

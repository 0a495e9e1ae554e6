import Foundation
import Studies
import Testing

/// Files that are no study files at all, and texts made to cost much.
@Suite struct UnusualFileTests {
  private static let frame = """
    format: 1
    name: s
    problems:
      - kind: bernoulli-toy
    estimators:
      - kind: st

    """

  private func rendered(_ bytes: [UInt8]) -> String {
    do {
      _ = try StudyFileReader.read(
        bytes, name: "study.yaml", estimators: MimicCatalogue.estimators,
        problems: MimicCatalogue.problems)
      return ""
    } catch {
      return "\(error)"
    }
  }

  private func rendered(path: String) -> String {
    do {
      _ = try StudyFileReader.read(
        path: path, estimators: MimicCatalogue.estimators, problems: MimicCatalogue.problems)
      return ""
    } catch {
      return "\(error)"
    }
  }

  @Test func missingFile() {
    #expect(
      rendered(path: "/nonexistent/study.yaml") == """
        /nonexistent/study.yaml: error: no such file
           hint: check the path; `gradfid init` writes an example study
        """)
  }

  @Test func directory() {
    let path = FileManager.default.temporaryDirectory.path
    #expect(
      rendered(path: path) == """
        \(path): error: this is a directory
           hint: name the study file in it
        """)
  }

  @Test func fileOnDisk() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appendingPathComponent("größe.yaml").path
    try Data(Self.frame.utf8).write(to: URL(fileURLWithPath: path))
    #expect(rendered(path: path) == "")
    try Data((Self.frame + "sed: 1\n").utf8).write(to: URL(fileURLWithPath: path))
    #expect(rendered(path: path).hasPrefix("\(path):7:1: error: unknown key 'sed'"))
    let large = [UInt8](repeating: 0x0A, count: StudyFileReader.sizeLimit + 1)
    try Data(large).write(to: URL(fileURLWithPath: path))
    #expect(
      rendered(path: path) == """
        \(path): error: the file is larger than 4 MiB
           hint: is this a study file? large studies are written with lists as axes
        """)
  }

  @Test func noBytes() {
    #expect(
      rendered([]) == """
        study.yaml: error: the file is empty
           hint: `gradfid init` writes an example study
        """)
  }

  @Test func utf16() throws {
    let data = try #require(Self.frame.data(using: .utf16))
    #expect(
      rendered([UInt8](data)) == """
        study.yaml: error: the file is UTF-16
           hint: save it as UTF-8
        """)
  }

  /// The bytes that cannot be read stand first, whatever follows from them elsewhere.
  @Test func latin1BelowOtherMistakes() {
    let text = "format: 2\nname: x\nproblems:\n  - kind: bernoulli-toy\nestimators:\n  - kind: gr"
    let bytes = [UInt8](text.utf8) + [0xF6, 0xDF, 0x0A]
    #expect(rendered(bytes).hasPrefix("study.yaml:6:13: error: not UTF-8 here"))
    #expect(rendered(bytes).contains("study.yaml:1:"))
  }

  /// A Latin-1 letter hides no mistakes on other lines, and only follows-ups on its own.
  @Test func latin1() {
    let bytes =
      [UInt8]("format: 1\nname: gr".utf8) + [0xF6, 0xDF]
      + [UInt8]("e\nproblems:\n  - kind: bernouli-toy\nestimators:\n  - kind: st\n".utf8)
    #expect(
      rendered(bytes) == """
        study.yaml:2:9: error: not UTF-8 here
            2 | name: gr\u{FFFD}\u{FFFD}e
              |         ^
           hint: save the file as UTF-8
        study.yaml:4:11: error: unknown problem kind 'bernouli-toy'
            4 |   - kind: bernouli-toy
              |           ^~~~~~~~~~~~ did you mean 'bernoulli-toy'?
           hint: `gradfid list problems` shows all 5 kinds
        """)
  }

  @Test func veryLongLine() {
    let text = Self.frame + "title: " + String(repeating: "x", count: 10_000) + "\n"
    #expect(
      rendered([UInt8](text.utf8)) == """
        study.yaml: error: line 7 has more than 10,000 characters
           hint: is this a study file? write long lists over several lines
        """)
  }

  @Test(arguments: [("[", 1500), ("{a: ", 1500), ("[\n ", 100_000), ("- ", 1500)])
  func deepNesting(opening: String, depth: Int) {
    let text = Self.frame + "title:\n  " + String(repeating: opening, count: depth)
    let findings = MimicCatalogue.findings(text)
    #expect(findings.map(\.code) == ["too-deep"])
    #expect(findings.map(\.message) == ["the file is nested too deeply"])
  }

  /// Levels below the library's limit are walked without harm.
  @Test func deepButClosed() {
    let depth = 900
    let nest = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    #expect(MimicCatalogue.findings(Self.frame + "title: " + nest).map(\.code) == ["wrong-type"])
  }

  /// Each level doubles what the one above stands for; the keys would be hashed in full.
  @Test(arguments: [8, 60])
  func nestedAliases(levels: Int) {
    var text = "a0: &a0 [x, x]\n"
    for level in 1...levels { text += "a\(level): &a\(level) [*a\(level - 1), *a\(level - 1)]\n" }
    text += "? *a\(levels)\n: 1\n? *a\(levels - 1)\n: 2\n"
    #expect(MimicCatalogue.findings(text).contains { $0.code == "alias" })
  }

  @Test func manyErrorsAreCounted() {
    let text = Self.frame + "    tau:\n" + String(repeating: "      - x\n", count: 2000)
    let findings = MimicCatalogue.findings(text)
    #expect(findings.count == 501)
    #expect(
      findings.last?.rendered() == """
        study.yaml: error: 1500 more errors are not shown
           hint: put these right first and check the file again
        """)
  }

  @Test func manyRepeatedKeys() {
    let few = MimicCatalogue.findings(Self.frame + String(repeating: "seed: 1\n", count: 40))
    #expect(few.map(\.line) == Array(8...46))
    let many = MimicCatalogue.findings(Self.frame + String(repeating: "seed: 1\n", count: 200))
    #expect(many.map(\.code) == ["duplicate-key"])
  }

  /// A repeated key whose first letter cannot be replaced ends the reading, with its true cause.
  @Test(arguments: ["\"\\\"a\"", "[a]", "''"])
  func repeatedUnusualKeys(key: String) {
    let line = "? \(key)\n: 1\n"
    #expect(MimicCatalogue.findings(Self.frame + line + line).map(\.code) == ["duplicate-key"])
  }

  /// Random damage to a good file ends in an answer: a study, or errors that can be rendered.
  @Test func randomDamage() {
    let source = Array(StudyTemplate.text().unicodeScalars)
    let pieces = Array("\t\n :-[]{}\"'#&*!|>?,%@`~<é\u{85}\u{2028}\u{FEFF}日09.e_".unicodeScalars)
    var state: UInt64 = 2024
    func next(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int((state >> 33) % UInt64(bound))
    }
    for _ in 0..<600 {
      var scalars = source
      for _ in 0...next(4) {
        let index = next(scalars.count)
        switch next(3) {
        case 0: scalars.remove(at: index)
        case 1: scalars.insert(pieces[next(pieces.count)], at: index)
        default:
          let end = min(scalars.count, index + next(40))
          scalars.insert(contentsOf: scalars[index..<end], at: next(scalars.count))
        }
      }
      var view = String.UnicodeScalarView()
      view.append(contentsOf: scalars)
      let text = String(view)
      let isRead = (try? MimicCatalogue.read(text)) != nil
      let findings = MimicCatalogue.findings(text)
      #expect(isRead || !findings.isEmpty)
      for finding in findings {
        #expect(finding.rendered().hasPrefix("study.yaml"))
        #expect(finding.suggestion != nil || finding.hint != nil)
      }
    }
  }
}

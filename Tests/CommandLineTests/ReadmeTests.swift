import Foundation
import Testing

/// The front page is short, and the pages name and show what is there.
@Suite struct ReadmeTests {
  private func text(_ path: String) throws -> String {
    try String(
      contentsOf: Executable.packageRoot.appendingPathComponent(path), encoding: .utf8)
  }

  /// Names of the folders in a folder of the package.
  private func folders(_ path: String) throws -> [String] {
    let contents = try FileManager.default.contentsOfDirectory(
      at: Executable.packageRoot.appendingPathComponent(path),
      includingPropertiesForKeys: [.isDirectoryKey], options: [.skipsHiddenFiles])
    return try contents.filter {
      try $0.resourceValues(forKeys: [.isDirectoryKey]).isDirectory == true
    }.map(\.lastPathComponent)
  }

  /// Words are those of `wc -w`, code blocks included.
  @Test func theFrontPageIsShort() throws {
    let page = try text("README.md")
    let words = page.split { $0.isWhitespace }.count
    #expect(words <= 900, "README.md has \(words) words; move some to the page of a module")
    let long = page.split(separator: "\n").filter { $0.count > 120 }
    #expect(long.isEmpty, "lines of more than 120 characters:\n\(long.joined(separator: "\n"))")
  }

  @Test func theTableNamesEveryFolderOfTheSources() throws {
    let named = try text("Sources/README.md").split(separator: "\n").compactMap {
      $0.firstMatch(of: /^\| `([^`]+)` \|/).map { String($0.1) }
    }
    var existing: [String] = []
    for module in try folders("Sources") {
      existing.append(module)
      existing += try folders("Sources/\(module)").map { "\(module)/\($0)" }
    }
    #expect(named.count == Set(named).count, "a folder is named twice")
    let missing = Set(existing).subtracting(named).sorted()
    #expect(missing.isEmpty, "add to the table of Sources/README.md: \(missing)")
    let gone = Set(named).subtracting(existing).sorted()
    #expect(gone.isEmpty, "there is no such folder as Sources/README.md names: \(gone)")
  }

  /// One idea a sentence: those of pages that people write have at most 35 words.
  @Test func sentencesAreShort() throws {
    guard let tracked = try Checkout.git("ls-files", "*.md") else { return }
    let written = tracked.filter { !$0.hasSuffix("CATALOGUE.md") && !$0.hasSuffix("ZOO.md") }
    for page in written {
      for sentence in PageText(try text(page)).sentences {
        let words = PageText.words(sentence)
        #expect(words <= 35, "\(page): a sentence of \(words) words: \(sentence)")
      }
    }
  }

  /// Code that a page shows is, to the letter, a file that is built or measured.
  @Test(arguments: [
    (
      "Sources/Estimators/README.md",
      "Sources/Estimators/ScoreFunction/ReinforceConstantBaseline.swift"
    ),
    ("Sources/Estimators/README.md", "studies/extension-package/Sources/my-gradfid/main.swift"),
    ("Sources/Models/OWN-COST.md", "studies/extension-package/Sources/my-gradfid/Parity.swift"),
    ("Sources/Models/OWN-COST.md", "studies/examples/custom-cost.json"),
    ("Sources/Models/OWN-COST.md", "studies/examples/ragged-cost.json"),
  ])
  func theCodeShownIsThatOfItsFile(_ page: String, _ file: String) throws {
    let (shown, code) = (try text(page), try text(file))
    #expect(shown.contains("\n" + code + "```\n"), "\(page) does not show \(file) as it is")
  }
}

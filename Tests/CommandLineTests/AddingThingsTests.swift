import Foundation
import GradientFidelity
import Testing

/// The lists of the program: where they stand, what they list, and the pages that name every entry.
@Suite struct AddingThingsTests {
  private func text(_ path: String) throws -> String {
    try String(
      contentsOf: Executable.packageRoot.appendingPathComponent(path), encoding: .utf8)
  }

  /// Rows of the table under "Adding things": thing, folder, list, file.
  private func rows() throws -> [[String]] {
    let page = try text("Sources/README.md")
    let section = try #require(page.components(separatedBy: "## Adding things\n").last)
    return section.split(separator: "\n").filter { $0.hasPrefix("| ") && !$0.hasPrefix("| thing") }
      .map { row in
        row.split(separator: "|").map {
          $0.trimmingCharacters(in: .whitespaces).replacing("`", with: "")
        }.filter { !$0.isEmpty }
      }
  }

  /// A row's folder holds what its list names, and the list stands in its file.
  @Test func theTableNamesWhatIsThere() throws {
    let rows = try rows()
    #expect(rows.count == 13)
    for row in rows {
      try #require(row.count == 4)
      let folder = Executable.packageRoot.appendingPathComponent("Sources/" + row[1])
      var isFolder: ObjCBool = false
      let exists = FileManager.default.fileExists(atPath: folder.path, isDirectory: &isFolder)
      #expect(exists && isFolder.boolValue, "no folder \(row[1])")
      let list = try text("Sources/" + row[3])
      let declaration = try Regex("(enum|struct|extension) \(row[2])\\b")
      #expect(list.contains(declaration), "no list \(row[2]) in \(row[3])")
    }
  }

  /// Every entry of a list has its name on a page of its module. Numbers that differ in `M` alone share a row.
  @Test(arguments: [
    ("bottlenecks", "Models"), ("likelihoods", "Models"), ("data", "Models"),
    ("operations", "Networks"), ("optimisers", "Networks"), ("schedules", "Networks"),
    ("metrics", "Fidelity"), ("intervals", "Fidelity"),
  ])
  func everyEntryStandsOnItsPage(_ list: String, _ module: String) throws {
    let folder = Executable.packageRoot.appendingPathComponent("Sources/" + module)
    let pages = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      .filter { $0.hasSuffix(".md") }.map { try text("Sources/\(module)/\($0)") }
    let page = pages.joined(separator: "\n")
    let listing = try #require(Listing.all.first { $0.name == list })
    #expect(!listing.table.rows.isEmpty)
    for case .text(let entry)? in listing.table.rows.map(\.first) {
      let name = entry.replacing(/^rmse_\d+$/, with: "rmse_M")
      let marked = try Regex("[`{ ]\(NSRegularExpression.escapedPattern(for: name))[`:, ]")
      #expect(page.contains(marked), "no page of \(module) names \(name)")
    }
  }

  /// `gradfid list` shows every list, in every format the same entries.
  @Test func listingsAreShown() throws {
    let place = try Workplace()
    for listing in Listing.all {
      let outcome = try place.run("list", listing.name, "--format", "csv")
      #expect(outcome.code == 0 && outcome.errors.isEmpty)
      #expect(outcome.output == OutputFormat.csv.text(listing.table))
      let names = listing.table.rows.map { "\($0.first ?? .null)" }
      #expect(Set(names).count == names.count, "a name twice in \(listing.name)")
    }
    let described = try place.run("describe", "vq")
    #expect(
      described.code == 0
        && described.output.hasPrefix("vq (`gradfid list bottlenecks`)\n  parameters: latents=4"))
    #expect(try place.run("describe", "bernoulli").output.contains("list likelihoods"))
    let unknown = try place.run("list", "metric")
    #expect(unknown.code == 64 && unknown.errors.contains("metrics"))
  }
}

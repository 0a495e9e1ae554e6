import Foundation
import GradientFidelity
import Testing

/// The help texts, compared exactly with the files in `Snapshots`.
///
/// After a wanted change, record them again and look at the difference:
///
///     GRADFID_RECORD_SNAPSHOTS=1 swift test -c release --filter CommandLineTests.HelpTests
@Suite struct HelpTests {
  static let commands = [
    "gradfid", "init", "check", "plan", "run", "status", "list", "describe", "query", "export",
    "verify",
    "measure", "compare", "budget", "widths",
  ]

  private static let folder = Executable.packageRoot
    .appendingPathComponent("Tests/CommandLineTests/Snapshots")

  @Test(arguments: commands) func helpIsAsRecorded(_ command: String) throws {
    let place = try Workplace()
    let outcome = try place.run(
      arguments: command == "gradfid" ? ["--help"] : [command, "--help"])
    #expect(outcome.code == 0 && outcome.errors.isEmpty)
    let url = Self.folder.appendingPathComponent("help-\(command).txt")
    if ProcessInfo.processInfo.environment["GRADFID_RECORD_SNAPSHOTS"] == "1" {
      try Data(outcome.output.utf8).write(to: url)
    }
    #expect(outcome.output == (try String(contentsOf: url, encoding: .utf8)))
  }

  @Test func everyCommandHasASnapshot() throws {
    let place = try Workplace()
    let help = try place.run("--help").output
    let listing = try #require(help.components(separatedBy: "SUBCOMMANDS:\n").last)
    let listed = listing.split(separator: "\n").compactMap { line -> String? in
      guard line.hasPrefix("  "), !line.hasPrefix("   "), !line.hasPrefix("  See") else {
        return nil
      }
      return line.split(separator: " ").first.map(String.init)
    }
    #expect(["gradfid"] + listed == Self.commands)
  }

  @Test func withoutArgumentsTheHelpIsShown() throws {
    let place = try Workplace()
    #expect(try place.run() == place.run("--help"))
  }

  @Test func versionNamesReleaseCommitAndSchema() throws {
    let place = try Workplace()
    let outcome = try place.run("--version")
    #expect(outcome.code == 0 && outcome.errors.isEmpty)
    let pattern = /\d+\.\d+\.\d+ \(commit ([0-9a-f]{12}(-dirty)?|unknown), store schema \d+\)\n/
    #expect(outcome.output.wholeMatch(of: pattern) != nil)
    #expect(outcome.output.hasPrefix(GradientFidelityVersion.number + " "))
  }

  /// In a checkout the commit is one of its own, and an old one only where nothing was built since.
  @Test func theCommitIsOneOfTheCheckouts() throws {
    guard let known = try Checkout.git("log", "-n", "50", "--format=%h", "--abbrev=12"),
      !known.isEmpty
    else { return }
    #expect(
      known.contains { SystemFacts.sourceCommit.hasPrefix($0) }, "\(SystemFacts.sourceCommit)")
  }
}

import Foundation
import Testing

/// Streams that fail, arguments that are no text, studies from standard input.
@Suite struct StreamTests {
  let place: Workplace

  init() throws {
    place = try Workplace()
    try place.write(SmallStudies.toy(), to: "toy.yaml")
  }

  /// A line of the shell, in which `$G` is the program.
  private func shell(_ line: String) throws -> CommandOutcome {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/bash")
    process.arguments = ["-c", line]
    process.currentDirectoryURL = URL(fileURLWithPath: place.path)
    process.environment = ProcessInfo.processInfo.environment
      .filter { !$0.key.hasPrefix("GRADFID_") && $0.key != "COLUMNS" }
      .merging(["SWIFT_BACKTRACE": "enable=no", "G": try Executable.url().path]) { $1 }
    let output = Pipe()
    let errors = Pipe()
    process.standardOutput = output
    process.standardError = errors
    process.standardInput = FileHandle.nullDevice
    try process.run()
    func text(_ pipe: Pipe) throws -> String {
      String(decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    }
    let (out, err) = (try text(output), try text(errors))
    process.waitUntilExit()
    let exited = process.terminationReason == .exit
    return CommandOutcome(
      code: exited ? process.terminationStatus : nil,
      signal: exited ? nil : process.terminationStatus, output: out, errors: err)
  }

  private static let full =
    "error: standard output cannot be written; check the disk, or the program that reads it\n"

  @Test(arguments: [
    "--help", "--version", "run --help", "help run", "--generate-completion-script bash",
    "list estimators", "describe st", "check toy", "query --schema", "describe rel_bias",
  ])
  func aFullDiskIsNoSuccess(arguments: String) throws {
    let full = try shell("\"$G\" \(arguments) > /dev/full")
    #expect(full.code == 1 && full.errors == Self.full, "\(full.errors)")
    let closed = try shell("\"$G\" \(arguments) >&-")
    #expect(closed.code == 1 && closed.errors == Self.full, "\(closed.errors)")
    // A reader that has enough is no failure to speak of.
    let pipe = try shell("\"$G\" \(arguments) 2> err | true; cat err; echo ${PIPESTATUS[0]}")
    #expect(pipe.output.contains("error") == false)
  }

  @Test func aClosedPipeIsQuiet() throws {
    let outcome = try shell(
      "{ sleep 0.2; \"$G\" list estimators --format csv; echo \"$?\" > code; } 2> err | true; cat code err"
    )
    #expect(outcome.output == "1\n" && outcome.errors.isEmpty, "\(outcome)")
  }

  /// A closed standard output is not taken by the store's file.
  @Test func closedStreamsHarmNoFile() throws {
    let run = try shell("\"$G\" run toy >&- 2>&- <&-")
    #expect(run.code == 1)
    let status = try place.run("query", "SELECT count(*) AS n FROM v_cells", "--format", "csv")
    #expect(status.code == 0 && status.output == "n\n2\n", "\(status.errors)")
  }

  @Test func namesThatAreNotUTF8AreRefused() throws {
    let outcome = try shell("cp toy.yaml $'t\\xff.yaml'; \"$G\" check $'t\\xff.yaml'")
    #expect(
      outcome.code == 64
        && outcome.errors.hasPrefix(
          "error: argument 2 is not UTF-8: 't\u{FFFD}.yaml'; give the file a name in UTF-8\n"),
      "\(outcome.errors)")
    let store = try shell("GRADFID_STORE=$'s\\xfe' \"$G\" status")
    #expect(store.code == 64 && store.errors.contains("the environment variable GRADFID_STORE is"))
  }

  /// A file whose name is no text stands in nobody's way.
  @Test func foldersWithSuchNames() throws {
    let outcome = try shell(
      "mkdir -p studies; touch $'\\xff.yaml' $'studies/\\xff\\xfe'; for c in check run plan; do \"$G\" $c tooy.yaml; done"
    )
    #expect(outcome.signal == nil && outcome.code == 65, "\(outcome)")
    #expect(outcome.errors.contains("did you mean 'toy.yaml'?"))
    #expect(try shell("\"$G\" list studies").signal == nil)
  }

  @Test func standardInputIsAStudy() throws {
    let text = SmallStudies.toy()
    for command in ["check", "plan", "run"] {
      let outcome = try place.run(command, "-", input: text)
      #expect(outcome.code == 0, "\(command): \(outcome.errors)")
    }
    let compared = try place.run("compare", "-", "st", "reinforce", input: text)
    #expect(compared.code == 0 && compared.output.contains("rel_bias"), "\(compared.errors)")
    #expect(try place.run("status", "toy").output.contains("done"))
    let broken = try place.run("check", "-", input: "format: 1\nname: -x\n")
    #expect(
      broken.code == 65 && broken.errors.contains("standard input:2:7: error: 'name' cannot be"))
    #expect(broken.errors.contains("hint: a name starts with a letter or digit"))
    let empty = try place.run("run", "-", input: "")
    #expect(empty.code == 65 && empty.errors.hasPrefix("standard input: error: the file is empty"))
    let long = try place.run("check", "-", input: String(repeating: "# x\n", count: 2 << 20))
    #expect(long.code == 65 && long.errors.contains("larger than 4 MiB"))
  }

  /// Paths in it are relative to the current folder.
  @Test func filesOfAStudyFromStandardInput() throws {
    try place.write(
      "{\"phi\": [[0, 1]], \"cost\": {\"type\": \"linear\", \"a\": [[1, 2]]}}", to: "p.json")
    let study =
      "format: 1\nname: x\nproblems:\n  - {kind: json, file: p.json}\nestimators:\n  - kind: st\n"
    #expect(try place.run("run", "-", "--quiet", input: study).code == 0)
  }

  /// No name is searched for by names that no file has.
  @Test(arguments: ["-", ".", "..", "/", "", " ", "x/-", "é\u{301}/..", "~", "./-", "-.yaml/"])
  func oddPaths(path: String) throws {
    try place.write(SmallStudies.toy(), to: "studies/b.yaml")
    for command in ["check", "plan", "run"] {
      let outcome = try place.run(command, "--", path)
      #expect(outcome.signal == nil && outcome.code != 0, "\(command) '\(path)'")
    }
  }

  /// Names that SQLite has a meaning for are names of files.
  @Test(arguments: ["file:x", ":memory:", "file:x?mode=memory", ":x", "FILE:y"])
  func aStoreIsAFile(name: String) throws {
    #expect(try place.run("run", "toy", "--quiet", "--store", name).code == 0)
    #expect(place.exists(name))
    for command in [["status"], ["query", "SELECT 1"], ["export", "toy"], ["budget", "toy"]] {
      let outcome = try place.run(arguments: command + ["--store", name])
      #expect(outcome.code == 0, "\(command): \(outcome.errors)")
    }
    #expect(
      try place.run("status", environment: ["GRADFID_STORE": name]).output.contains("toy"))
  }
}

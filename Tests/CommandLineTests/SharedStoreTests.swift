import Foundation
import GradientFidelity
import Testing

/// A store that several users and processes read and write.
@Suite(.serialized) struct SharedStoreTests {
  private func store(_ text: String = SmallStudies.toy(), name: String = "toy") throws -> Workplace
  {
    let place = try Workplace()
    try place.write(text, to: "\(name).yaml")
    #expect(try place.run("run", name, "--quiet").code == 0)
    return place
  }

  private static let sql = "SELECT count(*) AS n FROM v_cells"

  /// Reads leave nothing beside the store, whoever reads.
  @Test func readingLeavesNothing() throws {
    let place = try store()
    let before = try place.names()
    for command in [["query", Self.sql], ["status"], ["status", "toy"], ["budget", "toy"]] {
      #expect(try place.run(arguments: command).code == 0)
      #expect(try place.names() == before, "\(command)")
    }
  }

  /// As another user: needs root and `setpriv`.
  private func asNobody(_ place: Workplace, _ arguments: String...) throws -> CommandOutcome? {
    guard geteuid() == 0, FileManager.default.isExecutableFile(atPath: "/usr/bin/setpriv") else {
      return nil
    }
    // The test's own build may lie where nobody else may go.
    let program = place.file("gradfid")
    if !place.exists("gradfid") {
      try FileManager.default.copyItem(atPath: Executable.url().path, toPath: program)
    }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/setpriv")
    process.arguments =
      ["--reuid=65534", "--regid=65534", "--clear-groups", program] + arguments
    process.currentDirectoryURL = URL(fileURLWithPath: place.path)
    let (output, errors) = (Pipe(), Pipe())
    (process.standardOutput, process.standardError) = (output, errors)
    try process.run()
    let text = output.fileHandleForReading.readDataToEndOfFile()
    let said = errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return CommandOutcome(
      code: process.terminationReason == .exit ? process.terminationStatus : nil, signal: nil,
      output: String(decoding: text, as: UTF8.self), errors: String(decoding: said, as: UTF8.self))
  }

  @Test(arguments: [0o777, 0o755]) func anotherUserReads(_ mode: Int) throws {
    let place = try store()
    #expect(chmod(place.path, mode_t(mode)) == 0)
    let before = Set(try place.names()).union(["gradfid"])
    guard let outcome = try asNobody(place, "query", Self.sql, "--format", "csv") else { return }
    #expect(outcome.code == 0 && outcome.output == "n\n2\n", "\(outcome)")
    #expect(try asNobody(place, "status")?.code == 0)
    #expect(Set(try place.names()) == before)
    // The owner goes on.
    try place.write(SmallStudies.toy(estimators: ["st", "reinforce", "reinmax"]), to: "toy.yaml")
    #expect(try place.run("run", "toy", "--quiet").code == 0)
    #expect(try asNobody(place, "query", Self.sql, "--format", "csv")?.output == "n\n3\n")
  }

  /// What a killed run left in the log is read where its index is there, and else not guessed at.
  @Test func anotherUserReadsAStoreWithALog() throws {
    let place = try Workplace()
    try place.write(SmallStudies.long, to: "long.yaml")
    let command = try place.start(["run", "long", "--jobs", "1"])
    while !place.exists("gradfid.sqlite-wal") && command.isRunning { usleep(2000) }
    usleep(300_000)
    #expect(chmod(place.path, 0o777) == 0)
    let live = try asNobody(place, "query", Self.sql, "--format", "csv")
    command.send(SIGKILL)
    _ = try command.finish()
    guard let live else { return }
    #expect(live.code == 0 && live.output == "n\n\(SmallStudies.longCells)\n", "\(live)")
    let before = try place.names()
    let left = try asNobody(place, "query", Self.sql, "--format", "csv")
    #expect(left == live)
    #expect(try place.names() == before)
    try FileManager.default.removeItem(atPath: place.file("gradfid.sqlite-shm"))
    let missing = try asNobody(place, "query", Self.sql)
    #expect(missing?.code == 5)
    #expect(
      missing?.errors == """
        error: gradfid.sqlite: its log gradfid.sqlite-wal waits to be brought in, and its index \
        gradfid.sqlite-shm is missing; let the owner run `gradfid status --store gradfid.sqlite` once

        """)
    #expect(try place.run("status").code == 0)
    #expect(try asNobody(place, "query", Self.sql, "--format", "csv") == live)
  }

  /// Names that SQLite would take for something else are files.
  @Test(arguments: ["file:x", ":memory:", "a?b#c%20d.sqlite", "file:y?mode=memory"])
  func oddNames(_ name: String) throws {
    let place = try Workplace()
    try place.write(SmallStudies.toy(), to: "toy.yaml")
    #expect(try place.run("run", "toy", "--quiet", "--store", name).code == 0)
    #expect(place.exists(name))
    let outcome = try place.run("query", Self.sql, "--format", "csv", "--store", name)
    #expect(outcome.output == "n\n2\n")
  }

  @Test func anotherRunIsTold() throws {
    let place = try Workplace()
    try place.write(SmallStudies.long, to: "long.yaml")
    try place.write(SmallStudies.toy(), to: "toy.yaml")
    let command = try place.start(["run", "long", "--jobs", "1"])
    while !place.exists("gradfid.sqlite-wal") && command.isRunning { usleep(2000) }
    usleep(200_000)
    let other = try place.run("run", "toy")
    #expect(command.isRunning)
    #expect(other.code == 0)
    #expect(other.errors.contains("another run is at work on gradfid.sqlite"))
    command.send(SIGINT)
    let stopped = try command.finish()
    #expect(stopped.code == 130)
    let left = try #require(
      stopped.errors.firstMatch(of: /stopped: (\d+) cells left; repeat the command to go on/))
    #expect(Int(left.1).map { $0 > 0 && $0 < SmallStudies.longCells } == true)
    #expect(try !place.run("run", "toy").errors.contains("another run"))
  }

  /// A lock that is held for longer than ten seconds, met in the middle of a run.
  @Test func aLockInMidRun() throws {
    let place = try Workplace()
    try place.write(SmallStudies.long, to: "long.yaml")
    let command = try place.start(["run", "long", "--jobs", "1"])
    while !place.exists("gradfid.sqlite-wal") && command.isRunning { usleep(2000) }
    usleep(300_000)
    let holder = Process()
    holder.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    holder.arguments = [
      "python3", "-c",
      "import sqlite3, time; c = sqlite3.connect('gradfid.sqlite', timeout=5); "
        + "c.isolation_level = None; c.execute('BEGIN IMMEDIATE'); time.sleep(40)",
    ]
    holder.currentDirectoryURL = URL(fileURLWithPath: place.path)
    try holder.run()
    let began = Date()
    let outcome = try command.finish()
    let seconds = Date().timeIntervalSince(began)
    kill(holder.processIdentifier, SIGKILL)
    holder.waitUntilExit()
    #expect(outcome.code == 5, "\(outcome)")
    #expect(outcome.errors.contains("gradfid.sqlite: locked by another process"))
    #expect(seconds < 20, "\(seconds)")
    #expect(try place.run("run", "long", "--quiet").code == 0)
  }
}

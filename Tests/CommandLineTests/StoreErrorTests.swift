import Foundation
import Testing

/// Stores that cannot be used: exact messages and exit code 5 from every command.
@Suite struct StoreErrorTests {
  private static let readers = [["query", "SELECT 1"], ["status"], ["export", "toy"]]

  private func complaints(_ place: Workplace, store: String, run: String?, read: String) throws {
    try place.write(SmallStudies.toy(), to: "toy.yaml")
    for command in Self.readers {
      let outcome = try place.run(arguments: command + ["--store", store])
      #expect(
        outcome == CommandOutcome(code: 5, signal: nil, output: "", errors: "error: \(read)\n"))
    }
    guard let run else { return }
    let outcome = try place.run("run", "toy", "--store", store)
    #expect(outcome == CommandOutcome(code: 5, signal: nil, output: "", errors: "error: \(run)\n"))
  }

  @Test func missing() throws {
    let place = try Workplace()
    try complaints(
      place, store: "none.sqlite", run: nil,
      read: "none.sqlite: no such store; `gradfid run STUDY --store none.sqlite` creates one")
    #expect(try place.names() == ["toy.yaml"])
  }

  @Test func aDirectory() throws {
    try complaints(
      Workplace(), store: ".",
      run: ".: cannot be opened or written: it is a directory; "
        + "check the directory, the permissions and the disk",
      read: ".: not an SQLite database; give the path of a result store")
  }

  @Test func noDatabase() throws {
    let place = try Workplace()
    let text = String(repeating: "not a database\n", count: 100)
    try place.write(text, to: "notes.txt")
    let message = "notes.txt: not an SQLite database; give the path of a result store"
    try complaints(place, store: "notes.txt", run: message, read: message)
    #expect(try place.bytes("notes.txt") == Data(text.utf8))
  }

  /// A path below a regular file cannot be made, not even by root.
  @Test func belowAFile() throws {
    let place = try Workplace()
    try place.write("text", to: "file")
    try complaints(
      place, store: "file/s.sqlite", run: nil,
      read: "file/s.sqlite: no such store; `gradfid run STUDY --store file/s.sqlite` creates one")
    let outcome = try place.run("run", "toy", "--store", "file/s.sqlite")
    #expect(outcome.code == 5 && outcome.output.isEmpty)
    #expect(
      outcome.errors.hasPrefix(
        "error: file/s.sqlite: cannot be opened or written: there is no directory "))
    #expect(outcome.errors.hasSuffix("; check the directory, the permissions and the disk\n"))
  }

  @Test func newerSchema() throws {
    let place = try Workplace()
    try place.write(SmallStudies.toy(), to: "toy.yaml")
    #expect(try place.run("run", "toy", "--quiet").code == 0)
    // The schema's version is the big-endian number at byte 60 of the file's header.
    var bytes = try place.bytes("gradfid.sqlite")
    #expect(Array(bytes[60..<64]) == [0, 0, 0, 6])
    bytes[63] = 9
    try place.write(bytes, to: "newer.sqlite")
    let message =
      "newer.sqlite: schema version 9, this program knows up to 6; install a newer release"
    try complaints(place, store: "newer.sqlite", run: message, read: message)
    #expect(try place.bytes("newer.sqlite") == bytes)
  }

  @Test func damaged() throws {
    let place = try Workplace()
    try place.write(SmallStudies.toy(), to: "toy.yaml")
    #expect(try place.run("run", "toy", "--quiet").code == 0)
    var bytes = try place.bytes("gradfid.sqlite")
    for index in 4096..<bytes.count { bytes[index] = 0xAB }
    try place.write(bytes, to: "bad.sqlite")
    for command in [["status"], ["query", "SELECT * FROM v_cells"], ["run", "toy"]] {
      let outcome = try place.run(arguments: command + ["--store", "bad.sqlite"])
      #expect(outcome.code == 5 && outcome.output.isEmpty)
      #expect(outcome.errors.hasPrefix("error: bad.sqlite: damaged: "))
    }
  }

  @Test func anUnknownStudy() throws {
    let place = try Workplace()
    try place.write(SmallStudies.toy(name: "tau-grid"), to: "toy.yaml")
    #expect(try place.run("run", "toy", "--quiet").code == 0)
    for command in ["status", "export"] {
      let near = try place.run(command, "tau-grit")
      #expect(near.code == 64 && near.output.isEmpty)
      #expect(near.errors == "error: store: no study 'tau-grit'; did you mean 'tau-grid'?\n")
      let far = try place.run(command, "xxxxxxxxxx")
      #expect(far.code == 64 && far.output.isEmpty)
      #expect(
        far.errors == "error: store: no study 'xxxxxxxxxx'; `gradfid status` shows the studies\n")
    }
    #expect(!place.exists("notebooks-export"))
  }

  @Test func anExportToAnUnwritablePlace() throws {
    let place = try Workplace()
    try place.write(SmallStudies.toy(), to: "toy.yaml")
    #expect(try place.run("run", "toy", "--quiet").code == 0)
    let outcome = try place.run("export", "toy", "--to", "toy.yaml/out")
    #expect(outcome.code == 1 && outcome.output.isEmpty)
    #expect(
      outcome.errors
        == "error: toy.yaml/out: the folder cannot be created; give a folder with --to\n")
  }
}

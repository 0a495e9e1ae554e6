import Foundation
import Testing

/// Queries of many rows and without an end.
@Suite(.serialized) struct LongQueryTests {
  private func store() throws -> Workplace {
    let place = try Workplace()
    try place.write(SmallStudies.toy(), to: "toy.yaml")
    #expect(try place.run("run", "toy", "--quiet").code == 0)
    return place
  }

  private func counting(_ rows: Int) -> String {
    "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < \(rows)) "
      + "SELECT x, 'some text of a row' AS t FROM c"
  }

  private static let endless =
    "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT "

  /// Every format gives what the rows together give.
  @Test func formatsAreTheSamePieceByPiece() throws {
    let place = try store()
    #expect(
      try place.run("query", counting(2), "--format", "json").output
        == "[\n  {\"x\": 1, \"t\": \"some text of a row\"},\n  {\"x\": 2, \"t\": \"some text of a row\"}\n]\n"
    )
    #expect(
      try place.run("query", "SELECT 1 AS a WHERE 0", "--format", "json").output == "[]\n")
    #expect(try place.run("query", "SELECT 1 AS a WHERE 0", "--format", "csv").output == "a\n")
    #expect(try place.run("query", "SELECT 1 AS a WHERE 0", "--format", "jsonl").output == "")
    let lines = try place.run("query", counting(30_000), "--format", "jsonl").output
    #expect(lines.utf8.filter { $0 == 10 }.count == 30_000)
    #expect(lines.hasSuffix("{\"x\": 30000, \"t\": \"some text of a row\"}\n"))
  }

  @Test(arguments: ["csv", "jsonl", "json"]) func memoryIsConstant(_ format: String) throws {
    let place = try store()
    func peak(_ rows: Int) throws -> Int {
      let command = try place.start(
        ["query", counting(rows), "--format", format], outputPath: "/dev/null")
      var most = 0
      while command.isRunning {
        let text = try? String(
          contentsOfFile: "/proc/\(command.process.processIdentifier)/status", encoding: .utf8)
        let line = text?.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        most = max(most, line.flatMap { Int($0.split(separator: " ")[1]) } ?? 0)
        usleep(5000)
      }
      #expect(try command.finish().code == 0)
      return most
    }
    let (few, many) = (try peak(20_000), try peak(400_000))
    // In KiB; 400,000 rows at once take more than 100 MB.
    #expect(many < few + 20_000, "\(few) and \(many) KiB")
  }

  @Test func tablesAreBounded() throws {
    let place = try store()
    for format in ["table", "markdown"] {
      let outcome = try place.run("query", Self.endless + "x FROM c", "--format", format)
      #expect(outcome.code == 0)
      #expect(outcome.output.split(separator: "\n").count == 10_002)
      #expect(outcome.errors.hasPrefix("(the first 10000 rows; "))
    }
  }

  @Test func aTimeLimit() throws {
    let place = try store()
    for sql in ["count(*) FROM c", "max(x) FROM c"] {
      let began = Date()
      let outcome = try place.run("query", Self.endless + sql, "--timeout", "0.5")
      #expect(outcome.code == 1 && outcome.output.isEmpty)
      #expect(
        outcome.errors
          == "error: query: stopped after 0.5 s; give a longer --timeout in seconds, or 0 for none\n"
      )
      #expect(Date().timeIntervalSince(began) < 10)
    }
    let rows = try place.start(
      ["query", Self.endless + "x FROM c", "--format", "csv", "--timeout", "0.5"],
      outputPath: "/dev/null")
    #expect(try rows.finish().code == 1)
    #expect(try place.run("query", counting(10), "--timeout", "0").code == 0)
    #expect(try place.run("query", "SELECT 1", "--timeout", "-1").code == 64)
  }

  @Test(arguments: [SIGINT, SIGTERM, SIGHUP]) func aSignalEndsIt(_ signal: Int32) throws {
    let place = try store()
    let before = try place.names()
    let command = try place.start(["query", Self.endless + "count(*) FROM c"])
    usleep(500_000)
    command.send(signal)
    let outcome = try command.finish()
    #expect(outcome.code == 128 + signal && outcome.output.isEmpty, "\(outcome)")
    #expect(try place.names() == before)
  }

  /// One step of SQLite can make one value of any length: values end at 64 MiB.
  @Test func oneValueIsBounded() throws {
    let place = try Workplace()
    try place.write(SmallStudies.toy(), to: "toy.yaml")
    #expect(try place.run("run", "toy", "--quiet").code == 0)
    let outcome = try MemoryLimit(place: place).run(
      ["query", "SELECT length(zeroblob(500000000)) AS n", "--format", "csv"])
    #expect(outcome.code == 65 && outcome.errors.contains("too big"), "\(outcome)")
  }
}

import ArgumentParser
import Foundation
import GradientFidelity

struct QueryCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "query",
    abstract: "Ask the public views of a store in SQL; nothing can be written.")

  @Argument(help: "One SQL statement; '-' reads it from standard input. With --schema, a view.")
  var sql: String?

  @OptionGroup var store: StoreOption

  @Option(help: "table, csv, json, jsonl or markdown.")
  var format = OutputFormat.table

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "Value of a named parameter :name of the statement.", valueName: "name=value")
  )
  var parameter: [String] = []

  @Flag(
    help:
      "Show the public views, or the one named, with columns and examples (as text, or --format markdown)."
  )
  var schema = false

  func validate() throws {
    if !schema && sql == nil { throw ValidationError("give one SQL statement, or --schema") }
    for pair in parameter where !pair.contains("=") {
      throw ValidationError("-p takes name=value, found '\(pair)'")
    }
  }

  func run() throws {
    try reportingErrors {
      if schema {
        let views = try sql.map { [try PublicView.named($0)] } ?? PublicView.all
        StandardOutput.write(
          format == .markdown ? SchemaText.markdown(views) : SchemaText.plain(views))
        return
      }
      var text = sql ?? ""
      if text == "-" {
        text = try Self.statement()
      }
      var parameters: [String: String] = [:]
      for pair in parameter {
        let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        parameters[String(parts[0])] = String(parts[1])
      }
      let result = try ReadOnlyQuery(path: store.path).run(text, parameters: parameters)
      StandardOutput.write(format.text(result))
    }
  }

  /// Longest statement read from standard input, in bytes.
  private static let limit = 1 << 20

  private static func statement() throws -> String {
    let bytes = StandardInput.bytes(limit: limit)
    guard bytes.count <= limit, let text = String(validating: bytes, as: UTF8.self) else {
      let what = bytes.count > limit ? "longer than 1 MiB" : "not UTF-8"
      throw ModelFileError(
        file: "standard input", what: "the statement is \(what)",
        hint: "give one SQL statement in UTF-8")
    }
    return text
  }
}

import ArgumentParser
import Foundation
import GradientFidelity

struct QueryCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "query",
    abstract: "Ask the public views of a store in SQL; nothing can be written.",
    discussion: """
      \(OutputFormat.names(OutputFormat.streamed, "and")) give every row as it is found, in constant memory; \
      \(OutputFormat.names(OutputFormat.shown, "and")) show the first 10,000. A statement that takes longer than --timeout ends with exit code 1.
      """)

  @Argument(help: "One SQL statement; '-' reads it from standard input. With --schema, a view.")
  var sql: String?

  @OptionGroup var store: StoreOption

  @Option(help: "\(OutputFormat.names()).")
  var format = OutputFormat.table

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "Value of a named parameter :name of the statement.", valueName: "name=value")
  )
  var parameter: [String] = []

  @Option(
    help: ArgumentHelp("The most time a statement may take; 0 for no limit.", valueName: "seconds"))
  var timeout = 120.0

  @Flag(
    help:
      "Show the public views, or the one named, with columns and examples (as text, or --format markdown)."
  )
  var schema = false

  func validate() throws {
    if !schema && sql == nil { throw ValidationError("give one SQL statement, or --schema") }
    guard timeout >= 0, timeout <= 1e9 else {
      throw ValidationError("--timeout must be from 0 to 1e9 seconds, found \(timeout)")
    }
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
      try ask(text, parameters)
    }
  }

  private func ask(_ text: String, _ parameters: [String: String]) throws {
    let query = try ReadOnlyQuery(path: store.path)
    StopRequest.listen(announcement: nil, patience: 2)
    var output = RowOutput(format)
    do {
      try query.forEachRow(
        text, parameters: parameters, timeout: timeout == 0 ? nil : timeout,
        shouldStop: { StopRequest.exitCode != nil },
        columns: { output.begin($0) },
        row: { row in
          if let text = output.add(row) { StandardOutput.write(text) }
          return !output.isFull && StopRequest.exitCode == nil
        })
    } catch StoreError.interrupted {
      throw ExitCode(StopRequest.exitCode ?? 130)
    }
    if let code = StopRequest.exitCode { throw ExitCode(code) }
    StandardOutput.write(output.end())
    if output.isFull {
      StandardError.write(
        "(the first \(RowOutput.mostShown) rows; --format \(OutputFormat.names(OutputFormat.streamed)) gives all, LIMIT fewer)"
      )
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

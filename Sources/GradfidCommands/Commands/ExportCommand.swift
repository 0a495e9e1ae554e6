import ArgumentParser
import GradientFidelity

struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract:
      "Write a study's numbers as tidy CSV (or another format) with a sidecar JSON that explains it."
  )

  @Argument(help: "Study name, or its file.")
  var study: String

  @Option(name: .customLong("to"), help: "Folder to write to.")
  var folder = "notebooks-export"

  @Option(help: "\(OutputFormat.names(OutputFormat.streamed)).")
  var format = OutputFormat.csv

  @OptionGroup var store: StoreOption

  func validate() throws {
    guard OutputFormat.streamed.contains(format) else {
      throw ValidationError(
        "--format \(format.rawValue) is for tables; an export is \(OutputFormat.names(OutputFormat.streamed))"
      )
    }
  }

  func run() throws {
    try reportingErrors {
      let results = try ResultStore(readingPath: store.path)
      let name = try StudyNaming.name(study, known: results.studyNames())
      for path in try StudyExport(store: results).write(study: name, to: folder, as: format) {
        StandardOutput.write(path + "\n")
      }
      if let path = try ParameterFiles(storePath: store.path)
        .export(study: name, of: results, to: folder)
      {
        StandardOutput.write(path + "\n")
      }
    }
  }
}

import ArgumentParser
import Foundation
import GradientFidelity

struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write a study's numbers as tidy CSV with a sidecar JSON that explains it.")

  @Argument(help: "Study name, or its file.")
  var study: String

  @Option(name: .customLong("to"), help: "Folder to write to.")
  var folder = "notebooks-export"

  @OptionGroup var store: StoreOption

  func run() throws {
    try reportingErrors {
      let results = try ResultStore(readingPath: store.path)
      for path in try StudyExport(store: results).write(study: name, to: folder) {
        StandardOutput.write(path + "\n")
      }
    }
  }

  /// `studies/quickstart.yaml` and `studies/quickstart` mean the study of that file's name.
  private var name: String {
    guard study.contains("/") || study.hasSuffix(".yaml") || study.hasSuffix(".yml") else {
      return study
    }
    return ((study as NSString).lastPathComponent as NSString).deletingPathExtension
  }
}

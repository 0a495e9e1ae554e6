import ArgumentParser
import GradientFidelity

struct ListCommand: ParsableCommand {
  enum Subject: String, ExpressibleByArgument, CaseIterable {
    case estimators
    case problems
    case studies
  }

  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List estimators, problems, or the study files of a folder.")

  @Argument(help: "estimators, problems or studies.")
  var subject: Subject

  @Option(help: "Folder of study files.")
  var folder = "studies"

  @Option(help: "table, csv, json, jsonl or markdown.")
  var format = OutputFormat.table

  func run() throws {
    try reportingErrors {
      let table =
        switch subject {
        case .estimators: CatalogueTable.estimators(EstimatorRegistry.all)
        case .problems: CatalogueTable.problems(ProblemRegistry.all)
        case .studies: try StudyFolderTable.table(folder)
        }
      StandardOutput.write(format.text(table))
    }
  }
}

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

  @OptionGroup(title: "Which estimators (several: all must hold)")
  var filter: EstimatorFilterOptions

  @Option(help: "Folder of study files.")
  var folder = "studies"

  @Option(help: "table, csv, json, jsonl or markdown.")
  var format = OutputFormat.table

  func validate() throws {
    if subject != .estimators, !filter.value.isEmpty {
      throw ValidationError("filters are for `list estimators`; leave them out")
    }
  }

  func run() throws {
    try reportingErrors {
      let catalogue = CommandScope.catalogue
      let table =
        switch subject {
        case .estimators: CatalogueTable.estimators(catalogue, filter: filter.value)
        case .problems: CatalogueTable.problems(catalogue)
        case .studies: try StudyFolderTable.table(folder, catalogue: catalogue)
        }
      StandardOutput.write(format.text(table))
      if table.rows.isEmpty, subject == .estimators {
        StandardError.write("no estimator passes all filters; leave one out")
      }
    }
  }
}

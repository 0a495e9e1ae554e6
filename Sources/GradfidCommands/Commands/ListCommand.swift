import ArgumentParser
import GradientFidelity

struct ListCommand: ParsableCommand {
  enum Subject: ExpressibleByArgument, Equatable {
    case estimators
    case problems
    case studies
    /// A name of `Listing.all`.
    case listing(String)

    private static let own: [(String, Subject)] = [
      ("estimators", .estimators), ("problems", .problems), ("studies", .studies),
    ]
    static let allValueStrings = own.map(\.0) + Listing.all.map(\.name)

    init?(argument: String) {
      guard Self.allValueStrings.contains(argument) else { return nil }
      self = Self.own.first { $0.0 == argument }?.1 ?? .listing(argument)
    }

    var defaultValueDescription: String { "\(self)" }
  }

  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract:
      "List estimators, problems, the study files of a folder, or parts of models and reports.")

  @Argument(help: "What to list.")
  var subject: Subject

  @OptionGroup(title: "Which estimators (several: all must hold)")
  var filter: EstimatorFilterOptions

  @Option(help: "Folder of study files.")
  var folder = "studies"

  @Option(help: "\(OutputFormat.names()).")
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
        case .listing(let name):
          Listing.all.first { $0.name == name }?.table ?? QueryResult(columns: [], rows: [])
        }
      StandardOutput.write(format.text(table))
      if table.rows.isEmpty, subject == .estimators {
        StandardError.write("no estimator passes all filters; leave one out")
      }
    }
  }
}

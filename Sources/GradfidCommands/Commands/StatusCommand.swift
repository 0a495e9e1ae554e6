import ArgumentParser
import GradientFidelity

struct StatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "Show how far the studies of a store are.")

  @Argument(help: "Study name, or its file: shows its cells; without it, all studies.")
  var study: String?

  @OptionGroup var store: StoreOption

  @Option(help: "\(OutputFormat.names()).")
  var format = OutputFormat.table

  func run() throws {
    try reportingErrors {
      let results = try ResultStore(readingPath: store.path)
      let name = try study.map { try StudyNaming.name($0, known: results.studyNames()) }
      let table =
        try name.map { try StatusTable.cells(of: $0, in: results) }
        ?? StatusTable.studies(in: results)
      StandardOutput.write(format.text(table))
      let older = try StatusTable.olderForms(
        of: name, in: results, catalogue: CommandScope.catalogue)
      if let older { StandardError.write(older) }
    }
  }
}

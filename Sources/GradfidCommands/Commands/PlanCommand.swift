import ArgumentParser
import GradientFidelity

struct PlanCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Foretell what a run of a study takes: routes, oracle calls, time, memory, errors.",
    discussion: """
      A pilot of about two seconds per problem state times the oracle and draws 128 estimates; \
      nothing is trained, measured or stored. Cells that the store has already are counted under \
      'stored' and left out of the rest, as `run` with the same --store leaves them out.
      """)

  @OptionGroup var study: StudyArgument
  @OptionGroup var store: StoreOption
  @OptionGroup var workers: JobsOption

  @Option(help: "\(OutputFormat.names()).")
  var format = OutputFormat.table

  func run() throws {
    try reportingErrors {
      if let problem = BLASRuntime.useOneThread() { StandardError.write("warning: \(problem)") }
      let (resolved, environment) = try study.resolved(store)
      resolved.leftOutNotes.forEach(StandardError.write)
      let stored = try storedCells(resolved)
      if !stored.isEmpty {
        StandardError.write(
          "\(stored.count) of \(resolved.cells.count) cells are in \(store.path) already; "
            + (stored.count == resolved.cells.count
              ? "nothing is left to measure" : "this is the rest"))
      }
      let plan = try StudyPlan(
        resolved, environment: environment, jobs: workers.count, stored: stored)
      StandardOutput.write(format.text(PlanTable.table(plan)))
    }
  }

  /// Those of the cells that a run would not measure again; none where there is no store yet.
  private func storedCells(_ study: ResolvedStudy) throws -> Set<String> {
    do {
      return try ParameterFiles(storePath: store.path).stored(
        among: study.cells.map(\.hash), of: study, in: ResultStore(readingPath: store.path)
      ).whole
    } catch StoreError.missing {
      return []
    }
  }
}

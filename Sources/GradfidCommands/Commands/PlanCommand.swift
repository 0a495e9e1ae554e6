import ArgumentParser
import GradientFidelity

struct PlanCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Foretell what a run of a study takes: routes, oracle calls, time, memory, errors.",
    discussion: """
      A pilot of about two seconds per problem state times the oracle and draws 128 estimates; \
      nothing is trained, measured or stored. Cells that are in the store already are counted too.
      """)

  @OptionGroup var study: StudyArgument
  @OptionGroup var store: StoreOption
  @OptionGroup var workers: JobsOption

  @Option(help: "table, csv, json, jsonl or markdown.")
  var format = OutputFormat.table

  func run() throws {
    try reportingErrors {
      if let problem = BLASRuntime.useOneThread() { StandardError.write("warning: \(problem)") }
      let (resolved, environment) = try study.resolved(store)
      resolved.leftOutNotes.forEach(StandardError.write)
      let plan = try StudyPlan(resolved, environment: environment, jobs: workers.count)
      StandardOutput.write(format.text(PlanTable.table(plan)))
    }
  }
}

import ArgumentParser
import GradientFidelity

/// The command line: thin; everything it does is a call of the library.
struct GradfidCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gradfid",
    abstract: "How true is this gradient? Measures gradient estimators for discrete variables.",
    discussion: """
      Exit codes: 0 success; 1 failure at run time; 3 finished with some cells failed; \
      4 a requested check did not hold; 5 the store is locked, damaged, missing or newer; \
      64 wrong use; 65 invalid study file, SQL or data file; 129, 130, 143 hung up, interrupted \
      or terminated, after a clean stop.
      """,
    version: GradientFidelityVersion.description,
    subcommands: [
      InitCommand.self, CheckCommand.self, PlanCommand.self, RunCommand.self, StatusCommand.self,
      ListCommand.self,
      DescribeCommand.self, QueryCommand.self, ExportCommand.self, VerifyCommand.self,
      MeasureCommand.self, CompareCommand.self, BudgetCommand.self, WidthsCommand.self,
    ])
}

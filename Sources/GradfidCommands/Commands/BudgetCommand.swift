import ArgumentParser
import GradientFidelity

struct BudgetCommand: ParsableCommand {
  enum Table: String, ExpressibleByArgument, CaseIterable {
    case both
    case rmse
    case best
  }

  static let configuration = CommandConfiguration(
    commandName: "budget",
    abstract: "Show how many samples an estimator needs, and which is best for a budget.",
    discussion: """
      From what the store has of a study. First table: the error of a mean of M estimates over the \
      gradient's norm, and the M from which on the bias is its larger half. Second: the estimator \
      of the smallest error for a number of oracle calls, a gradient counted as three. Both are \
      views: v_rmse and v_budget.
      """)

  @Argument(help: "Study name, or its file.")
  var study: String

  @Option(
    help: "Where: logits, a parameter group, or all (default: logits; all for measured files).")
  var scope: String?

  @Option(
    help: ArgumentHelp(
      "Budgets in oracle calls, by commas (default: 1,3,10,...,1000000).", valueName: "numbers"))
  var budgets: String?

  @Option(help: "both, rmse or best; \(OutputFormat.names(OutputFormat.streamed, "and")) take one.")
  var show = Table.both

  @OptionGroup var store: StoreOption

  @Option(help: "\(OutputFormat.names()).")
  var format = OutputFormat.table

  func validate() throws {
    _ = try numbers()
    if show == .both, OutputFormat.streamed.contains(format) {
      throw ValidationError(
        "--format \(format.rawValue) takes one table: --show rmse or --show best")
    }
  }

  func run() throws {
    try reportingErrors {
      let tables = try BudgetTables(
        study: store.studyName(study), scope: scope, budgets: try numbers(), storePath: store.path)
      if show != .best { StandardOutput.write(format.text(tables.errors)) }
      if show == .both { StandardOutput.write("\n") }
      if show != .rmse {
        StandardOutput.write(format.text(tables.best))
        if let reason = tables.reason { StandardError.write("warning: \(reason)") }
      }
    }
  }

  private func numbers() throws -> [Int] {
    guard let budgets else { return BudgetQuery.standard }
    let numbers = try budgets.split(separator: ",", omittingEmptySubsequences: false).map {
      text -> Int in
      guard let number = Int(text), (1...1_000_000_000_000).contains(number) else {
        throw ValidationError(
          "--budgets takes whole numbers from 1 to 1000000000000 by commas, found '\(text)'")
      }
      return number
    }
    guard numbers.count <= 100 else {
      throw ValidationError("--budgets takes at most 100 numbers, found \(numbers.count)")
    }
    return Array(Set(numbers)).sorted()
  }
}

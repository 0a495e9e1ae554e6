import ArgumentParser
import GradientFidelity

struct WidthsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "widths",
    abstract: "Show at which smoothing width each estimator is least biased.",
    discussion: """
      From what the store has of a study whose problem has a list of widths s. s_star is the least point of a parabola \
      through the smallest bias and its neighbours; low and high are the widths next to all that may be the smallest, \
      and empty where the bias may still fall beyond the list.
      """)

  @Argument(help: "Study name, or its file.")
  var study: String

  @Option(
    help: "Where: z_e, a parameter group, all, or logits (default: the first of z_e, all, logits).")
  var scope: String?

  @Option(help: "\(WidthTable.metrics.joined(separator: " or ")).")
  var metric = WidthTable.metrics[0]

  @OptionGroup var store: StoreOption

  @Option(help: "\(OutputFormat.names()).")
  var format = OutputFormat.table

  func validate() throws {
    guard WidthTable.metrics.contains(metric) else {
      throw ValidationError(
        "--metric takes \(WidthTable.metrics.joined(separator: " or ")), found '\(metric)'")
    }
  }

  func run() throws {
    try reportingErrors {
      let widths = try WidthTable(
        study: store.studyName(study), scope: scope, metric: metric, storePath: store.path,
        catalogue: CommandScope.catalogue)
      StandardOutput.write(format.text(widths.table))
    }
  }
}

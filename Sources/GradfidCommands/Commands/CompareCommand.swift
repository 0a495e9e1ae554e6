import ArgumentParser
import GradientFidelity

struct CompareCommand: ParsableCommand {
  enum Gate: String, ExpressibleByArgument, CaseIterable {
    case worse
  }

  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Compare estimators of a study in pairs: common draws, the same target.",
    discussion: """
      Differences are first minus second, with the jackknife over common blocks; p-values are \
      corrected by Holm's method over all rows of the table. Nothing is stored.
      """)

  @OptionGroup var study: StudyArgument

  @Argument(help: "First estimator: a kind, or part of a label; left out with --matrix.")
  var first: String?

  @Argument(help: "Second estimator; left out with --matrix.")
  var second: String?

  @Flag(help: "Compare every estimator with every other, by one metric.")
  var matrix = false

  @Option(
    help: ArgumentHelp(
      "Metrics, by commas (default: rel_bias,variance,rmse_1,rmse_100,mse_cost; with --matrix: rmse_100).",
      valueName: "metrics"))
  var metric: String?

  @Option(help: "Scope; without it, all.")
  var scope: String?

  @Option(help: "Differences within this margin of zero are called equivalent.")
  var margin: Double?

  @Option(
    name: .customLong("fail-if"),
    help: "Exit with 4 if the first is resolved to be worse: 'worse'.")
  var gate: Gate?

  @OptionGroup var store: StoreOption
  @OptionGroup var workers: JobsOption

  @Option(help: "\(OutputFormat.names()).")
  var format = OutputFormat.table

  func validate() throws {
    if matrix {
      if first != nil { throw ValidationError("--matrix compares all; leave the estimators out") }
      if gate != nil { throw ValidationError("--fail-if needs a first and a second estimator") }
    } else if first == nil || second == nil {
      throw ValidationError("give two estimators, or --matrix")
    }
    if let margin, !(margin > 0 && margin.isFinite) {
      throw ValidationError("--margin must be a finite number above 0, found \(margin)")
    }
    _ = try metrics()
  }

  func run() throws {
    try reportingErrors {
      if let problem = BLASRuntime.useOneThread() { StandardError.write("warning: \(problem)") }
      let (resolved, environment) = try study.resolved(store)
      let comparison = StudyComparison(
        study: resolved, environment: environment, jobs: workers.count,
        progress: ProgressReporter(quiet: !StandardError.isTerminal).show)
      let rows: [StudyComparison.Row]
      if let first, let second {
        rows = try comparison.compare(first, second, metrics: metrics(), scope: scope)
      } else {
        rows = try comparison.matrix(metric: metrics()[0], scope: scope)
      }
      StandardOutput.write(format.text(ComparisonTable.table(rows, margin: margin)))
      if gate == .worse, rows.contains(where: \.firstIsWorse) { throw ExitCode(4) }
    }
  }

  private func metrics() throws -> [Metric] {
    let standard = matrix ? "rmse_100" : "rel_bias,variance,rmse_1,rmse_100,mse_cost"
    let names = (metric ?? standard).split(separator: ",").map(String.init)
    let known = Metric.paired.map(\.rawValue)
    let found = try names.map { name -> Metric in
      guard let metric = Metric(rawValue: name), Metric.paired.contains(metric) else {
        throw ValidationError(
          "no metric '\(name)' to compare by; "
            + NearestName.advice(for: name, among: known, title: "known"))
      }
      return metric
    }
    guard !found.isEmpty, !matrix || found.count == 1 else {
      throw ValidationError(matrix ? "--matrix takes one metric" : "--metric is empty")
    }
    return found
  }
}

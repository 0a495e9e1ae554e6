import ArgumentParser
import GradientFidelity

struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Measure the missing cells of a study and store them; safe to repeat.")

  @OptionGroup var study: StudyArgument
  @OptionGroup var store: StoreOption

  @OptionGroup var workers: JobsOption

  @Option(
    help: ArgumentHelp(
      "Only the cells that match: text, or key=text with key estimator, problem, state, training or law; several by commas.",
      valueName: "selection"))
  var only: String?

  @Option(help: "Format of the summary: \(OutputFormat.names()).")
  var format = OutputFormat.table

  @Flag(
    help: "Keep oracle tables beside the store, and read those kept; no number depends on it.")
  var cacheTables = false

  @Flag(help: "No progress and no summary.")
  var quiet = false

  func validate() throws {
    if let only, only.allSatisfy({ $0 == "," || $0.isWhitespace }) {
      throw ValidationError("--only is empty; leave it out to measure all cells")
    }
  }

  func run() throws {
    try reportingErrors {
      if let problem = BLASRuntime.useOneThread() { StandardError.write("warning: \(problem)") }
      let (resolved, environment) = try study.resolved(store)
      let file = resolved.file
      if !quiet { resolved.leftOutNotes.forEach(StandardError.write) }
      if let only, !resolved.cells.contains(where: { $0.matches(only) }) {
        StandardError.write(
          "error: --only '\(only)' selects none of the \(resolved.cells.count) cells; "
            + (StudyCell.selectionHint(only)
              ?? "give a part of a name that the run's table shows, or key=text"))
        throw ExitCode(64)
      }
      let results = try ResultStore(path: store.path)
      StopRequest.listen()
      let presence = RunPresence(store.path)
      if !quiet, presence.othersAtWork {
        StandardError.write(
          "another run is at work on \(store.path): problem states that it finishes first are not measured again"
        )
      }
      let reporter = ProgressReporter(quiet: quiet)
      let outcome = try StudyRunner(
        study: resolved, store: results, environment: environment, jobs: workers.count,
        keepsTables: cacheTables, stopCode: { StopRequest.exitCode },
        othersAtWork: { presence.othersAtWork }, progress: reporter.show
      ).run(SystemFacts.runRecord(seed: file.seed, jobs: workers.count), only: only)
      reporter.finish()
      try results.close()
      if !quiet {
        let summary = try StudySummary.table(
          study: file.name, storePath: store.path, limit: format == .table ? 60 : nil)
        StandardOutput.write(format.text(summary.table))
        if summary.hidden > 0 {
          StandardError.write(
            "(\(summary.hidden) more rows; `gradfid query` or `gradfid export` shows all)")
        }
        StandardError.write(
          "\(file.name): \(outcome.measured) cells measured, \(outcome.reused) there already, \(outcome.failures.count) failed; store \(store.path)"
        )
        if outcome.stopped != nil {
          StandardError.write(
            "stopped: \(outcome.left) \(outcome.left == 1 ? "cell" : "cells") left; repeat the command to go on"
          )
        }
        if outcome.coarseTargets > 0 {
          StandardError.write(
            "in \(outcome.coarseTargets) cells the target reached its most draws with an error above the fraction asked for (error-fraction \(file.target.errorFraction)); see target_error_ratio"
          )
        }
        if let rule = file.measure.precision, outcome.unmetPrecision > 0 {
          StandardError.write(
            "\(outcome.unmetPrecision) cells reached max-draws \(rule.maxDraws) with a standard error of \(rule.metric.rawValue) above \(rule.errorBelow)"
          )
        }
      }
      for failure in outcome.failedTrainings { StandardError.write("training failed: \(failure)") }
      for failure in outcome.failures.prefix(5) { StandardError.write("failed: \(failure)") }
      if outcome.failures.count > 5 {
        StandardError.write("(\(outcome.failures.count - 5) more; see `gradfid status`)")
      }
      if outcome.exitCode != 0 { throw ExitCode(outcome.exitCode) }
    }
  }
}

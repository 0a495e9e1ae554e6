import ArgumentParser
import GradientFidelity

struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Check the instrument: reference values, or the coverage of its intervals.",
    discussion: """
      --golden recomputes a file of reference values by the exact-moments path. --coverage measures \
      twelve problems with up to eight estimators a thousand times at 64, 256 and 1,024 draws, a fifth \
      of them at seven levels from 0.5 to 0.99, and counts how often the intervals hold the exact \
      number; --store keeps the counts (view v_coverage). Exits with 4 where a value is beyond its \
      tolerance, or a metric that is not flagged is covered too seldom.
      """)

  @Option(help: "Reference file (JSON).")
  var golden: String?

  @Flag(help: "Count how often intervals hold the exact number.")
  var coverage = false

  @Option(help: "Repeats of every measurement of --coverage.")
  var repeats = 1000

  @Option(help: "Result store that keeps the counts of --coverage.")
  var store: String?

  @OptionGroup var workers: JobsOption

  @Option(help: "table, csv, json, jsonl or markdown.")
  var format = OutputFormat.table

  func validate() throws {
    guard (golden != nil) != coverage else {
      throw ValidationError("give either --golden FILE or --coverage")
    }
    guard (20...1_000_000).contains(repeats) else {
      throw ValidationError("--repeats must be from 20 to 1000000, found \(repeats)")
    }
    guard coverage || store == nil else { throw ValidationError("--store belongs to --coverage") }
  }

  func run() throws {
    try reportingErrors {
      if let problem = BLASRuntime.useOneThread() { StandardError.write("warning: \(problem)") }
      if let golden { try verify(golden) } else { try measureCoverage() }
    }
  }

  private func measureCoverage() throws {
    let results = try store.map { try ResultStore(path: $0) }
    let study = CoverageStudy(repeats: repeats, workers: workers.count)
    let rows = try study.run { StandardError.write("measuring \($0)") }
    try results?.save(
      rows.map { CoverageRecord($0, level: $0.level) },
      version: GradientFidelityVersion.number)
    try results?.close()
    let summaries = CoverageSummary.all(rows, level: study.level)
    StandardOutput.write(format.text(CoverageTable.table(summaries)))
    let failed = summaries.filter { !$0.passes && !CoverageStudy.controls.contains($0.metric) }
    let control = summaries.filter { CoverageStudy.controls.contains($0.metric) && $0.passes }
    for row in failed + control {
      StandardError.write(
        CoverageStudy.controls.contains(row.metric)
          ? "the negative control '\(row.metric)' passed at \(row.draws) draws"
          : "\(row.metric) at \(row.draws) draws is covered at \(row.mean), in the least setting at \(row.least)"
      )
    }
    if !(failed + control).isEmpty { throw ExitCode(4) }
  }

  private func verify(_ golden: String) throws {
    let check = try verification(golden)
    StandardOutput.write(format.text(VerificationTable.table(check)))
    let failed = check.rows.filter { !$0.passed }
    for row in failed {
      StandardError.write(
        "beyond tolerance: \(row.problem), \(row.estimator) \(row.parameters): \(row.place)")
    }
    StandardError.write(
      "\(check.rows.count - failed.count) of \(check.rows.count) rows within tolerance")
    if !failed.isEmpty { throw ExitCode(4) }
  }

  /// What cannot be computed at all is the reference file's fault.
  private func verification(_ golden: String) throws -> GoldenVerification {
    let file = try GoldenFile(path: golden)
    do {
      return try GoldenVerification(file, workers: workers.count)
    } catch let error as DiscreteError {
      StandardError.write("error: \(golden): \(error)")
      throw ExitCode(65)
    }
  }
}

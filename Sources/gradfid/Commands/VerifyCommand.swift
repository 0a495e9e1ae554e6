import ArgumentParser
import GradientFidelity

struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Recompute a file of reference values by the exact-moments path.",
    discussion: "Exits with 4 where a value is beyond its tolerance.")

  @Option(help: "Reference file (JSON).")
  var golden: String

  @OptionGroup var workers: JobsOption

  @Option(help: "table, csv, json, jsonl or markdown.")
  var format = OutputFormat.table

  func run() throws {
    try reportingErrors {
      if let problem = BLASRuntime.useOneThread() { StandardError.write("warning: \(problem)") }
      let check = try verification()
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
  }

  /// What cannot be computed at all is the reference file's fault.
  private func verification() throws -> GoldenVerification {
    let file = try GoldenFile(path: golden)
    do {
      return try GoldenVerification(file, workers: workers.count)
    } catch let error as DiscreteError {
      StandardError.write("error: \(golden): \(error)")
      throw ExitCode(65)
    }
  }
}

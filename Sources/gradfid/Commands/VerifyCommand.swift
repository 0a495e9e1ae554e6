import ArgumentParser
import Foundation
import GradientFidelity

struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Recompute a file of reference values by the exact-moments path.",
    discussion: "Exits with 4 where a value is beyond its tolerance.")

  @Option(help: "Reference file (JSON).")
  var golden: String

  @Option(help: "Workers.")
  var jobs = ProcessInfo.processInfo.activeProcessorCount

  @Option(help: "table, csv, json, jsonl or markdown.")
  var format = OutputFormat.table

  func validate() throws {
    guard (1...1024).contains(jobs) else {
      throw ValidationError("--jobs must be from 1 to 1024, found \(jobs)")
    }
  }

  func run() throws {
    try reportingErrors {
      if let problem = BLASRuntime.useOneThread() { StandardError.write("warning: \(problem)") }
      let check = try GoldenVerification(GoldenFile(path: golden), workers: jobs)
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
}

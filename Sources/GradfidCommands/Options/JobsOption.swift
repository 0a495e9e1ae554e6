import ArgumentParser
import Foundation

/// The number of workers of a command.
struct JobsOption: ParsableArguments {
  @Option(help: "Workers; the numbers do not depend on it (default: one per processor).")
  private var jobs: Int?

  /// The option, or the number of processors.
  var count: Int { jobs ?? ProcessInfo.processInfo.activeProcessorCount }

  func validate() throws {
    if let jobs, !(1...1024).contains(jobs) {
      throw ValidationError("--jobs must be from 1 to 1024, found \(jobs)")
    }
  }
}

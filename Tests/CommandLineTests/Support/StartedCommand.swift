import Foundation

/// A command at work.
struct StartedCommand {
  let process: Process
  let outputPath: String
  let errorPath: String

  func send(_ signal: Int32) { kill(process.processIdentifier, signal) }

  var isRunning: Bool { process.isRunning }

  /// Waits for the end.
  func finish() throws -> CommandOutcome {
    process.waitUntilExit()
    let exited = process.terminationReason == .exit
    return CommandOutcome(
      code: exited ? process.terminationStatus : nil,
      signal: exited ? nil : process.terminationStatus,
      output: try text(outputPath), errors: try text(errorPath))
  }

  private func text(_ path: String) throws -> String {
    String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
  }
}

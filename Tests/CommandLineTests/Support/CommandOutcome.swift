/// How a command ended, and what it wrote.
struct CommandOutcome: Equatable {
  /// The exit code, or nil where a signal ended the process.
  let code: Int32?
  /// The signal that ended the process.
  let signal: Int32?
  let output: String
  let errors: String

  /// All codes that the help text documents.
  static let documentedCodes: Set<Int32> = [0, 1, 3, 4, 5, 64, 65, 129, 130, 143]
}

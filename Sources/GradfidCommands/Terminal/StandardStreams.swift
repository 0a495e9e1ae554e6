import Foundation

/// Standard output carries data only.
enum StandardOutput {
  /// Ends the process with exit code 1 where the data cannot be delivered (a full disk, a closed
  /// stream): output that is cut short must not look like success.
  static func write(_ text: String) {
    do {
      try FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
    } catch {
      StandardError.write(
        "error: standard output cannot be written; check the disk, or the program that reads it")
      exit(1)
    }
  }
}

/// Standard error carries progress, warnings and errors.
enum StandardError {
  static var isTerminal: Bool { isatty(FileHandle.standardError.fileDescriptor) == 1 }

  static func write(_ text: String) {
    draw(text.hasSuffix("\n") ? text : text + "\n")
  }

  /// Without a line end: for a line that is drawn over. Nothing can be said where this fails.
  static func draw(_ text: String) {
    try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
  }
}

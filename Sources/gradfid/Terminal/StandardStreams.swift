import Foundation

/// Standard output carries data only.
enum StandardOutput {
  static func write(_ text: String) {
    FileHandle.standardOutput.write(Data(text.utf8))
  }
}

/// Standard error carries progress, warnings and errors.
enum StandardError {
  static var isTerminal: Bool { isatty(FileHandle.standardError.fileDescriptor) == 1 }

  static func write(_ text: String) {
    FileHandle.standardError.write(Data((text.hasSuffix("\n") ? text : text + "\n").utf8))
  }

  /// Without a line end: for a line that is drawn over.
  static func draw(_ text: String) {
    FileHandle.standardError.write(Data(text.utf8))
  }
}

import ArgumentParser
import Foundation
import GradientFidelity

/// What the process was given as text: arguments and settings of the environment.
enum GivenText {
  /// Refuses what is not UTF-8: read with replacement characters, two names would become one.
  ///
  /// - Throws: `ValidationError`.
  static func check() throws {
    let arguments = UnsafeBufferPointer(
      start: CommandLine.unsafeArgv, count: Int(CommandLine.argc))
    for (index, argument) in arguments.enumerated().dropFirst() {
      try check(argument, "argument \(index)")
    }
    for name in [StudyEnvironment.storeVariable, StudyEnvironment.dataVariable] {
      try check(getenv(name), "the environment variable \(name)")
    }
  }

  private static func check(_ bytes: UnsafeMutablePointer<CChar>?, _ what: String) throws {
    guard let bytes, String(validatingCString: bytes) == nil else { return }
    throw ValidationError(
      "\(what) is not UTF-8: '\(VisibleText.of(String(cString: bytes)))'; "
        + "give the file a name in UTF-8")
  }
}

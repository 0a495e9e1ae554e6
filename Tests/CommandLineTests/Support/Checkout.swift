import Foundation

/// What git says of the checkout that the tests belong to.
enum Checkout {
  /// The lines that a git command prints in the root of the package; nil where there is no checkout.
  static func git(_ arguments: String...) throws -> [String]? {
    let git = Process()
    git.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    git.arguments = ["git"] + arguments
    git.currentDirectoryURL = Executable.packageRoot
    let pipe = Pipe()
    git.standardOutput = pipe
    git.standardError = FileHandle.nullDevice
    try git.run()
    let lines = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      .split(separator: "\n").map(String.init)
    git.waitUntilExit()
    return git.terminationStatus == 0 ? lines : nil
  }
}

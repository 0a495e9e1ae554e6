import Foundation
import Synchronization

/// A folder of one test, in which its commands run; it is removed with the value.
final class Workplace: Sendable {
  /// The folder, where commands work.
  let path: String
  private let root: String
  private let count = Mutex(0)

  init() throws {
    root =
      FileManager.default.temporaryDirectory
      .appendingPathComponent("gradfid-command-\(UUID().uuidString)").path
    path = root + "/work"
    for folder in [path, root + "/streams"] {
      try FileManager.default.createDirectory(
        atPath: folder, withIntermediateDirectories: true)
    }
  }

  /// With files of the repository, by their paths in it.
  convenience init(copying files: [String]) throws {
    try self.init()
    for file in files {
      let path = Executable.packageRoot.appendingPathComponent(file)
      try write(String(contentsOf: path, encoding: .utf8), to: file)
    }
  }

  deinit { try? FileManager.default.removeItem(atPath: root) }

  func file(_ name: String) -> String { path + "/" + name }

  func write(_ text: String, to name: String) throws { try write(Data(text.utf8), to: name) }

  func write(_ bytes: Data, to name: String) throws {
    let url = URL(fileURLWithPath: file(name))
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try bytes.write(to: url)
  }

  func bytes(_ name: String) throws -> Data {
    try Data(contentsOf: URL(fileURLWithPath: file(name)))
  }

  func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: file(name)) }

  /// Names in the folder, sorted.
  func names(_ folder: String = "") throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: file(folder)).sorted()
  }

  /// Runs a command to its end.
  func run(
    _ arguments: String..., environment: [String: String] = [:], input: String = ""
  ) throws -> CommandOutcome {
    try start(arguments, environment: environment, input: input).finish()
  }

  func run(arguments: [String]) throws -> CommandOutcome { try start(arguments).finish() }

  /// Starts a command. Its environment has no setting of the program but those given.
  ///
  /// - Parameter outputPath: where standard output goes; by default a file of its own.
  func start(
    _ arguments: [String], environment: [String: String] = [:], input: String = "",
    outputPath: String? = nil
  ) throws -> StartedCommand {
    let number = count.withLock { count in
      count += 1
      return count
    }
    func stream(_ name: String) -> String { "\(root)/streams/\(number).\(name)" }
    let out = outputPath ?? stream("out")
    for (path, text) in [(stream("in"), input), (stream("err"), ""), (stream("out"), "")] {
      try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    }
    let process = Process()
    process.executableURL = try Executable.url()
    process.arguments = arguments
    process.currentDirectoryURL = URL(fileURLWithPath: path)
    process.environment = ProcessInfo.processInfo.environment
      .filter { !$0.key.hasPrefix("GRADFID_") && $0.key != "COLUMNS" }
      .merging(["SWIFT_BACKTRACE": "enable=no"]) { $1 }
      .merging(environment) { $1 }
    process.standardInput = try FileHandle(
      forReadingFrom: URL(fileURLWithPath: stream("in")))
    process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: out))
    process.standardError = try FileHandle(
      forWritingTo: URL(fileURLWithPath: stream("err")))
    try process.run()
    return StartedCommand(
      process: process, outputPath: outputPath == nil ? out : stream("out"),
      errorPath: stream("err"))
  }
}

import Foundation

/// Runs the program in a shell with a limit of its address space, and stops it after a while.
struct MemoryLimit {
  let place: Workplace
  /// KiB, as `ulimit -v` takes them.
  var limit = 1_048_576
  var seconds = 60.0

  struct Outcome {
    /// Exit code; nil where a signal ended it.
    let code: Int32?
    let signal: Int32?
    /// Whether it was asked to stop.
    let wasStopped: Bool
    let output: String
    let errors: String
    /// Most bytes that were resident.
    let peak: Double
  }

  /// - Parameter stopAfter: seconds after which a clean stop (SIGTERM) is asked for; a second later, where
  ///   the batch at work is not done by then, once more.
  func run(_ arguments: [String], stopAfter: Double? = nil) throws -> Outcome {
    let name = UUID().uuidString
    let (out, errors) = (place.file("\(name).out"), place.file("\(name).err"))
    for path in [out, errors] { try Data().write(to: URL(fileURLWithPath: path)) }
    defer { for path in [out, errors] { try? FileManager.default.removeItem(atPath: path) } }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments =
      ["-c", "ulimit -v \(limit); exec \"$@\"", "sh", try Executable.url().path] + arguments
    process.currentDirectoryURL = URL(fileURLWithPath: place.path)
    process.environment = ProcessInfo.processInfo.environment
      .filter { !$0.key.hasPrefix("GRADFID_") && $0.key != "COLUMNS" }
      .merging(["SWIFT_BACKTRACE": "enable=no"]) { $1 }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: out))
    process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: errors))
    let began = Date()
    var (peak, signals) = (0.0, 0.0)
    try process.run()
    while process.isRunning {
      peak = max(peak, Self.peak(process.processIdentifier))
      let elapsed = Date().timeIntervalSince(began)
      if let stopAfter, signals < 2, elapsed > stopAfter + signals {
        signals += 1
        kill(process.processIdentifier, SIGTERM)
      }
      if elapsed > seconds { kill(process.processIdentifier, SIGKILL) }
      usleep(5000)
    }
    process.waitUntilExit()
    let exited = process.terminationReason == .exit
    func text(_ path: String) throws -> String {
      String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
    }
    return Outcome(
      code: exited ? process.terminationStatus : nil,
      signal: exited ? nil : process.terminationStatus, wasStopped: signals > 0,
      output: try text(out), errors: try text(errors), peak: peak)
  }

  /// The largest resident size so far; 0 for a process that has ended.
  private static func peak(_ process: Int32) -> Double {
    let status = (try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)) ?? ""
    guard let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") }),
      let size = line.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first
    else { return 0 }
    return 1024 * (Double(size) ?? 0)
  }
}

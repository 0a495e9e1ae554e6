import Foundation
import ResultStore
import Tensors

/// What is recorded of the machine and the program with every run.
public enum SystemFacts {
  /// Release of the program.
  public static let version = "0.1.0"

  public static func runRecord(seed: UInt64, jobs: Int) -> RunRecord {
    RunRecord(
      version: version, sourceCommit: sourceCommit, host: ProcessInfo.processInfo.hostName,
      cpu: processor, blas: "\(BLASRuntime.coreName); \(BLASRuntime.configuration)",
      toolchain: toolchain, seed: seed, jobs: jobs,
      command: ProcessInfo.processInfo.arguments.joined(separator: " "))
  }

  /// Model name of the processor, from `/proc/cpuinfo`.
  static var processor: String {
    let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    let line = text.split(separator: "\n").first { $0.hasPrefix("model name") }
    return line?.split(separator: ":").last.map {
      $0.trimmingCharacters(in: .whitespaces)
    } ?? "unknown"
  }

  /// Swift release that compiled the program.
  static var toolchain: String {
    #if swift(>=6.4)
      "Swift 6.4 or later"
    #elseif swift(>=6.3)
      "Swift 6.3"
    #elseif swift(>=6.2)
      "Swift 6.2"
    #else
      "Swift 6.1 or earlier"
    #endif
  }

  /// Commit of the checkout that the executable was built in, read from its git folder; "unknown"
  /// for an executable that was moved away from it.
  public static var sourceCommit: String {
    var folder = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    for _ in 0..<6 {
      folder.deleteLastPathComponent()
      let head = folder.appendingPathComponent(".git/HEAD")
      guard let text = try? String(contentsOf: head, encoding: .utf8) else { continue }
      let line = text.trimmingCharacters(in: .whitespacesAndNewlines)
      guard line.hasPrefix("ref: ") else { return String(line.prefix(12)) }
      let reference = folder.appendingPathComponent(".git/" + line.dropFirst(5))
      let commit = (try? String(contentsOf: reference, encoding: .utf8)) ?? ""
      return commit.isEmpty ? "unknown" : String(commit.prefix(12))
    }
    return "unknown"
  }
}

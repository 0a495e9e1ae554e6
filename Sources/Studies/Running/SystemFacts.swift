import CBuild
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

  /// The first 12 digits of the commit that the program was built from, with "-dirty" where sources
  /// differed from it; "unknown" for a build outside a checkout.
  public static let sourceCommit: String = {
    let commit = String(cString: gradfid_build_commit()).prefix(12)
    return gradfid_build_changes() == 0 ? String(commit) : "\(commit)-dirty"
  }()
}

import Foundation

/// What the process has, and may have, of memory. Whether a cell is measured depends on it, and no
/// number does.
enum ProcessMemory {
  /// Bytes in use at present: the program, the problem and its data.
  static var resident: Double { pages(1) }

  /// Addresses that a thread takes without using them: a heap of its own of 64 MiB and a stack of 8, with what their
  /// alignment leaves open.
  private static let thread = 100_663_296.0

  /// Bytes that may still be asked for: what a limit of the address space (`ulimit -v`) leaves, and at
  /// most the machine's memory less what is in use.
  ///
  /// - Parameter workers: threads that will be at work.
  static func available(workers: Int) -> Double {
    var limit = rlimit()
    var most = Double(ProcessInfo.processInfo.physicalMemory) - resident
    if getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0, limit.rlim_cur != rlim_t.max
    {
      most = min(most, Double(limit.rlim_cur) - pages(0) - Double(workers) * thread)
    }
    return max(0, most)
  }

  /// A field of `/proc/self/statm` in bytes; 0 where there is none.
  private static func pages(_ field: Int) -> Double {
    let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
    let fields = text.split(separator: " ").compactMap { Double($0) }
    return field < fields.count ? fields[field] * Double(getpagesize()) : 0
  }
}

import Foundation

/// What one workload took.
struct WorkloadTiming: Codable {
  /// The workload with its size.
  var name: String
  /// Wall-clock seconds.
  var seconds: Double
  /// Processor seconds, user and system, of all threads: what other programs on the machine leave
  /// as it is.
  var cpuSeconds: Double
  /// Rows that were written or read.
  var rows: Int
  /// `rows` a wall-clock second.
  var rowsPerSecond: Double
  /// Largest resident memory of the process so far, in bytes. It never falls: run a workload in a
  /// process of its own to see its peak.
  var peakMemory: Int
  /// Anything else worth knowing.
  var notes: String

  /// The time that `body` takes; it returns the number of rows and the notes.
  init(_ name: String, _ body: () throws -> (rows: Int, notes: String)) rethrows {
    let wall = ContinuousClock.now
    let before = Self.usage()
    let (rows, notes) = try body()
    let after = Self.usage()
    let elapsed = (ContinuousClock.now - wall) / .seconds(1)
    self.name = name
    seconds = elapsed
    cpuSeconds = after.cpu - before.cpu
    self.rows = rows
    rowsPerSecond = elapsed > 0 ? (Double(rows) / elapsed).rounded() : 0
    peakMemory = after.peak
    self.notes = notes
  }

  /// One JSON object on one line.
  func line() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }

  /// Processor seconds and largest resident memory of this process.
  private static func usage() -> (cpu: Double, peak: Int) {
    var usage = rusage()
    #if os(Linux)
      getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    #else
      getrusage(RUSAGE_SELF, &usage)
    #endif
    func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
    #if os(Linux)
      let unit = 1024
    #else
      let unit = 1
    #endif
    return (seconds(usage.ru_utime) + seconds(usage.ru_stime), Int(usage.ru_maxrss) * unit)
  }
}

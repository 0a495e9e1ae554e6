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
    let (wall, cpu) = (ProcessUsage.wallSeconds, ProcessUsage.cpuSeconds)
    let (rows, notes) = try body()
    let elapsed = ProcessUsage.wallSeconds - wall
    self.name = name
    seconds = elapsed
    cpuSeconds = ProcessUsage.cpuSeconds - cpu
    self.rows = rows
    rowsPerSecond = elapsed > 0 ? (Double(rows) / elapsed).rounded() : 0
    peakMemory = Int(ProcessUsage.peakMiB * 1_048_576)
    self.notes = notes
  }

  /// One JSON object on one line.
  func line() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }
}

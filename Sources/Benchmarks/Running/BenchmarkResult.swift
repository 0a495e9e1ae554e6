import Foundation
import GradientFidelity

/// One line of the benchmark's output.
struct BenchmarkResult: Encodable {
  /// `w1` to `w6`, or a part of the store's workload.
  var workload: String
  /// The estimator, or what else was run.
  var `case`: String
  /// Wall seconds of every round.
  var seconds: [Double] = []
  /// CPU seconds of every round, over all threads.
  var cpuSeconds: [Double] = []
  /// Estimates made in a round; for exact gradients 1.
  var estimates = 1
  /// Costs evaluated in a round, a gradient with its value as one.
  var oracleCalls: Int?
  /// Floating-point operations of the matrix products of a round, by count.
  var flops: Double?
  var workers = 1
  /// Anything else worth keeping: norms to compare with a peer's, say.
  var check: [String: Double] = [:]

  var medianSeconds: Double { median(seconds) }
  var medianCPU: Double { median(cpuSeconds) }

  private func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    guard !sorted.isEmpty else { return .nan }
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : 0.5 * (sorted[middle - 1] + sorted[middle])
  }

  private enum Keys: String, CodingKey {
    case workload, `case`, seconds, workers, estimates, gflops, check
    case cpu = "cpu_seconds"
    case rate = "estimates_per_second"
    case peak = "peak_mib"
    case calls = "oracle_calls"
  }

  func encode(to encoder: any Encoder) throws {
    var line = encoder.container(keyedBy: Keys.self)
    try line.encode(workload, forKey: .workload)
    try line.encode(`case`, forKey: .case)
    try line.encode(seconds, forKey: .seconds)
    try line.encode(cpuSeconds, forKey: .cpu)
    try line.encode(workers, forKey: .workers)
    try line.encode(estimates, forKey: .estimates)
    try line.encode(Double(estimates) / medianSeconds, forKey: .rate)
    try line.encode(ProcessUsage.peakMiB, forKey: .peak)
    try line.encodeIfPresent(oracleCalls, forKey: .calls)
    try line.encodeIfPresent(flops.map { $0 / medianCPU / 1e9 }, forKey: .gflops)
    if !check.isEmpty { try line.encode(check, forKey: .check) }
  }

  /// Prints the result as one line of JSON.
  func show() {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(self) else { return }
    print(String(decoding: data, as: UTF8.self))
    fflush(nil)
  }

  /// Runs `body` once to warm up and `rounds` times against the clocks.
  mutating func time(rounds: Int, _ body: () throws -> Void) rethrows {
    try body()
    for _ in 0..<rounds {
      let (wall, cpu) = (ProcessUsage.wallSeconds, ProcessUsage.cpuSeconds)
      try body()
      seconds.append(ProcessUsage.wallSeconds - wall)
      cpuSeconds.append(ProcessUsage.cpuSeconds - cpu)
    }
  }
}

import Fidelity
import Foundation

/// A folder of one test; it is removed with the value.
final class SampleFolder {
  let path: String

  init() throws {
    path =
      FileManager.default.temporaryDirectory
      .appendingPathComponent("gradfid-samples-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func write(_ data: Data, _ name: String) throws -> SampleLocation {
    try data.write(to: URL(fileURLWithPath: path + "/" + name))
    return SampleLocation(path + "/" + name)
  }

  func groups(_ text: String) throws -> String {
    try write(Data(text.utf8), "groups.json").path
  }
}

/// Numbers of a small generator (SplitMix64): roughly normal, the same on every machine.
struct SampleNumbers {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed }

  private mutating func uniform() -> Double {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
    return Double((z ^ z >> 31) >> 11) * 0x1p-53
  }

  /// Sum of 12 uniforms, centred: variance 1.
  mutating func normal() -> Double { (0..<12).reduce(-6.0) { sum, _ in sum + uniform() } }

  /// `[count][width]` around means `0.5, 1, ..., 6` in turn, rounded to float32.
  mutating func rows(_ count: Int, width: Int, deviation: Double = 1) -> [[Double]] {
    (0..<count).map { _ in
      (0..<width).map { Double(Float(0.5 * Double($0 % 12 + 1) + deviation * normal())) }
    }
  }
}

extension SampleReport {
  func number(_ metric: Metric, _ scope: String = "all") -> FidelityNumber? {
    numbers.first { $0.scope == scope && $0.metric == metric }
  }
}

/// Whether two numbers agree to `tolerance` of the larger one.
func agree(_ a: Double, _ b: Double, _ tolerance: Double = 1e-10) -> Bool {
  a == b || abs(a - b) <= tolerance * max(abs(a), abs(b))
}

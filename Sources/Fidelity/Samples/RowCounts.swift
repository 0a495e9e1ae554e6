import Foundation

/// How often rows, known by their hashes, occur in each of two files.
///
/// Memory: at most `2^20` different hashes; where there are more, only those below a bound are kept,
/// the same in both files.
struct RowCounts {
  private(set) var counts: [UInt64: SIMD2<UInt32>] = [:]
  /// Hashes up to here are kept.
  private(set) var bound = UInt64.max

  private static let limit = 1 << 20

  mutating func add(_ hash: UInt64, file: Int) {
    guard hash <= bound else { return }
    counts[hash, default: .zero][file] &+= 1
    while counts.count > Self.limit {
      bound /= 2
      counts = counts.filter { $0.key <= bound }
    }
  }

  /// Whether every row was kept.
  var isWhole: Bool { bound == .max }

  /// Different rows that occur in both files.
  var shared: Int { counts.values.reduce(0) { $0 + ($1[0] > 0 && $1[1] > 0 ? 1 : 0) } }

  /// Whether a row occurs twice in a file: the distribution has few values, or rows were copied.
  func repeats(file: Int) -> Bool { counts.values.contains { $0[file] > 1 } }

  /// Logarithm of the chance that a second file of the distribution of `file` has the very counts of the
  /// first, by Stirling's formula.
  var equalCountsLogarithm: Double {
    let parts = counts.values.map { Double($0[0]) }.filter { $0 > 0 }.sorted()
    // The most frequent row follows from the others.
    return parts.dropLast().reduce(0) { $0 - 0.5 * log(4 * .pi * $1) }
  }

  var areEqual: Bool { counts.values.allSatisfy { $0[0] == $0[1] } }

  /// Chance that two rows of a file are equal, the larger of the two files'.
  func collisions(rows: SIMD2<Double>) -> Double {
    var pairs = SIMD2<Double>.zero
    for count in counts.values {
      let count = SIMD2(Double(count[0]), Double(count[1]))
      pairs += count * (count - 1)
    }
    let share = Double(bound) / Double(UInt64.max)
    let chances = pairs / (rows * (rows - 1)) / share
    return min(1, max(chances[0], chances[1]))
  }

  /// Rows that occur twice in all, and those of them that are once in each file.
  var twice: (all: Int, apart: Int) {
    var all = 0
    var apart = 0
    for count in counts.values where count[0] &+ count[1] == 2 {
      all += 1
      if count[0] == 1 { apart += 1 }
    }
    return (all, apart)
  }
}

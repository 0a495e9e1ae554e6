import Foundation
import Models

/// Refuses a sampled reference that shares draws with the samples: their common noise would leave
/// the difference, and every estimator would look unbiased.
///
/// Rows are compared by 64-bit hashes. Where no file repeats a row, one shared row is refused. Where
/// rows repeat, as those of a distribution of few values do, independent files share rows too; refused are then
///
/// - the same rows in the same order;
/// - equal counts of all rows, where chance gives them less than once in a million;
/// - a run of rows in both files that chance gives less than once in `1e9`;
/// - rare rows that lie once in each file more often than chance allows (below `1e-9`).
///
/// What cannot be told from chance passes: a shuffled part of a file whose rows all repeat, say.
/// Memory: under 100 MB. Time: two passes over both files.
struct SampleIndependence {
  let samples: RowHashes
  let reference: RowHashes

  /// - Throws: `ModelFileError` for what is shared, or a file that cannot be read.
  func check() throws {
    // Files that do not fit together, or are too short, are refused by the measurement itself.
    guard samples.width == reference.width, samples.width > 0,
      min(samples.rows, reference.rows) >= SampleScan.fewest
    else { return }
    var counts = RowCounts()
    var whole: [UInt64] = [0, 0]
    for (file, rows) in [samples, reference].enumerated() {
      try rows.visit {
        counts.add($0, file: file)
        whole[file] = RowHashes.mixed(whole[file] ^ $0)
      }
    }
    let shared = counts.shared
    guard shared > 0 else { return }
    if samples.rows == reference.rows, whole[0] == whole[1] {
      throw refusal("these are the rows of the samples")
    }
    if counts.areEqual, samples.rows == reference.rows,
      counts.counts.count == samples.rows || counts.equalCountsLogarithm < log(1e-6)
    {
      throw refusal("these are the rows of the samples in another order")
    }
    guard counts.repeats(file: 0) || counts.repeats(file: 1) else {
      let about = counts.isWhole ? "" : "at least "
      throw refusal(
        "\(about)\(shared) row\(shared == 1 ? " is a row" : "s are rows") of the samples too")
    }
    let twice = counts.twice
    // The chance of `apart` or more heads in `all` throws is below exp(-2 (apart - all/2)^2 / all).
    let excess = Double(twice.apart) - Double(twice.all) / 2
    if excess > 0, -2 * excess * excess / Double(twice.all) < log(1e-9) {
      throw refusal("\(twice.apart) rare rows are rows of the samples too")
    }
    let rows = SIMD2(Double(samples.rows), Double(reference.rows))
    let chance = max(counts.collisions(rows: rows), 1 / (rows[0] * rows[1]))
    guard chance < 1 else { return }
    let length = Int((log(rows[0] * rows[1] * 1e9) / -log(chance)).rounded(.up)) + 1
    guard length <= min(samples.rows, reference.rows), try sharesRun(length) else { return }
    throw refusal("a run of \(length) rows is a run of the samples too")
  }

  private func refusal(_ what: String) -> ModelFileError {
    ModelFileError(
      file: reference.array.file, what: what,
      hint: "a reference must be independent of the samples: draw it again with another seed")
  }

  /// Whether some `length` consecutive rows of the reference are consecutive rows of the samples.
  private func sharesRun(_ length: Int) throws -> Bool {
    var runs = RowCounts()
    for (file, rows) in [samples, reference].enumerated() {
      var window = RunHash(length)
      try rows.visit { row in
        if let run = window.add(row) { runs.add(run, file: file) }
      }
    }
    return runs.shared > 0
  }
}

/// Hash of the last rows, as a polynomial whose oldest term is taken off again.
private struct RunHash {
  private static let base: UInt64 = 0xD130_2B97_9E3C_6A4D
  private let length: Int
  private let oldest: UInt64
  private var rows: [UInt64] = []
  private var next = 0
  private var sum: UInt64 = 0

  init(_ length: Int) {
    self.length = length
    var power: UInt64 = 1
    for _ in 1..<max(length, 2) where length > 1 { power &*= Self.base }
    oldest = power
  }

  /// The hash of the run that ends with this row; nil before there are enough.
  mutating func add(_ row: UInt64) -> UInt64? {
    if rows.count < length {
      rows.append(row)
      sum = sum &* Self.base &+ row
    } else {
      sum = (sum &- rows[next] &* oldest) &* Self.base &+ row
      rows[next] = row
      next = (next + 1) % length
    }
    return rows.count == length ? RowHashes.mixed(sum) : nil
  }
}

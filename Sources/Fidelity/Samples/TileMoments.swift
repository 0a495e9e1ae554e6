import Models

/// Means and centred squares of every block and coordinate of one tile.
///
/// Memory: `16 blocks width` bytes. One pass, updated so that a large mean does not cancel
/// (Welford; Chan, Golub and LeVeque for the union of two runs).
final class TileMoments {
  let split: BlockSplit
  let width: Int
  /// `m_k`, `[blocks][width]`.
  let means: UnsafeMutableBufferPointer<Double>
  /// `sum_i (x_i - m_k)^2`, `[blocks][width]`.
  let squares: UnsafeMutableBufferPointer<Double>

  init(split: BlockSplit, width: Int) {
    self.split = split
    self.width = width
    means = .allocate(capacity: split.blocks * width)
    squares = .allocate(capacity: split.blocks * width)
    means.initialize(repeating: 0)
    squares.initialize(repeating: 0)
  }

  deinit {
    means.deallocate()
    squares.deallocate()
  }

  /// `m_k - m` of every group of blocks over a range of coordinates, `[groups][range]`.
  func deviations(_ range: Range<Int>, from mean: [Double]) -> [Double] {
    let groups = BlockForms.groups(blocks: split.blocks)
    var rows = [Double](repeating: 0, count: groups.count * range.count)
    for (group, members) in groups.enumerated() {
      let start = group * range.count
      let share = 1 / Double(members.count)
      for block in members {
        for (offset, c) in range.enumerated() {
          rows[start + offset] += share * (means[block * width + c] - mean[c])
        }
      }
    }
    return rows
  }

  /// Adds one sample of the whole tile, the `ordinal`-th of its block, from 1.
  func add(_ row: UnsafePointer<Double>, block: Int, ordinal: Int) {
    guard let mean = means.baseAddress, let square = squares.baseAddress else { return }
    let m = mean + block * width
    let s = square + block * width
    let inverse = 1 / Double(ordinal)
    for c in 0..<width {
      let x = row[c]
      let before = x - m[c]
      let moved = m[c] + before * inverse
      m[c] = moved
      s[c] += before * (x - moved)
    }
  }

  /// Adds a run of samples of one coordinate that all belong to `block`, of which `before`
  /// samples are in already.
  func add(
    _ run: UnsafeBufferPointer<Double>, block: Int, coordinate: Int, before: Int
  ) {
    guard let base = run.baseAddress, run.count > 0 else { return }
    let count = Double(run.count)
    var sum = SIMD8<Double>.zero
    let whole = run.count / 8 * 8
    for i in stride(from: 0, to: whole, by: 8) { sum += Self.lanes(base + i) }
    var total = sum.sum()
    for i in whole..<run.count { total += run[i] }
    let mean = total / count
    var square = SIMD8<Double>.zero
    for i in stride(from: 0, to: whole, by: 8) {
      let centred = Self.lanes(base + i) - mean
      square += centred * centred
    }
    var spread = square.sum()
    for i in whole..<run.count { spread += (run[i] - mean) * (run[i] - mean) }
    let index = block * width + coordinate
    guard before > 0 else {
      means[index] = mean
      squares[index] = spread
      return
    }
    let difference = mean - means[index]
    let all = Double(before) + count
    means[index] += difference * count / all
    squares[index] += spread + difference * difference * Double(before) * count / all
  }

  private static func lanes(_ start: UnsafePointer<Double>) -> SIMD8<Double> {
    UnsafeRawPointer(start).loadUnaligned(as: SIMD8<Double>.self)
  }

  /// Whether all numbers of a block are finite; NaN and infinity stay in the squares.
  func isFinite(block: Int) -> Bool {
    squares[block * width..<(block + 1) * width].allSatisfy(\.isFinite)
  }

  func isFinite(block: Int, coordinate: Int) -> Bool {
    squares[block * width + coordinate].isFinite
  }
}

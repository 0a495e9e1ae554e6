import Tensors

/// Block deviations on one part of a problem's coordinates, one row per group of blocks.
///
/// Long rows are kept in single precision: their inner products only tell how numbers vary.
struct DeviationRows {
  private let width: Int
  let count: Int
  private var rows: [Double] = []
  private var longRows: [Float] = []

  /// Numbers of all rows together from which on they are kept in single precision.
  private static let longCount = 1 << 21

  init(count: Int, width: Int) {
    self.count = count
    self.width = width
    if count * width < Self.longCount {
      rows = [Double](repeating: 0, count: count * width)
    } else {
      longRows = [Float](repeating: 0, count: count * width)
    }
  }

  /// A single row.
  init(_ vector: [Double]) {
    self.init(count: 1, width: vector.count)
    add(vector, factor: 1, row: 0)
  }

  /// Adds `factor * vector` to a row.
  mutating func add(_ vector: [Double], factor: Double, row: Int) {
    let start = row * width
    if longRows.isEmpty {
      for index in 0..<width { rows[start + index] += factor * vector[index] }
    } else {
      for index in 0..<width { longRows[start + index] += Float(factor * vector[index]) }
    }
  }

  /// Inner products of all rows with those of `other`, `[count][other.count]`.
  ///
  /// Both must have the same width.
  func products(_ other: DeviationRows) -> [Double] {
    if longRows.isEmpty && other.longRows.isEmpty {
      return matrixProduct(
        rows, other.rows, m: count, n: other.count, k: width, transposeB: true)
    }
    return matrixProduct(
      single, other.single, m: count, n: other.count, k: width, transposeB: true
    ).map(Double.init)
  }

  /// The deviations `m_k - m` on every part, averaged over groups of blocks; empty without `keep`.
  ///
  /// - Parameter body: sees each block's `m - m_k` on every part on the way: one pull-back a block.
  static func of(
    _ spread: SampleSpread, _ geometry: ScopeGeometry, keep: Bool = true,
    _ body: (_ parts: [[Double]]) -> Void = { _ in }
  ) -> [DeviationRows] {
    var rows: [DeviationRows] = []
    let groups = BlockForms.groups(blocks: spread.deviations.count)
    for (group, range) in groups.enumerated() {
      for block in range {
        let parts = geometry.parts(of: spread.deviations[block])
        body(parts)
        guard keep else { continue }
        if rows.isEmpty {
          rows = parts.map { DeviationRows(count: groups.count, width: $0.count) }
        }
        for (index, part) in parts.enumerated() {
          rows[index].add(part, factor: -1 / Double(range.count), row: group)
        }
      }
    }
    return rows
  }

  private var single: [Float] { longRows.isEmpty ? rows.map(Float.init) : longRows }
}

/// Hashes of the rows of an array: equal for equal numbers, whatever the number format, the byte
/// order and the order of the axes in the file.
struct RowHashes {
  let array: SampleArray
  let rows: Int
  let width: Int
  /// Whether numbers are rounded to float32 first.
  private let isNarrow: Bool

  /// Numbers read at once.
  private static let chunk = 1 << 16
  /// Rows of an array in Fortran order whose hashes grow side by side.
  private static let columnRows = 1 << 20

  /// - Parameters:
  ///   - array: with at least one row and one number a row.
  ///   - narrow: whether numbers that are equal in float32 count as equal, to compare files of both sizes.
  init(_ array: SampleArray, narrow: Bool = false) {
    self.array = array
    isNarrow = narrow
    rows = array.header.shape.first ?? 0
    width = rows == 0 ? 0 : array.header.count / rows
  }

  /// Hands over the hash of every row in turn.
  ///
  /// Memory: under 9 MB. Time: one pass over the file; in Fortran order one pass per `2^20` rows.
  func visit(_ body: (UInt64) -> Void) throws {
    array.header.fortranOrder ? try columns(body) : try lines(body)
  }

  private func lines(_ body: (UInt64) -> Void) throws {
    let buffer = UnsafeMutableBufferPointer<Double>.allocate(capacity: Self.chunk)
    defer { buffer.deallocate() }
    let count = rows * width
    var sum: UInt64 = 0
    var coordinate = 0
    for first in stride(from: 0, to: count, by: Self.chunk) {
      let part = UnsafeMutableBufferPointer(
        rebasing: buffer[..<min(Self.chunk, count - first)])
      try array.read(first, into: part)
      for value in part {
        sum &+= hash(value, coordinate)
        coordinate += 1
        if coordinate == width {
          body(Self.mixed(sum))
          sum = 0
          coordinate = 0
        }
      }
    }
  }

  private func columns(_ body: (UInt64) -> Void) throws {
    let axes = Array(array.header.shape.dropFirst())
    let buffer = UnsafeMutableBufferPointer<Double>.allocate(
      capacity: min(Self.chunk, max(rows, 1)))
    defer { buffer.deallocate() }
    for start in stride(from: 0, to: rows, by: Self.columnRows) {
      let end = min(start + Self.columnRows, rows)
      var sums = [UInt64](repeating: 0, count: end - start)
      for place in 0..<width {
        let coordinate = Self.coordinate(place, axes)
        for first in stride(from: start, to: end, by: buffer.count) {
          let part = UnsafeMutableBufferPointer(
            rebasing: buffer[..<min(buffer.count, end - first)])
          try array.read(place * rows + first, into: part)
          for index in part.indices {
            sums[first - start + index] &+= hash(part[index], coordinate)
          }
        }
      }
      for sum in sums { body(Self.mixed(sum)) }
    }
  }

  /// The coordinate in C order at a place in Fortran order.
  private static func coordinate(_ place: Int, _ axes: [Int]) -> Int {
    var rest = place
    var coordinate = 0
    var stride = axes.reduce(1, *)
    for axis in axes {
      stride /= axis
      coordinate += rest % axis * stride
      rest /= axis
    }
    return coordinate
  }

  /// A sum over coordinates does not depend on the order in which a file holds them.
  private func hash(_ value: Double, _ coordinate: Int) -> UInt64 {
    // Adding 0 makes the two zeros one.
    let number = (isNarrow ? Double(Float(value)) : value) + 0
    return Self.mixed(number.bitPattern &+ UInt64(coordinate) &* 0x9E37_79B9_7F4A_7C15)
  }

  /// The finisher of SplitMix64, one to one.
  static func mixed(_ word: UInt64) -> UInt64 {
    var z = word &+ 0x9E37_79B9_7F4A_7C15
    z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
    return z ^ z >> 31
  }
}

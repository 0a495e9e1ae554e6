import Models

/// An array on disk, read piece by piece as `Double`.
///
/// Memory: a window of 256 KiB. Coordinates are the axes behind the first, flattened in C order.
package final class SampleArray {
  package let header: NumPyHeader
  package let file: String
  private let source: any ByteSource
  private let window: UnsafeMutableRawBufferPointer
  /// Bytes of the source that the window holds.
  private var held = 0..<0

  private static let windowBytes = 1 << 18
  /// Least fill: small steps through a file do not read it byte by byte.
  private static let leastFill = 1 << 14

  /// - Parameter file: how messages name the array.
  /// - Throws: `ModelFileError` for a broken header, or data of another length than the shape's.
  init(_ source: any ByteSource, file: String) throws {
    header = try NumPyHeader(source, file: file)
    self.source = source
    self.file = file
    let expected = header.count * header.element.bytes
    let found = source.count - header.length
    guard found == expected else {
      throw ModelFileError(
        file: file, place: "byte \(found < expected ? source.count : header.length + expected)",
        what: found < expected
          ? "the data are cut off: shape \(NumPyHeader.text(header.shape)) needs \(expected) bytes, found \(found)"
          : "there are \(found - expected) bytes after the data of shape \(NumPyHeader.text(header.shape))",
        hint: "write the file again with np.save")
    }
    window = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.windowBytes, alignment: 64)
  }

  deinit { window.deallocate() }

  /// Reads `target.count` elements in the order of the file.
  package func read(_ start: Int, into target: UnsafeMutableBufferPointer<Double>) throws {
    let size = header.element.bytes
    guard let output = target.baseAddress else { return }
    var done = 0
    while done < target.count {
      let offset = header.length + (start + done) * size
      let wanted = (target.count - done) * size
      if !held.contains(offset) || held.upperBound - offset < size {
        let length = min(
          max(min(wanted, Self.windowBytes), Self.leastFill), source.count - offset)
        try source.read(
          at: offset, into: UnsafeMutableRawBufferPointer(rebasing: window[..<length]))
        held = offset..<offset + length
      }
      let count = min(held.upperBound - offset, wanted) / size
      // Fills start at elements, so elements are aligned in the window.
      if let base = window.baseAddress {
        header.element.decode(
          base + (offset - held.lowerBound), count: count, into: output + done)
      }
      done += count
    }
  }
}

/// The order in which a file holds the coordinates of a tile.
struct TileOrder {
  /// Ascending place among the file's coordinates, with the coordinate within the tile.
  let entries: [(file: Int, tile: Int)]
  /// Whether the file holds the tile as one run in C order.
  let contiguous: Bool

  /// - Parameters:
  ///   - tile: coordinates in C order.
  ///   - axes: lengths of the coordinate axes.
  init(_ tile: Range<Int>, axes: [Int], fortranOrder: Bool) {
    contiguous = !fortranOrder || axes.filter { $0 > 1 }.count <= 1
    guard !contiguous else {
      entries = []
      return
    }
    entries = tile.map { coordinate in
      var place = 0
      var stride = 1
      for (index, axis) in zip(Self.unravel(coordinate, axes), axes) {
        place += index * stride
        stride *= axis
      }
      return (place, coordinate - tile.lowerBound)
    }.sorted { $0.file < $1.file }
  }

  /// Index along every axis of a coordinate in C order.
  static func unravel(_ coordinate: Int, _ axes: [Int]) -> [Int] {
    var rest = coordinate
    var index = [Int](repeating: 0, count: axes.count)
    for axis in axes.indices.reversed() {
      index[axis] = rest % axes[axis]
      rest /= axes[axis]
    }
    return index
  }
}

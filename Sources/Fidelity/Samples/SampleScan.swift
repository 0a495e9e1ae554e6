import Models

/// Reads sampled gradients tile by tile of coordinates.
///
/// Cost: C order reads every byte once, whatever the number of tiles. Fortran order with one
/// coordinate axis too; with several axes a tile's coordinates are scattered, and the file is
/// passed once per tile. Deflated arrays are inflated once per tile.
struct SampleScan {
  let array: SampleArray
  let split: BlockSplit
  /// Lengths of the coordinate axes.
  let axes: [Int]
  /// Product of `axes`.
  let coordinates: Int

  /// Elements read at once.
  private static let chunk = 1 << 16
  /// Fewer samples leave no error of a variance.
  static let fewest = 4

  /// - Throws: `ModelFileError` for an array without samples or coordinates.
  init(_ array: SampleArray, blocks: Int) throws {
    let shape = array.header.shape
    func failure(_ what: String, _ hint: String) -> ModelFileError {
      ModelFileError(file: array.file, place: "header, shape", what: what, hint: hint)
    }
    let form = "save an array of shape (samples, ...), one gradient estimate per row"
    guard let samples = shape.first else { throw failure("the array is a single number", form) }
    guard samples >= Self.fewest else {
      let count = ["there are no samples", "there is one sample"]
      throw failure(
        samples < 2 ? count[samples] : "there are \(samples) samples",
        "errors need at least \(Self.fewest) samples along the first axis")
    }
    guard array.header.count > 0 else {
      throw failure("an axis of shape \(NumPyHeader.text(shape)) is empty", form)
    }
    self.array = array
    axes = Array(shape.dropFirst())
    coordinates = array.header.count / samples
    split = BlockSplit(samples: samples, blocks: blocks)
  }

  /// Moments of the blocks on a tile; single draws go to `products`.
  ///
  /// - Throws: `ModelFileError` with the index of the first number that is not finite.
  func moments(_ tile: Range<Int>, products: TileProducts?) throws -> TileMoments {
    let moments = TileMoments(split: split, width: tile.count)
    if array.header.fortranOrder {
      try addColumns(tile, to: moments, products)
    } else {
      try addRows(tile, to: moments, products)
    }
    return moments
  }

  private func addRows(
    _ tile: Range<Int>, to moments: TileMoments, _ products: TileProducts?
  ) throws {
    let width = tile.count
    let rowsAtOnce = width == coordinates ? max(1, Self.chunk / width) : 1
    let buffer = UnsafeMutableBufferPointer<Double>.allocate(capacity: rowsAtOnce * width)
    defer { buffer.deallocate() }
    for block in 0..<split.blocks {
      let range = split.range(block)
      for first in stride(from: range.lowerBound, to: range.upperBound, by: rowsAtOnce) {
        let rows = min(rowsAtOnce, range.upperBound - first)
        let part = UnsafeMutableBufferPointer(rebasing: buffer[..<(rows * width)])
        try array.read(first * coordinates + tile.lowerBound, into: part)
        guard let base = part.baseAddress else { continue }
        for row in 0..<rows {
          let values = UnsafePointer(base + row * width)
          moments.add(values, block: block, ordinal: first + row - range.lowerBound + 1)
          products?.add(values, draw: first + row)
        }
      }
      guard moments.isFinite(block: block) else {
        for sample in range {
          let part = UnsafeMutableBufferPointer(rebasing: buffer[..<width])
          try array.read(sample * coordinates + tile.lowerBound, into: part)
          if let found = part.firstIndex(where: { !$0.isFinite }) {
            throw notFinite(part[found], sample: sample, coordinate: tile.lowerBound + found)
          }
        }
        throw overflow(range.lowerBound)
      }
    }
  }

  private func addColumns(
    _ tile: Range<Int>, to moments: TileMoments, _ products: TileProducts?
  ) throws {
    let order = TileOrder(tile, axes: axes, fortranOrder: true)
    let buffer = UnsafeMutableBufferPointer<Double>.allocate(
      capacity: min(Self.chunk, split.samples))
    defer { buffer.deallocate() }
    for index in 0..<tile.count {
      let place = order.contiguous ? tile.lowerBound + index : order.entries[index].file
      let coordinate = order.contiguous ? index : order.entries[index].tile
      var block = 0
      for first in stride(from: 0, to: split.samples, by: buffer.count) {
        let end = min(first + buffer.count, split.samples)
        let part = UnsafeMutableBufferPointer(rebasing: buffer[..<(end - first)])
        try array.read(place * split.samples + first, into: part)
        products?.add(UnsafeBufferPointer(part), firstDraw: first, coordinate: coordinate)
        var sample = first
        while sample < end {
          let range = split.range(block)
          let stop = min(end, range.upperBound)
          moments.add(
            UnsafeBufferPointer(rebasing: part[(sample - first)..<(stop - first)]), block: block,
            coordinate: coordinate, before: sample - range.lowerBound)
          guard moments.isFinite(block: block, coordinate: coordinate) else {
            if let found = part.firstIndex(where: { !$0.isFinite }) {
              throw notFinite(
                part[found], sample: first + found, coordinate: tile.lowerBound + coordinate)
            }
            throw overflow(range.lowerBound)
          }
          sample = stop
          if stop == range.upperBound { block += 1 }
        }
      }
    }
  }

  private func notFinite(_ value: Double, sample: Int, coordinate: Int) -> ModelFileError {
    array.notFinite(value, index: [sample] + TileOrder.unravel(coordinate, axes))
  }

  private func overflow(_ sample: Int) -> ModelFileError {
    ModelFileError(
      file: array.file, place: "samples from \(sample) on",
      what: "the squares of the numbers are beyond float64", hint: "save scaled gradients")
  }
}

extension SampleArray {
  func notFinite(_ value: Double, index: [Int]) -> ModelFileError {
    ModelFileError(
      file: file, place: "element [\(index.map(String.init).joined(separator: ", "))]",
      what: "the number is \(value.isNaN ? "NaN" : value > 0 ? "inf" : "-inf")",
      hint: "gradients must be finite; leave such draws out only if you can say why")
  }

  /// The numbers of a tile of an array without a sample axis.
  ///
  /// - Throws: `ModelFileError` with the index of a number that is not finite.
  func values(_ tile: Range<Int>) throws -> [Double] {
    let axes = header.shape
    let order = TileOrder(tile, axes: axes, fortranOrder: header.fortranOrder)
    var values = [Double](repeating: 0, count: tile.count)
    if order.contiguous {
      try values.withUnsafeMutableBufferPointer { try read(tile.lowerBound, into: $0) }
    } else {
      var number = 0.0
      for entry in order.entries {
        try withUnsafeMutablePointer(to: &number) {
          try read(entry.file, into: UnsafeMutableBufferPointer(start: $0, count: 1))
        }
        values[entry.tile] = number
      }
    }
    if let found = values.firstIndex(where: { !$0.isFinite }) {
      throw notFinite(values[found], index: TileOrder.unravel(tile.lowerBound + found, axes))
    }
    return values
  }
}

import Discrete

/// A part of a replication block within a segment of draws.
struct BlockPart: Sendable {
  let draws: Range<Int>
  /// Draws of the whole block where this is its last part; nil before.
  let closing: Int?
}

/// What one row's estimates of a part of a block add up to: the mean, and sums of squared deviations from it.
struct BlockShare: Sendable {
  let count: Int
  /// `[DK]`
  let mean: [Double]
  /// At the logits, `[DK]`.
  var squares: [Double]
  /// In the pull-back's form; empty without parameters.
  var outputs: [Double]
  /// Mean and number of all draws of the block where this is its last part.
  var closed: (count: Int, mean: [Double])?

  /// Shares of the parts of a segment, in their order.
  ///
  /// - Parameters:
  ///   - lines: estimates `[DK][stride]`.
  ///   - columns: those of each part.
  ///   - earlier: shares of earlier segments in the first part's block.
  static func shares(
    _ lines: consuming RowVectors.Numbers, width: Int, stride: Int, parts: [BlockPart],
    columns: [[Range<Int>]], earlier: [(count: Int, mean: [Double])],
    squares: ((RowVectors) throws -> [[Double]])?
  ) throws -> [BlockShare] {
    let (numbers, means) = centred(lines, width: width, stride: stride, columns: columns)
    let vectors = RowVectors(numbers, width: width, stride: stride, sums: columns)
    let outputs = try squares?(vectors)
    var open = earlier
    return try zip(parts, vectors.squares).enumerated().map { index, pair in
      let (part, own) = pair
      var share = BlockShare(
        count: part.draws.count, mean: means[index], squares: own,
        outputs: outputs?[index] ?? [])
      open.append((share.count, share.mean))
      guard part.closing != nil else { return share }
      let whole = average(open, width: width)
      if open.count > 1 {
        try share.add(Self.between(open, around: whole.mean, width: width), squares)
      }
      share.closed = whole
      open = []
      return share
    }
  }

  private mutating func add(
    _ vectors: RowVectors, _ squares: ((RowVectors) throws -> [[Double]])?
  ) throws {
    for (index, value) in vectors.squares[0].enumerated() { self.squares[index] += value }
    guard let more = try squares?(vectors)[0] else { return }
    for index in more.indices { outputs[index] += more[index] }
  }

  /// Means of unequal numbers of draws.
  static func average(
    _ parts: [(count: Int, mean: [Double])], width: Int
  ) -> (count: Int, mean: [Double]) {
    if parts.count == 1 { return parts[0] }
    let count = parts.reduce(0) { $0 + $1.count }
    var mean = [Double](repeating: 0, count: width)
    for part in parts {
      let weight = Double(part.count) / Double(count)
      for index in 0..<width { mean[index] += weight * part.mean[index] }
    }
    return (count, mean)
  }

  /// `sqrt(n_p) (m_p - m)`: what the squares about the parts' own means leave of those about `m`.
  static func between(
    _ parts: [(count: Int, mean: [Double])], around mean: [Double], width: Int
  ) -> RowVectors {
    RowVectors(
      columns: parts.map { part in
        let root = Double(part.count).squareRoot()
        return zip(part.mean, mean).map { root * ($0 - $1) }
      }, width: width)
  }

  private static func centred(
    _ lines: consuming RowVectors.Numbers, width: Int, stride: Int, columns: [[Range<Int>]]
  ) -> (RowVectors.Numbers, means: [[Double]]) {
    switch consume lines {
    case .single(var numbers):
      let means = centre(&numbers, width: width, stride: stride, columns: columns)
      return (.single(numbers), means)
    case .double(var numbers):
      let means = centre(&numbers, width: width, stride: stride, columns: columns)
      return (.double(numbers), means)
    }
  }

  /// Takes the mean of every part out of its columns and returns it, `[parts][DK]`.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private static func centre<Scalar: BinaryFloatingPoint>(
    _ numbers: inout [Scalar], width: Int, stride: Int, columns: [[Range<Int>]]
  ) -> [[Double]] {
    numbers.withUnsafeMutableBufferPointer { numbers in
      columns.map { ranges in
        let count = Double(ranges.reduce(0) { $0 + $1.count })
        return (0..<width).map { line in
          var sum = 0.0
          for range in ranges {
            for column in range { sum += Double(numbers[line * stride + column]) }
          }
          let mean = sum / count
          let single = Scalar(mean)
          for range in ranges {
            for column in range { numbers[line * stride + column] -= single }
          }
          // Rounding of what is taken out moves squares by the square of it.
          return mean
        }
      }
    }
  }
}

import Tensors

/// A part of a line that lies in one cell.
public struct CellSegment: Equatable {
  public var category: Int
  public var from: Double
  public var to: Double
}

/// Cells that split the space of a unit's coordinates, one a category.
public protocol UnitCells: Sendable {
  /// Categories `K`.
  var count: Int { get }
  /// Coordinates `d`.
  var dimension: Int { get }

  /// The category of a point `[d]`.
  func category(of point: [Double]) -> Int

  /// Calls `body` with each cell that the lines `x + t u` pass, and where.
  ///
  /// Cost: a product of the points with all codes, and about the number of codes for each segment.
  /// - Parameters:
  ///   - points: `x`, `[lines][d]`.
  ///   - direction: `u`, a unit vector.
  func forEachSegment(
    _ points: [Double], direction: [Double], _ body: (_ line: Int, _ segment: CellSegment) -> Void)
}

/// Intervals between walls on one axis; a wall belongs to the cell above it.
public struct ScalarCells: UnitCells {
  /// In rising order.
  public let walls: [Double]

  public init(walls: [Double]) { self.walls = walls }

  public var count: Int { walls.count + 1 }
  public var dimension: Int { 1 }

  public func category(of point: [Double]) -> Int {
    walls.firstIndex { point[0] < $0 } ?? walls.count
  }

  public func forEachSegment(
    _ points: [Double], direction: [Double], _ body: (Int, CellSegment) -> Void
  ) {
    for (line, x) in points.enumerated() {
      for category in 0..<count {
        // A distance of its own to each wall: what is small keeps its digits.
        let low = category == 0 ? -Double.infinity : walls[category - 1] - x
        let high = category == walls.count ? Double.infinity : walls[category] - x
        let isForward = direction[0] > 0
        body(
          line,
          CellSegment(
            category: category, from: isForward ? low : -high, to: isForward ? high : -low))
      }
    }
  }
}

/// The points that are nearest to each of several codes; the first of equal distances.
public struct NearestCells: UnitCells {
  public let dimension: Int
  /// `[K][d]`
  public let codes: [Double]

  public init(dimension: Int, codes: [Double]) {
    self.dimension = dimension
    self.codes = codes
  }

  public var count: Int { codes.count / dimension }

  /// `||x - e_k||^2` of a point, `[K]`.
  public func squaredDistances(_ point: [Double]) -> [Double] {
    (0..<count).map { code in
      (0..<dimension).reduce(0) { sum, axis in
        let difference = point[axis] - codes[code * dimension + axis]
        return sum + difference * difference
      }
    }
  }

  public func category(of point: [Double]) -> Int {
    let distances = squaredDistances(point)
    return distances.indices.reduce(0) { distances[$1] < distances[$0] ? $1 : $0 }
  }

  public func forEachSegment(
    _ points: [Double], direction: [Double], _ body: (Int, CellSegment) -> Void
  ) {
    let lines = StageLines(codes, points: points, direction: direction)
    for line in 0..<points.count / dimension {
      lines.forEachSegment(line, shift: nil, from: -.infinity, to: .infinity) {
        body(line, CellSegment(category: $0, from: $1, to: $2))
      }
    }
  }
}

/// Codes chosen stage by stage, each the nearest to what the stages before left over. The category of
/// `(k_1, ..., k_M)` is `k_1 K^(M - 1) + ... + k_M`, the first stage slowest.
public struct ResidualCells: UnitCells {
  public let dimension: Int
  /// Codes `[K_m][d]` of each stage.
  public let stages: [[Double]]

  public init(dimension: Int, stages: [[Double]]) {
    self.dimension = dimension
    self.stages = stages
  }

  public var count: Int { stages.reduce(1) { $0 * ($1.count / dimension) } }

  /// The code of every stage.
  public func codes(of point: [Double]) -> [Int] {
    var rest = point
    return stages.map { codes in
      let code = NearestCells(dimension: dimension, codes: codes).category(of: rest)
      for axis in 0..<dimension { rest[axis] -= codes[code * dimension + axis] }
      return code
    }
  }

  public func category(of point: [Double]) -> Int {
    zip(codes(of: point), stages).reduce(0) { $0 * ($1.1.count / dimension) + $1.0 }
  }

  public func forEachSegment(
    _ points: [Double], direction: [Double], _ body: (Int, CellSegment) -> Void
  ) {
    let lines = stages.map { StageLines($0, points: points, direction: direction) }
    for line in 0..<points.count / dimension {
      descend(
        0, lines, line, shift: [Double](repeating: 0, count: dimension),
        CellSegment(category: 0, from: -.infinity, to: .infinity), body)
    }
  }

  private func descend(
    _ stage: Int, _ lines: [StageLines], _ line: Int, shift: [Double], _ part: CellSegment,
    _ body: (Int, CellSegment) -> Void
  ) {
    guard stage < stages.count else { return body(line, part) }
    let codes = stages[stage]
    let size = codes.count / dimension
    lines[stage].forEachSegment(line, shift: shift, from: part.from, to: part.to) {
      code, from, to in
      var next = shift
      for axis in 0..<dimension { next[axis] += codes[code * dimension + axis] }
      descend(
        stage + 1, lines, line, shift: next,
        CellSegment(category: part.category * size + code, from: from, to: to), body)
    }
  }
}

/// Squared distances of lines to the codes of one stage, but for what all codes have in common.
private struct StageLines {
  private let codes: [Double]
  private let dimension: Int
  /// `-2 u . e_k`
  private let slopes: [Double]
  /// `||e_k||^2 - 2 x . e_k`, `[lines][K]`.
  private let offsets: [Double]

  init(_ codes: [Double], points: [Double], direction: [Double]) {
    let dimension = direction.count
    let count = codes.count / dimension
    self.codes = codes
    self.dimension = dimension
    slopes = matrixProduct(
      codes, direction, m: count, n: 1, k: dimension, alpha: -2)
    let squares = (0..<count).map { code in
      codes[code * dimension..<(code + 1) * dimension].reduce(0) { $0 + $1 * $1 }
    }
    var offsets = matrixProduct(
      points, codes, m: points.count / dimension, n: count, k: dimension, transposeB: true,
      alpha: -2)
    for index in offsets.indices { offsets[index] += squares[index % count] }
    self.offsets = offsets
  }

  /// - Parameter shift: what stages before have taken off the line; nil for nothing.
  func forEachSegment(
    _ line: Int, shift: [Double]?, from: Double, to: Double,
    _ body: (_ code: Int, _ from: Double, _ to: Double) -> Void
  ) {
    let count = slopes.count
    var own = Array(offsets[line * count..<(line + 1) * count])
    if let shift {
      for code in own.indices {
        for axis in 0..<dimension { own[code] += 2 * shift[axis] * codes[code * dimension + axis] }
      }
    }
    own.withUnsafeBufferPointer { a in
      slopes.withUnsafeBufferPointer { b in
        LineEnvelope.forEach(a, b, from: from, to: to, body)
      }
    }
  }
}

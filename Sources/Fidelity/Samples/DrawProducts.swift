import Tensors

/// Inner products of single draws with the reference and with themselves, on every scope: what the
/// cosine of a draw needs.
///
/// Memory: `16 draws scopes` bytes, at most 16 MiB: with many groups the first draws only.
final class DrawProducts {
  /// Draws kept.
  let draws: Int
  private let scopes: Int
  /// `<x_i, g*>`, `[scopes][draws]`.
  fileprivate var dots: [Double]
  /// `||x_i||^2`, `[scopes][draws]`.
  fileprivate var squares: [Double]

  private static let limit = 1 << 20

  init(samples: Int, scopes: Int) {
    draws = min(samples, Self.limit / scopes)
    self.scopes = scopes
    dots = [Double](repeating: 0, count: draws * scopes)
    squares = dots
  }

  /// Cosine of every kept draw with a reference of squared norm `target`.
  func cosines(scope: Int, target: Double) -> [Double] {
    (scope * draws..<(scope + 1) * draws).map { index in
      // A draw of nothing points nowhere: it counts as 0.
      if squares[index] == 0 && target > 0 { return 0 }
      return cosine(dots[index], squares[index], target)
    }
  }
}

/// The view of one tile on the products of draws.
struct TileProducts {
  private let products: DrawProducts
  private let reference: [Double]
  private let scopes: [(scope: Int, range: Range<Int>)]
  /// Scopes of every run of coordinates that share them.
  private let members: [[Int]]
  /// Run of every coordinate.
  private let run: [Int32]

  /// - Parameter reference: `g*` on the tile.
  init(_ products: DrawProducts, reference: [Double], tile: Range<Int>, scopes: [SampleScope]) {
    self.products = products
    self.reference = reference
    let parts = scopes.enumerated().flatMap { index, scope in
      scope.ranges(in: tile).map { (scope: index, range: $0) }
    }
    self.scopes = parts
    let starts = Set(parts.flatMap { [$0.range.lowerBound, $0.range.upperBound] }).sorted()
    var members: [[Int]] = []
    var run = [Int32](repeating: 0, count: tile.count)
    let opening = Dictionary(grouping: parts) { $0.range.lowerBound }
    let closing = Dictionary(grouping: parts) { $0.range.upperBound }
    var open: Set<Int> = []
    for (start, end) in zip(starts, starts.dropFirst()) {
      // A scope may end one range and begin the next at the same place.
      open.subtract(closing[start, default: []].map(\.scope))
      open.formUnion(opening[start, default: []].map(\.scope))
      for coordinate in start..<end { run[coordinate] = Int32(members.count) }
      members.append(open.sorted())
    }
    self.members = members
    self.run = run
  }

  /// Adds one draw of the whole tile.
  func add(_ row: UnsafePointer<Double>, draw: Int) {
    guard draw < products.draws else { return }
    reference.withUnsafeBufferPointer { reference in
      guard let target = reference.baseAddress else { return }
      for (scope, range) in scopes {
        let x = row + range.lowerBound
        let index = scope * products.draws + draw
        products.dots[index] += Double.dot(range.count, x, target + range.lowerBound)
        products.squares[index] += Double.dot(range.count, x, x)
      }
    }
  }

  /// Adds a run of draws of one coordinate.
  func add(_ values: UnsafeBufferPointer<Double>, firstDraw: Int, coordinate: Int) {
    let count = min(values.count, products.draws - firstDraw)
    guard count > 0 else { return }
    let target = reference[coordinate]
    for scope in members[Int(run[coordinate])] {
      let start = scope * products.draws + firstDraw
      products.dots.withUnsafeMutableBufferPointer { dots in
        for i in 0..<count { dots[start + i] += values[i] * target }
      }
      products.squares.withUnsafeMutableBufferPointer { squares in
        for i in 0..<count { squares[start + i] += values[i] * values[i] }
      }
    }
  }
}

import Discrete
import Foundation
import Models
import Tensors
import Testing

/// Segments of lines against the category of points on them.
@Suite struct CellTests {
  private static func numbers(_ label: String, _ count: Int) -> [Double] {
    RandomStream(key: RandomKey(seed: 5).derived(label), row: 0, site: 0)
      .normals(from: 0, count: count).map(Double.init)
  }

  private static let cells: [(name: String, cells: any UnitCells)] = [
    ("scalar", ScalarCells(walls: [-0.75, -0.25, 0.4])),
    ("nearest on an axis", NearestCells(dimension: 1, codes: [0.4, -1, 2, 0.1])),
    ("nearest", NearestCells(dimension: 3, codes: numbers("nearest", 24))),
    // The second is never chosen: the first of equal ones is.
    ("equal codes", NearestCells(dimension: 2, codes: [0, 1, 0, 1, 1, -1])),
    (
      "residual",
      ResidualCells(
        dimension: 2, stages: [numbers("first", 10), numbers("second", 8), numbers("third", 4)])
    ),
    ("residual on an axis", ResidualCells(dimension: 1, stages: [[-1, 1], [-0.6, 0.7, 0.1]])),
  ]

  @Test(arguments: cells.indices) func segmentsAreThoseOfPoints(_ index: Int) {
    let (name, cells) = Self.cells[index]
    let dimension = cells.dimension
    let lines = 40
    let points = Self.numbers("points", lines * dimension)
    let raw = Self.numbers("direction", dimension)
    let length = raw.reduce(0) { $0 + $1 * $1 }.squareRoot()
    let direction = raw.map { $0 / length }
    var ends = [Double](repeating: -.infinity, count: lines)
    var segments = 0
    cells.forEachSegment(points, direction: direction) { line, segment in
      segments += 1
      if dimension > 1 {
        #expect(segment.from == ends[line], "\(name): a gap on line \(line)")
      }
      ends[line] = max(ends[line], segment.to)
      let (from, to) = (max(segment.from, -50), min(segment.to, 50))
      guard to - from > 1e-9 else { return }
      for share in [1e-6, 0.5, 1 - 1e-6] {
        let t = from + share * (to - from)
        let point = (0..<dimension).map { points[line * dimension + $0] + t * direction[$0] }
        #expect(
          cells.category(of: point) == segment.category, "\(name), line \(line) at \(t)")
      }
    }
    #expect(ends.allSatisfy { $0 == .infinity })
    #expect(segments > lines, "\(name): no line passes a wall")
  }

  @Test func theFirstOfEqualCodesIsTaken() {
    let cells = NearestCells(dimension: 2, codes: [1, 0, 1, 0, -1, 0])
    #expect(cells.category(of: [2, 0.3]) == 0)
    #expect(cells.category(of: [0, 5]) == 0)
    let stages = ResidualCells(dimension: 1, stages: [[-1, 1], [0.2, 0.2]])
    #expect(stages.category(of: [0.9]) == 2)
  }
}

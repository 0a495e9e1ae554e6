/// A square matrix of few entries, row by row.
public struct SparseMatrix: Sendable, Equatable {
  public let size: Int
  /// Where the entries of each row begin, and the end of the last, `[size + 1]`.
  let starts: [Int]
  let columns: [Int]
  let values: [Double]

  /// - Parameter entries: row, column and value; entries at the same place are added.
  /// - Throws: `NetworkError.shape` for a size below 1 or too large, an entry outside the matrix or
  ///   one that is not finite.
  public init(size: Int, entries: [(row: Int, column: Int, value: Double)]) throws {
    guard size >= 1, size <= TensorShape.largest else {
      throw NetworkError.shape(
        "a matrix must have from 1 to \(TensorShape.largest) rows, found \(size)")
    }
    var counts = [Int](repeating: 0, count: size + 1)
    for entry in entries {
      guard (0..<size).contains(entry.row), (0..<size).contains(entry.column) else {
        throw NetworkError.shape(
          "the entry at row \(entry.row), column \(entry.column) lies outside a matrix of \(size) rows"
        )
      }
      guard entry.value.isFinite else {
        throw NetworkError.shape(
          "the entry at row \(entry.row), column \(entry.column) is \(entry.value)")
      }
      counts[entry.row + 1] += 1
    }
    for row in 0..<size { counts[row + 1] += counts[row] }
    let sorted = entries.sorted { ($0.row, $0.column) < ($1.row, $1.column) }
    self.size = size
    starts = counts
    columns = sorted.map(\.column)
    values = sorted.map(\.value)
  }

  /// `D^(-1/2) (A + I) D^(-1/2)` of an undirected graph, `D` the row sums of `A + I` (Kipf and
  /// Welling 2017, arXiv:1609.02907). An edge given twice counts once, an edge from a node to
  /// itself not at all.
  ///
  /// - Throws: `NetworkError.shape` for an edge to a node outside `0..<nodes`.
  public static func normalisedAdjacency(
    nodes: Int, edges: [(Int, Int)]
  ) throws -> SparseMatrix {
    let own = edges.filter { $0.0 != $0.1 }.map { [min($0.0, $0.1), max($0.0, $0.1)] }
    var degrees = [Double](repeating: 1, count: max(0, nodes))
    let pairs = Set(own).sorted { $0.lexicographicallyPrecedes($1) }
    for pair in pairs {
      guard let first = pair.first, let last = pair.last, first >= 0, last < nodes else {
        throw NetworkError.shape("the edge \(pair) leaves a graph of \(nodes) nodes")
      }
      degrees[first] += 1
      degrees[last] += 1
    }
    var entries = degrees.indices.map { (row: $0, column: $0, value: 1 / degrees[$0]) }
    for pair in pairs {
      let value = 1 / (degrees[pair[0]] * degrees[pair[1]]).squareRoot()
      entries.append((pair[0], pair[1], value))
      entries.append((pair[1], pair[0], value))
    }
    return try SparseMatrix(size: nodes, entries: entries)
  }
}

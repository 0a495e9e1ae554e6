import Tensors

/// Sums over all pairs of joint states of a row: what two independent draws of one estimate take.
///
/// Coefficients of pairs come in tiles of first draws, `[tile][states]`, of at most 2^20 numbers, so
/// that the memory does not grow with the pairs. Cost: `O(states^2 D K)` multiplications, in products
/// of matrices.
public struct StatePairs {
  public let states: RowStates
  /// `z - q`, `[states][D][K]`.
  public let scores: [Double]

  /// Most joint states of a row: their pairs take seconds.
  public static let mostStates = 16_384
  private static let tileNumbers = 1 << 20

  /// Nil above the most states.
  public init?(_ states: RowStates) {
    guard states.count <= Self.mostStates else { return nil }
    self.states = states
    scores = states.scores()
  }

  public static func fits(_ shape: LayerShape) -> Bool {
    shape.jointStates(limit: mostStates) != nil
  }

  /// First draws of each tile.
  public var tiles: [Range<Int>] {
    let size = max(1, Self.tileNumbers / max(1, states.count))
    return stride(from: 0, to: states.count, by: size).map {
      $0..<min($0 + size, states.count)
    }
  }

  /// Vectors `[states][D][K]`, each times `q(z)`.
  public func weighted(_ vectors: [Double]) -> [Double] {
    var result = vectors
    var out = result.mutableSpan
    for state in 0..<states.count {
      for index in state * states.width..<(state + 1) * states.width {
        out[index] *= states.weights[state]
      }
    }
    return result
  }

  /// The vectors of a tile, `[tile][D][K]`.
  public func part(_ vectors: [Double], _ tile: Range<Int>) -> [Double] {
    Array(vectors[tile.lowerBound * states.width..<tile.upperBound * states.width])
  }

  /// Adds `sum_ij l_i C_ij r_j^T` over a tile, `[DK][DK]`; the vectors have their weights.
  public func add(
    _ left: [Double], _ coefficients: [Double], _ right: [Double], _ tile: Range<Int>,
    to sum: inout [Double]
  ) {
    let width = states.width
    let inner = matrixProduct(
      coefficients, right, m: tile.count, n: width, k: states.count)
    let product = matrixProduct(
      part(left, tile), inner, m: width, n: width, k: tile.count, transposeA: true)
    for index in sum.indices { sum[index] += product[index] }
  }

  /// `sum_i c_i l_i r_i^T`, `[DK][DK]`; the vectors have their weights.
  public func sum(_ left: [Double], _ factors: [Double], _ right: [Double]) -> [Double] {
    let width = states.width
    var scaled = right
    var out = scaled.mutableSpan
    for state in 0..<states.count {
      for index in state * width..<(state + 1) * width { out[index] *= factors[state] }
    }
    return matrixProduct(
      left, scaled, m: width, n: width, k: states.count, transposeA: true)
  }

  /// `sum_i c_i v_i`, `[DK]`; the vectors have their weights.
  public func sum(_ factors: [Double], _ vectors: [Double]) -> [Double] {
    matrixProduct(factors, vectors, m: 1, n: states.width, k: states.count)
  }
}

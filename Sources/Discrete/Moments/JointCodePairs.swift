import Tensors

/// Sums over all pairs of joint codes of a row: what two independent draws of one estimate take.
///
/// Coefficients of pairs come in tiles of first draws, `[tile][jointCodes]`, of at most 2^20 numbers, so
/// that the memory does not grow with the pairs. Cost: `O(jointCodes^2 D K)` multiplications, in products
/// of matrices.
public struct JointCodePairs {
  public let jointCodes: RowJointCodes
  /// `z - q`, `[jointCodes][D][K]`.
  public let scores: [Double]

  /// Most joint codes of a row: their pairs take seconds.
  public static let mostJointCodes = 16_384
  private static let tileNumbers = 1 << 20

  /// Nil above the most joint codes.
  public init?(_ jointCodes: RowJointCodes) {
    guard jointCodes.count <= Self.mostJointCodes else { return nil }
    self.jointCodes = jointCodes
    scores = jointCodes.scores()
  }

  public static func fits(_ shape: LayerShape) -> Bool {
    shape.jointCodes(limit: mostJointCodes) != nil
  }

  /// First draws of each tile.
  public var tiles: [Range<Int>] {
    let size = max(1, Self.tileNumbers / max(1, jointCodes.count))
    return stride(from: 0, to: jointCodes.count, by: size).map {
      $0..<min($0 + size, jointCodes.count)
    }
  }

  /// Vectors `[jointCodes][D][K]`, each times `q(z)`.
  public func weighted(_ vectors: [Double]) -> [Double] {
    var result = vectors
    var out = result.mutableSpan
    for jointCode in 0..<jointCodes.count {
      for index in jointCode * jointCodes.width..<(jointCode + 1) * jointCodes.width {
        out[index] *= jointCodes.weights[jointCode]
      }
    }
    return result
  }

  /// The vectors of a tile, `[tile][D][K]`.
  public func part(_ vectors: [Double], _ tile: Range<Int>) -> [Double] {
    Array(vectors[tile.lowerBound * jointCodes.width..<tile.upperBound * jointCodes.width])
  }

  /// Adds `sum_ij l_i C_ij r_j^T` over a tile, `[DK][DK]`; the vectors have their weights.
  public func add(
    _ left: [Double], _ coefficients: [Double], _ right: [Double], _ tile: Range<Int>,
    to sum: inout [Double]
  ) {
    let width = jointCodes.width
    let inner = matrixProduct(
      coefficients, right, m: tile.count, n: width, k: jointCodes.count)
    let product = matrixProduct(
      part(left, tile), inner, m: width, n: width, k: tile.count, transposeA: true)
    for index in sum.indices { sum[index] += product[index] }
  }

  /// `sum_i c_i l_i r_i^T`, `[DK][DK]`; the vectors have their weights.
  public func sum(_ left: [Double], _ factors: [Double], _ right: [Double]) -> [Double] {
    let width = jointCodes.width
    var scaled = right
    var out = scaled.mutableSpan
    for jointCode in 0..<jointCodes.count {
      for index in jointCode * width..<(jointCode + 1) * width { out[index] *= factors[jointCode] }
    }
    return matrixProduct(
      left, scaled, m: width, n: width, k: jointCodes.count, transposeA: true)
  }

  /// `sum_i c_i v_i`, `[DK]`; the vectors have their weights.
  public func sum(_ factors: [Double], _ vectors: [Double]) -> [Double] {
    matrixProduct(factors, vectors, m: 1, n: jointCodes.width, k: jointCodes.count)
  }
}

/// Sums of estimates and of their squares, coordinate by coordinate, `[B][D][K]` with the factor
/// `1/B` of the objective. Sums over ranges of draws add up.
public struct CoordinateSums: Sendable, Equatable {
  public var draws: Int
  public var sum: [Double]
  public var squares: [Double]

  /// Sums over no draws.
  public init(count: Int) {
    draws = 0
    sum = [Double](repeating: 0, count: count)
    squares = sum
  }

  public static func += (left: inout CoordinateSums, right: CoordinateSums) {
    left.draws += right.draws
    add(right.sum, to: &left.sum)
    add(right.squares, to: &left.squares)
  }

  private static func add(_ more: [Double], to sums: inout [Double]) {
    sums.withUnsafeMutableBufferPointer { sums in
      for index in sums.indices { sums[index] += more[index] }
    }
  }

  /// Mean and unbiased variance.
  public var moments: CoordinateMoments {
    let count = Double(draws)
    let mean = sum.map { $0 / count }
    let variance = sum.indices.map { index in
      // A vanishing variance may come out as a negative rounding error.
      max(0, squares[index] - mean[index] * sum[index]) / (count - 1)
    }
    return CoordinateMoments(draws: draws, mean: mean, variance: variance)
  }
}

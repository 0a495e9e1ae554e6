/// Sums of squared deviations, block by block, with the spread of the blocks' variances.
///
/// A block may come in several parts. Its variance is what its squares add up to over one less than its draws; the
/// mean of all blocks' has the error of their spread, which is that of the variance over all draws up to terms of
/// the order of one over the draws of a block.
struct SquareTally: Sendable {
  /// Sums of all closed blocks.
  private(set) var total: [Double]
  /// Sums of the block that is open.
  private var open: [Double]
  /// Mean of the blocks' variances, and the sum of squared deviations from it.
  private var average: [Double]
  private var spread: [Double]
  private(set) var blocks = 0

  init(count: Int) {
    total = [Double](repeating: 0, count: count)
    open = total
    average = total
    spread = total
  }

  /// Adds a part of the open block.
  ///
  /// - Parameter draws: all draws of the block, where this part is its last.
  mutating func add(_ squares: [Double], closing draws: Int?) {
    precondition(squares.count == total.count)
    guard let draws else {
      for index in open.indices { open[index] += squares[index] }
      return
    }
    blocks += 1
    let (factor, count) = (1 / Double(draws - 1), Double(blocks))
    // Arrays of one value side by side: without pointers every element asks whether its array is shared.
    open.withUnsafeMutableBufferPointer { open in
      total.withUnsafeMutableBufferPointer { total in
        average.withUnsafeMutableBufferPointer { average in
          spread.withUnsafeMutableBufferPointer { spread in
            for index in open.indices {
              let sum = open[index] + squares[index]
              open[index] = 0
              total[index] += sum
              let change = sum * factor - average[index]
              average[index] += change / count
              spread[index] += change * (sum * factor - average[index])
            }
          }
        }
      }
    }
  }

  /// Squared standard errors of the blocks' mean variance; NaN for fewer than two blocks.
  var squaredErrors: [Double] {
    let factor = blocks > 1 ? 1 / (Double(blocks - 1) * Double(blocks)) : Double.nan
    return spread.map { $0 * factor }
  }
}

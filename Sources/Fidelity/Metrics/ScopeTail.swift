import Foundation

/// How the variance of the draws is spread over the blocks on one scope: whether a few of them make it.
struct ScopeTail: Sendable {
  /// `tr(S)`, the mean over blocks.
  let trace: Double
  /// The median over blocks: what `tr(S)` is beside events that few blocks see.
  let ordinary: Double
  /// Skewness of the blocks' contributions to `tr(S)`.
  let skewness: Double
  /// `(sum_k w_k)^2 / sum_k w_k^2` of the contributions: the number of blocks that carry the variance.
  let carriers: Double
  let blocks: Int
  /// All estimates were 0, beside the target.
  let isZero: Bool
  let targetNorm: Double
  /// Of the mean, without its noise.
  let meanNorm: Double
  /// Variance that rounding of the estimates may leave.
  let rounding: Double

  /// By how much a vector of norm `size` may turn the mean, whose norm is not that of the draws alone.
  func angle(of size: Double) -> Double {
    guard size > 0 else { return 0 }
    let norm = targetNorm > 0 ? min(meanNorm, targetNorm) : meanNorm
    return norm > 0 ? min(size / norm, .pi) : .pi
  }

  /// Of up to 32 groups of neighbouring blocks.
  init(_ scope: ScopeReplicates) {
    let full = scope.full
    blocks = min(scope.withoutBlock.count, BlockForms.limit)
    let shares = SampledScope.shares(scope, groups: scope.withoutBlock.count)
    trace = full.trace
    targetNorm = max(full.target - full.targetNoise, 0).squareRoot()
    meanNorm = max(full.mean - full.meanNoise, 0).squareRoot()
    rounding = 1e-11 * max(full.target, full.mean)
    isZero = full.trace <= rounding && full.mean <= 1e-11 * full.target
    let sorted = shares.sorted()
    let count = Double(max(shares.count, 1))
    let middle =
      sorted.isEmpty ? 0 : 0.5 * (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2])
    ordinary = max(full.trace + middle, 0)
    // Sizes relative to the largest: squares of the squares of small numbers would vanish.
    let largest = shares.reduce(0) { max($0, abs($1)) }
    let unit = largest > 0 ? 1 / largest : 0
    let mean = shares.reduce(0, +) / count
    let centred = shares.map { unit * ($0 - mean) }
    let second = centred.reduce(0) { $0 + $1 * $1 } / count
    let third = centred.reduce(0) { $0 + $1 * $1 * $1 } / count
    skewness = second > 0 ? third / (second * second.squareRoot()) : 0
    let average = unit * max(full.trace, 0)
    let square = average * average + second
    carriers = square > 0 ? count * average * average / square : count
  }
}

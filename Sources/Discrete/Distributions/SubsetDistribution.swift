import Foundation

/// The distribution of `n` independent bits with log-odds `psi`, given that exactly `k` of them are on:
/// `P(S) = exp(sum_{d in S} psi_d) / e_k`, `e_k` the elementary symmetric polynomial of `exp(psi)`.
///
/// All sums are by the dynamic programme over prefixes and suffixes, in logarithms. Cost: `O(n k)`.
public struct SubsetDistribution: Sendable {
  public let logOdds: [Double]
  public let size: Int
  /// `log e_j(psi_0 ..< psi_d)` at `[d][j]`, `j = 0...k`.
  private let before: [Double]
  /// `log e_j(psi_d ..< psi_n)` at `[d][j]`.
  private let after: [Double]

  /// `size` must be in `0...logOdds.count`.
  public init(logOdds: [Double], size: Int) {
    precondition(size >= 0 && size <= logOdds.count)
    self.logOdds = logOdds
    self.size = size
    let (count, stride) = (logOdds.count, size + 1)
    var before = [Double](repeating: -.infinity, count: (count + 1) * stride)
    var after = before
    before[0] = 0
    after[count * stride] = 0
    for step in 0..<count {
      let back = count - 1 - step
      for j in 0...size {
        before[(step + 1) * stride + j] = logSum(
          before[step * stride + j],
          j > 0 ? before[step * stride + j - 1] + logOdds[step] : -.infinity)
        after[back * stride + j] = logSum(
          after[(back + 1) * stride + j],
          j > 0 ? after[(back + 1) * stride + j - 1] + logOdds[back] : -.infinity)
      }
    }
    self.before = before
    self.after = after
  }

  /// `log e_k`.
  public var logNormaliser: Double { after[size] }

  /// `P(bit d is on)` for every bit.
  public func marginals() -> [Double] {
    guard size > 0 else { return [Double](repeating: 0, count: logOdds.count) }
    let stride = size + 1
    return logOdds.indices.map { bit in
      var log = -Double.infinity
      for j in 0..<size {
        log = logSum(log, before[bit * stride + j] + after[(bit + 1) * stride + size - 1 - j])
      }
      return min(exp(log + logOdds[bit] - logNormaliser), 1)
    }
  }

  /// `Cov(b_d, b_e)`, `[n][n]`: the Jacobian of the marginals in `psi`. Cost: `O(n^2 k)`.
  public func covariance() -> [Double] {
    let count = logOdds.count
    let marginals = marginals()
    var covariance = [Double](repeating: 0, count: count * count)
    guard size > 0 else { return covariance }
    for bit in 0..<count {
      var rest = logOdds
      rest.remove(at: bit)
      var given = SubsetDistribution(logOdds: rest, size: size - 1).marginals()
      given.insert(1, at: bit)
      for other in 0..<count {
        covariance[bit * count + other] = marginals[bit] * (given[other] - marginals[other])
      }
    }
    return covariance
  }

  /// A subset, as bits, from one uniform number per bit.
  public func subset(uniforms: some Collection<Double>) -> [Int32] {
    let stride = size + 1
    var left = size
    var bits: [Int32] = []
    bits.reserveCapacity(logOdds.count)
    for (bit, uniform) in uniforms.enumerated() {
      // The rest of the bits has exactly `left` on.
      let on: Bool
      if left == 0 {
        on = false
      } else if left == logOdds.count - bit {
        on = true
      } else {
        let log =
          logOdds[bit] + after[(bit + 1) * stride + left - 1] - after[bit * stride + left]
        on = uniform < exp(log)
      }
      bits.append(on ? 1 : 0)
      if on { left -= 1 }
    }
    return bits
  }

  /// `P(S)` of a subset given as bits; 0 where its size is another.
  public func probability(_ bits: some Collection<Int32>) -> Double {
    var count = 0
    var log = -logNormaliser
    for (bit, psi) in zip(bits, logOdds) where bit == 1 {
      count += 1
      log += psi
    }
    return count == size ? exp(log) : 0
  }
}

/// `log(e^a + e^b)`, minus infinity allowed.
private func logSum(_ a: Double, _ b: Double) -> Double {
  let (high, low) = (max(a, b), min(a, b))
  return low == -.infinity ? high : high + log1p(exp(low - high))
}

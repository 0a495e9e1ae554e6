import Discrete
import Testing

/// The distribution of subsets of a given size against sums over all of them.
@Suite struct SubsetDistributionTests {
  private let psi = [0.4, -1.2, 2.1, 0.3, -0.5]

  /// All bit vectors with their weights.
  private func subsets(_ psi: [Double], _ size: Int) -> [(bits: [Int32], weight: Double)] {
    let distribution = SubsetDistribution(logOdds: psi, size: size)
    return (0..<1 << psi.count).map { jointCode in
      let bits = psi.indices.map { Int32(jointCode >> $0 & 1) }
      return (bits, distribution.probability(bits))
    }
  }

  @Test(arguments: 0...5)
  func marginalsAndCovariance(size: Int) {
    let all = subsets(psi, size)
    #expect(abs(all.reduce(0) { $0 + $1.weight } - 1) < 1e-14)
    #expect(all.allSatisfy { $0.weight == 0 || $0.bits.reduce(0, +) == Int32(size) })
    let distribution = SubsetDistribution(logOdds: psi, size: size)
    let marginals = distribution.marginals()
    let covariance = distribution.covariance()
    for i in psi.indices {
      let mean = all.reduce(0) { $0 + $1.weight * Double($1.bits[i]) }
      #expect(abs(marginals[i] - mean) < 1e-14)
      for j in psi.indices {
        let both = all.reduce(0) { $0 + $1.weight * Double($1.bits[i] * $1.bits[j]) }
        #expect(abs(covariance[5 * i + j] - (both - mean * marginals[j])) < 1e-14)
      }
    }
    #expect(abs(marginals.reduce(0, +) - Double(size)) < 1e-13)
  }

  /// Every subset of two appears with its probability on a grid of uniforms.
  @Test func subsetsFollowTheirDistribution() {
    let own = [0.4, -1.2, 1.1]
    let distribution = SubsetDistribution(logOdds: own, size: 2)
    let side = 40
    var hits: [[Int32]: Double] = [:]
    let grid = (0..<side).map { (Double($0) + 0.5) / Double(side) }
    for a in grid {
      for b in grid { hits[distribution.subset(uniforms: [a, b, 0.5]), default: 0] += 1 }
    }
    let total = Double(side * side)
    for (bits, weight) in subsets(own, 2) where weight > 0 {
      #expect(abs((hits[bits] ?? 0) / total - weight) < 0.03)
    }
    #expect(hits.count == 3)
  }

  @Test func logOddsFarApart() {
    let distribution = SubsetDistribution(logOdds: [1400, -1400, 3, 0], size: 2)
    #expect(distribution.marginals().allSatisfy { $0 >= 0 && $0 <= 1 })
    #expect(distribution.covariance().allSatisfy { $0.isFinite })
    #expect(distribution.subset(uniforms: [0.5, 0.5, 0.5, 0.5]) == [1, 0, 1, 0])
  }
}

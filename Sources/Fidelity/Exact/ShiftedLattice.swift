import Discrete
import Foundation
import Tensors

/// Randomly shifted rank-1 lattice with the tent transform: moments of integrals over many noise
/// variables, with a standard error from independent shifts.
///
/// One coordinate per category gives its exponential `E`; perturbed logits are `a - log E`.
struct ShiftedLattice {
  let integrand: NoiseIntegrand
  let key: UInt64

  static let shifts = 16
  static let points = 8192

  /// Generating vector for 8,192 points, component by component for the worst-case error of order
  /// 2 with weights that fall as `0.9^j` (construction of Sloan and Reztsov 2002).
  private static let generator: [Int] = [
    1, 2433, 1715, 131, 3829, 3275, 3687, 259, 4095, 3171, 257, 133, 667, 3439, 2905, 1057, 1981,
    2515, 791, 1591, 3173, 2249, 1325, 401, 2125, 3049, 3973, 3295, 2371, 1201, 1447, 277, 811,
    1735, 113, 503, 2659, 1427, 1817, 3131, 3747, 1119, 195, 1509, 2823, 4055, 2741, 421, 893,
    2207, 3521, 3357, 2043, 729, 585, 1899, 3213, 3665, 2351, 1037, 1345, 31, 1283, 2597,
  ]

  func moments() throws -> ExactMoments {
    var means: [[Double]] = []
    var seconds: [[Double]] = []
    for shift in 0..<ShiftedLattice.shifts {
      let (mean, second) = try moments(shift: shift)
      means.append(mean)
      seconds.append(second)
    }
    let replicates = means.indices.map { left in
      pooled(
        means.indices.filter { $0 != left }.map { means[$0] },
        seconds.indices.filter { $0 != left }.map { seconds[$0] })
    }
    return ExactMoments(pooled(means, seconds), replicates: replicates)
  }

  private func pooled(_ means: [[Double]], _ seconds: [[Double]]) -> RowMoments {
    let width = integrand.width
    let mean = average(means)
    var covariance = average(seconds)
    for i in 0..<width {
      for j in 0..<width { covariance[i * width + j] -= mean[i] * mean[j] }
    }
    return RowMoments(mean: mean, covariance: covariance)
  }

  private func average(_ vectors: [[Double]]) -> [Double] {
    var sum = [Double](repeating: 0, count: vectors.first?.count ?? 0)
    for vector in vectors {
      for index in sum.indices { sum[index] += vector[index] }
    }
    return sum.map { $0 / Double(vectors.count) }
  }

  private func moments(shift: Int) throws -> (mean: [Double], second: [Double]) {
    let width = integrand.width
    let key = RandomKey(seed: key).derived("lattice")
    let offsets = RandomStream(key: key, row: shift, site: 0)
      .uniforms(from: 0, count: width).map(Double.init)
    var mean = [Double](repeating: 0, count: width)
    var second = [Double](repeating: 0, count: width * width)
    let batch = 2048
    let covered = min(width, ShiftedLattice.generator.count)
    let rest = RandomStream(key: key, row: shift, site: 1)
    for start in stride(from: 0, to: ShiftedLattice.points, by: batch) {
      // Variables beyond the generating vector are drawn independently.
      let random = rest.uniforms(
        from: UInt64(start * (width - covered)), count: batch * (width - covered))
      var perturbed: [Double] = []
      perturbed.reserveCapacity(batch * width)
      for point in start..<start + batch {
        for j in 0..<covered {
          let position =
            Double(point * ShiftedLattice.generator[j] % ShiftedLattice.points)
            / Double(ShiftedLattice.points) + offsets[j]
          let wrapped = position - position.rounded(.down)
          // The tent makes the integrand periodic; kept away from 0, where E would be infinite.
          let uniform = min(max(1 - abs(2 * wrapped - 1), 1e-15), 1 - 1e-15)
          perturbed.append(integrand.locations[j] - log(-log(uniform)))
        }
        for j in covered..<width {
          let uniform = Double(random[(point - start) * (width - covered) + j - covered])
          perturbed.append(integrand.locations[j] - log(-log(uniform)))
        }
      }
      let estimates = try integrand.estimates(perturbed, batch)
      for point in 0..<batch {
        for i in 0..<width { mean[i] += estimates[point * width + i] }
      }
      let block = gram(estimates, rows: batch, columns: width)
      for index in second.indices { second[index] += block[index] }
    }
    let count = Double(ShiftedLattice.points)
    return (mean.map { $0 / count }, second.map { $0 / count })
  }
}

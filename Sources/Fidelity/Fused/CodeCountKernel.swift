import CKernels
import Discrete

/// Maps without noise under a separable cost: the estimate of a latent has one value per category,
/// so that the numbers of draws with each code are all there is to know.
struct CodeCountKernel: RowKernel {
  private let distribution: FusedDistribution
  /// `A_{d, x} h_d(x)`, `[D][x][K]`.
  private let estimates: [Double]

  /// - Parameter gradients: `df/dz` with all latents at the same category, `[K][D][K]`.
  init(distribution: FusedDistribution, maps: LocalJacobians, gradients: [Double]) {
    self.distribution = distribution
    let categories = distribution.categories
    let square = categories * categories
    var estimates: [Double] = []
    estimates.reserveCapacity(distribution.width * categories)
    for latent in 0..<distribution.latents {
      for x in 0..<categories {
        let map = square * (maps.dependsOnCategory ? latent * categories + x : latent)
        let from = x * distribution.width + latent * categories
        for i in 0..<categories {
          var sum = 0.0
          for j in 0..<categories {
            sum += maps.means[map + i * categories + j] * gradients[from + j]
          }
          estimates.append(sum)
        }
      }
    }
    self.estimates = estimates
  }

  func sums(_ draws: gf_draws) -> (sum: [Double], squares: [Double]) {
    let levels = distribution.categories - 1
    var draws = draws
    var view = distribution.view
    // Draws at category k + 1 or above.
    var passed = [Int64](repeating: 0, count: distribution.latents * levels)
    withExtendedLifetime(distribution) { gf_code_counts(&draws, &view, &passed) }
    let (latents, categories) = (distribution.latents, distribution.categories)
    var sum = [Double](repeating: 0, count: distribution.width)
    var squares = sum
    sum.withUnsafeMutableBufferPointer { sum in
      squares.withUnsafeMutableBufferPointer { squares in
        for latent in 0..<latents {
          for x in 0..<categories {
            let reached = x == 0 ? Int64(draws.count) : passed[latent * levels + x - 1]
            let count = Double(x == levels ? reached : reached - passed[latent * levels + x])
            for i in 0..<categories {
              let estimate = estimates[(latent * categories + x) * categories + i]
              sum[latent * categories + i] += count * estimate
              squares[latent * categories + i] += count * estimate * estimate
            }
          }
        }
      }
    }
    return (sum, squares)
  }
}

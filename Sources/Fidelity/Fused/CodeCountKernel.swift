import CKernels
import Discrete

/// Maps without noise under a separable cost: the estimate of a latent has one value per category,
/// so that the numbers of draws with each code are all there is to know.
struct CodeCountKernel: RowKernel {
  private let law: FusedLaw
  /// `A_{d, x} h_d(x)`, `[D][x][K]`.
  private let estimates: [Double]

  /// - Parameter gradients: `df/dz` with all latents at the same category, `[K][D][K]`.
  init(law: FusedLaw, maps: LocalJacobians, gradients: [Double]) {
    self.law = law
    let categories = law.categories
    let square = categories * categories
    var estimates: [Double] = []
    estimates.reserveCapacity(law.width * categories)
    for latent in 0..<law.latents {
      for x in 0..<categories {
        let map = square * (maps.dependsOnCategory ? latent * categories + x : latent)
        let from = x * law.width + latent * categories
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
    let levels = law.categories - 1
    var draws = draws
    var view = law.view
    // Draws at category k + 1 or above.
    var passed = [Int64](repeating: 0, count: law.latents * levels)
    withExtendedLifetime(law) { gf_code_counts(&draws, &view, &passed) }
    var sum = [Double](repeating: 0, count: law.width)
    var squares = sum
    for latent in 0..<law.latents {
      for x in 0..<law.categories {
        let reached = x == 0 ? Int64(draws.count) : passed[latent * levels + x - 1]
        let count = Double(x == levels ? reached : reached - passed[latent * levels + x])
        for i in 0..<law.categories {
          let estimate = estimates[(latent * law.categories + x) * law.categories + i]
          sum[latent * law.categories + i] += count * estimate
          squares[latent * law.categories + i] += count * estimate * estimate
        }
      }
    }
    return (sum, squares)
  }
}

import CKernels
import Tensors

/// The linear maps of a straight-through estimator: `g_d = A_d h_d` with a `K x K` matrix that
/// may depend on the sampled category `x_d` and on noise that is independent from latent to
/// latent given the codes.
public struct LocalJacobians: Sendable {
  public let latents: Int
  public let categories: Int
  /// Whether `A_d` depends on the sampled category.
  public let dependsOnCategory: Bool
  /// `E[A_d | x]`, `[latents][x][K][K]`, one `x` only where it does not depend on the category.
  public var means: [Double]
  /// Noise of `A_d = constant + (1/draws) sum_m scale J(s_m)` given `x`, `s_m` independent with the
  /// same law, latent by latent; nil without noise. Other random maps than `J(s)` will do.
  public var noise: (scale: Double, moments: [any SurrogateMoments], draws: Int)?

  /// Maps without noise.
  public init(latents: Int, categories: Int, dependsOnCategory: Bool, means: [Double]) {
    self.latents = latents
    self.categories = categories
    self.dependsOnCategory = dependsOnCategory
    self.means = means
  }

  /// Maps `scale J(s)` with random `s`, or the mean of `draws` such maps with independent `s`.
  ///
  /// - Parameter moments: of every latent, given each winner or all of one law.
  public init(
    latents: Int, categories: Int, scale: Double, moments: [any SurrogateMoments],
    draws: Int = 1
  ) {
    self.latents = latents
    self.categories = categories
    dependsOnCategory = moments.contains { $0.laws > 1 }
    means = moments.flatMap { $0.jacobianMeans.map { scale * $0 } }
    noise = (scale, moments, draws)
  }

  /// Mean and covariance of `g` over the states.
  ///
  /// The mean given the codes is summed by `PairTables` or, where there are few states, state by
  /// state; noise, independent across latents given the codes, adds to the diagonal blocks only.
  /// Cost: the lesser of `O((DK)^2 K^3)` and `O(states (D K^2 + (DK)^2))`, or `O((DK)^2 K)` where the
  /// maps do not depend on the category.
  public func moments(_ states: RowStates) -> RowMoments? {
    guard let gradients = states.gradientMoments else { return nil }
    let width = latents * categories
    var result: RowMoments
    if dependsOnCategory, let tables = gradients.pairTables {
      result = tables.moments(means)
    } else if dependsOnCategory {
      result = RowMoments(
        weights: states.weights, vectors: meanEstimates(states), width: width)
    } else {
      let mean = applied(to: gradients.mean, columns: 1)
      let half = applied(to: gradients.covariance, columns: width)
      result = RowMoments(
        mean: mean, covariance: applied(to: transposed(half, width), columns: width))
    }
    addNoise(gradients, to: &result.covariance)
    return result
  }

  /// `E[g | z]` of every state, `[states][DK]`.
  private func meanEstimates(_ states: RowStates) -> [Double] {
    let width = latents * categories
    var estimates = [Double](repeating: 0, count: states.count * width)
    var out = estimates.mutableSpan
    let h = states.gradients.span
    let maps = means.span
    for state in 0..<states.count {
      for latent in 0..<latents {
        let x = Int(states.codes[state * latents + latent])
        let map = (latent * categories + x) * categories * categories
        let from = state * width + latent * categories
        for i in 0..<categories {
          var sum = 0.0
          for j in 0..<categories { sum += maps[map + i * categories + j] * h[from + j] }
          out[from + i] = sum
        }
      }
    }
    return estimates
  }

  /// The block-diagonal map applied to a `DK x columns` matrix.
  private func applied(to matrix: [Double], columns: Int) -> [Double] {
    var result: [Double] = []
    result.reserveCapacity(matrix.count)
    for latent in 0..<latents {
      let square = categories * categories
      let map = Array(means[latent * square..<(latent + 1) * square])
      let from = latent * categories * columns
      let block = Array(matrix[from..<from + categories * columns])
      result += matrixProduct(map, block, m: categories, n: columns, k: categories)
    }
    return result
  }

  private func transposed(_ matrix: [Double], _ size: Int) -> [Double] {
    var result = matrix
    for i in 0..<size {
      for j in 0..<size { result[j * size + i] = matrix[i * size + j] }
    }
    return result
  }

  /// Adds `E[A M A^T | x] - E[A | x] M E[A | x]^T`, `M = E[h_d h_d^T 1{x_d = x}]`, to the
  /// diagonal blocks. A part of `A` that is constant given `x` adds nothing, so `scale J(s)` alone
  /// enters; a mean of independent maps has their variance over their number.
  private func addNoise(_ gradients: GradientMoments, to covariance: inout [Double]) {
    guard let noise else { return }
    let width = latents * categories
    let square = categories * categories
    let factor = noise.scale * noise.scale / Double(noise.draws)
    for (latent, moments) in noise.moments.enumerated() {
      let cell = latent * categories * square
      var second = Array(gradients.secondByCategory[cell..<cell + categories * square])
      if moments.laws == 1 {
        second = (0..<square).map { index in
          (0..<categories).reduce(0.0) { $0 + second[$1 * square + index] }
        }
      }
      let full = moments.sandwich(second)
      var plain = [Double](repeating: 0, count: square)
      gf_congruence_sum(
        Int32(categories), Int32(moments.laws), moments.jacobianMeans, second, &plain)
      for i in 0..<categories {
        for j in 0..<categories {
          covariance[(latent * categories + i) * width + latent * categories + j] +=
            factor * (full[i * categories + j] - plain[i * categories + j])
        }
      }
    }
  }
}

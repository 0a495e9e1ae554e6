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
  /// same distribution, latent by latent; nil without noise. Other random maps than `J(s)` will do.
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
  /// - Parameter moments: of every latent, given each winner or all of one distribution.
  public init(
    latents: Int, categories: Int, scale: Double, moments: [any SurrogateMoments],
    draws: Int = 1
  ) {
    self.latents = latents
    self.categories = categories
    dependsOnCategory = moments.contains { $0.distributions > 1 }
    means = moments.flatMap { $0.jacobianMeans.map { scale * $0 } }
    noise = (scale, moments, draws)
  }

  /// Mean and covariance of `g` over the joint codes.
  ///
  /// The mean given the codes is summed by `PairTables` or, where there are few joint codes, joint code by
  /// joint code; noise, independent across latents given the codes, adds to the diagonal blocks only.
  /// Cost: the lesser of `O((DK)^2 K^3)` and `O(jointCodes (D K^2 + (DK)^2))`, or `O((DK)^2 K)` where the
  /// maps do not depend on the category.
  public func moments(_ jointCodes: RowJointCodes) -> RowMoments? {
    guard let gradients = jointCodes.gradientMoments else { return nil }
    let width = latents * categories
    var result: RowMoments
    if dependsOnCategory, let tables = gradients.pairTables {
      result = tables.moments(means)
    } else if dependsOnCategory {
      result = RowMoments(
        weights: jointCodes.weights, vectors: meanEstimates(jointCodes), width: width)
    } else {
      result = RowMoments(
        mean: applied(to: gradients.mean, columns: 1),
        covariance: applied(to: gradients.covariance, columns: width, transposed: true))
    }
    addNoise(gradients, to: &result.covariance)
    return result
  }

  /// `E[g | z]` of every joint code, `[jointCodes][DK]`.
  private func meanEstimates(_ jointCodes: RowJointCodes) -> [Double] {
    let width = latents * categories
    var estimates = [Double](repeating: 0, count: jointCodes.count * width)
    var out = estimates.mutableSpan
    let h = jointCodes.gradients.span
    let maps = means.span
    for jointCode in 0..<jointCodes.count {
      for latent in 0..<latents {
        let x = Int(jointCodes.codes[jointCode * latents + latent])
        let map = (latent * categories + x) * categories * categories
        let from = jointCode * width + latent * categories
        for i in 0..<categories {
          var sum = 0.0
          for j in 0..<categories { sum += maps[map + i * categories + j] * h[from + j] }
          out[from + i] = sum
        }
      }
    }
    return estimates
  }

  /// `A M` of the block-diagonal map and a `DK x columns` matrix, or `A M A^T` of a square one.
  private func applied(to matrix: [Double], columns: Int, transposed: Bool = false) -> [Double] {
    let (size, square) = (categories, categories * categories)
    let count = matrix.count
    precondition(count == latents * size * columns && (!transposed || columns == latents * size))
    /// Block after block: rows of the matrix times a map from the left, or columns from the right.
    func product(_ matrix: [Double], fromRight: Bool) -> [Double] {
      [Double](unsafeUninitializedCapacity: count) { out, used in
        matrix.withUnsafeBufferPointer { matrix in
          means.withUnsafeBufferPointer { maps in
            guard let m = matrix.baseAddress, let a = maps.baseAddress, let c = out.baseAddress
            else { return }
            for latent in 0..<latents {
              if fromRight {
                let from = latent * size
                Double.gemm(
                  transposeA: false, transposeB: true, m: columns, n: size, k: size, alpha: 1,
                  a: m + from, lda: columns, b: a + latent * square, ldb: size, beta: 0,
                  c: c + from, ldc: columns)
              } else {
                let from = latent * size * columns
                Double.gemm(
                  transposeA: false, transposeB: false, m: size, n: columns, k: size, alpha: 1,
                  a: a + latent * square, lda: size, b: m + from, ldb: columns, beta: 0,
                  c: c + from, ldc: columns)
              }
            }
          }
        }
        used = count
      }
    }
    let left = product(matrix, fromRight: false)
    return transposed ? product(left, fromRight: true) : left
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
      if moments.distributions == 1 {
        second = (0..<square).map { index in
          (0..<categories).reduce(0.0) { $0 + second[$1 * square + index] }
        }
      }
      let full = moments.sandwich(second)
      var plain = [Double](repeating: 0, count: square)
      gf_congruence_sum(
        Int32(categories), Int32(moments.distributions), moments.jacobianMeans, second, &plain)
      for i in 0..<categories {
        for j in 0..<categories {
          covariance[(latent * categories + i) * width + latent * categories + j] +=
            factor * (full[i * categories + j] - plain[i * categories + j])
        }
      }
    }
  }
}

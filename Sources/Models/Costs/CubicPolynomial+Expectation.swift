import Tensors

extension CubicPolynomial {
  /// `E[f(z) | z_d = k]` of independent latents, but for a constant per latent that drops out of
  /// gradients, `[D][K]`.
  ///
  /// At one-hot points no coordinate occurs twice in a product of two latents, so with `m = E z`,
  /// `w = W[r]` on the coordinates of latent `d` less their mean, and mean `M` and variance `V` of
  /// `(W z)_r` without latent `d`:
  ///
  ///     F[d, k] = b_dk + A_dk,dk + sum_{e != d} ((A + A') m)_dk + sum_r 3 w (V + M^2) + 3 w^2 M + w^3
  ///
  /// where `M` counts latent `d` at its mean. Exact for any number of latents; cost
  /// `O((D K)^2 + R D K)`.
  func conditionalMeans(_ probabilities: [Double], latents: Int, categories: Int) -> [Double] {
    let width = latents * categories
    var means = linear
    if !matrix.isEmpty {
      let columns = matrixProduct(matrix, probabilities, m: width, n: 1, k: width)
      let rows = matrixProduct(probabilities, matrix, m: 1, n: width, k: width)
      for index in 0..<width {
        let own = index / categories * categories
        // A latent meets itself in one coordinate only.
        var sum = matrix[index * width + index] + columns[index] + rows[index]
        for other in own..<own + categories {
          sum -=
            (matrix[index * width + other] + matrix[other * width + index]) * probabilities[other]
        }
        means[index] += sum
      }
    }
    for term in 0..<rank {
      addCube(
        Array(factors[term * width..<(term + 1) * width]), probabilities, categories, to: &means)
    }
    return means
  }

  /// Adds `E[(w . z)^3 | z_d = k]` but for a constant per latent.
  private func addCube(
    _ weights: [Double], _ probabilities: [Double], _ categories: Int, to means: inout [Double]
  ) {
    var centred = weights
    var variances: [Double] = []
    var mean = 0.0
    for start in stride(from: 0, to: weights.count, by: categories) {
      let own = start..<start + categories
      let average = own.reduce(0) { $0 + probabilities[$1] * weights[$1] }
      for index in own { centred[index] -= average }
      variances.append(own.reduce(0) { $0 + probabilities[$1] * centred[$1] * centred[$1] })
      mean += average
    }
    let variance = variances.reduce(0, +)
    for index in centred.indices {
      let w = centred[index]
      let others = max(0, variance - variances[index / categories])
      means[index] += 3 * w * (others + mean * mean) + 3 * w * w * mean + w * w * w
    }
  }
}

import Tensors

/// Expectations over all joint states of independent latents, by contracting the table of a
/// function with the laws of the latents.
public struct JointExpectation: Sendable {
  /// `q[D][K]`.
  public let probabilities: [Double]
  public let latents: Int
  public let categories: Int

  public init(probabilities: [Double], latents: Int, categories: Int) {
    precondition(probabilities.count == latents * categories && latents > 0)
    self.probabilities = probabilities
    self.latents = latents
    self.categories = categories
  }

  /// `E[f(z) (z - q)]`, `[D][K]`, of the values of all states in `JointStates` order.
  ///
  /// The table is contracted with one half of the latents, then the two vectors that are left
  /// latent by latent. A constant in the values moves nothing: that of the likeliest state is taken
  /// out first, which leaves all digits of what does. Cost: two passes over the table.
  public func scoreCovariance(_ values: [Double]) -> [Double] {
    let likeliest = CategoricalSampler.argmax(probabilities, categories: categories)
      .reduce(0) { $0 * categories + Int($1) }
    let level = values[likeliest]
    let values = values.map { $0 - level }
    let split = latents / 2
    let first = half(0..<split)
    let second = half(split..<latents)
    let p = first.weights
    let q = second.weights
    // E[f | a] and E[f | b], centred: the score's mean is 0, and cancellation is avoided.
    var (byFirst, bySecond) = contractions(values, rows: p, columns: q)
    var mean = 0.0
    for index in p.indices { mean += p[index] * byFirst[index] }
    for index in byFirst.indices { byFirst[index] = p[index] * (byFirst[index] - mean) }
    for index in bySecond.indices { bySecond[index] = q[index] * (bySecond[index] - mean) }
    return first.marginals(byFirst) + second.marginals(bySecond)
  }

  private func half(_ range: Range<Int>) -> Half {
    let law = Array(
      probabilities[range.lowerBound * categories..<range.upperBound * categories])
    return Half(
      latents: range.count, categories: categories,
      weights: JointStates(latents: range.count, categories: categories).weights(law))
  }

  private struct Half {
    let latents: Int
    let categories: Int
    /// Joint probabilities of these latents.
    let weights: [Double]

    /// Sums of a vector over the codes with `z_d = k`, `[D'][K]`.
    func marginals(_ vector: [Double]) -> [Double] {
      var result = [Double](repeating: 0, count: latents * categories)
      var rest = vector
      // The last latent's sums, then it is summed over.
      for latent in stride(from: latents - 1, through: 0, by: -1) {
        var shorter = [Double](repeating: 0, count: rest.count / categories)
        for prefix in shorter.indices {
          for category in 0..<categories {
            let value = rest[prefix * categories + category]
            result[latent * categories + category] += value
            shorter[prefix] += value
          }
        }
        rest = shorter
      }
      return result
    }
  }
}

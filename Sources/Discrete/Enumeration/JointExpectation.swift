import Tensors

/// Expectations over all joint codes of independent latents, by contracting the table of a
/// function with the distributions of the latents.
public struct JointExpectation: Sendable {
  /// `q[D][K]`.
  public let probabilities: [Double]
  public let latents: Int
  public let categories: Int
  private let jointCodes: JointCodes

  public init(probabilities: [Double], latents: Int, categories: Int) {
    self.init(
      probabilities: probabilities,
      shape: LayerShape(rows: 1, latents: latents, categories: categories))
  }

  /// - Parameter shape: of the row.
  public init(probabilities: [Double], shape: LayerShape) {
    precondition(probabilities.count == shape.width && shape.latents > 0)
    self.probabilities = probabilities
    latents = shape.latents
    categories = shape.categories
    jointCodes = JointCodes(shape)
  }

  /// `E[f(z) (z - q)]`, `[D][K]`, of the values of all joint codes in `JointCodes` order.
  ///
  /// The table is contracted with one half of the latents, then the two vectors that are left
  /// latent by latent. A constant in the values moves nothing: that of the likeliest joint code is taken
  /// out first, which leaves all digits of what does. Cost: two passes over the table.
  public func scoreCovariance(_ values: [Double]) -> [Double] {
    let likeliest = CategoricalSampler.argmax(probabilities, categories: categories)
    let level = values[jointCodes.index(of: likeliest[...])]
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
    let distribution = Array(
      probabilities[range.lowerBound * categories..<range.upperBound * categories])
    let own = JointCodes(
      latents: range.count, categories: categories,
      levels: jointCodes.levels.isEmpty ? [] : Array(jointCodes.levels[range]))
    return Half(jointCodes: own, weights: own.weights(distribution))
  }

  private struct Half {
    let jointCodes: JointCodes
    /// Joint probabilities of these latents.
    let weights: [Double]

    /// Sums of a vector over the codes with `z_d = k`, `[D'][K]`.
    func marginals(_ vector: [Double]) -> [Double] {
      let (latents, categories) = (jointCodes.latents, jointCodes.categories)
      var result = [Double](repeating: 0, count: latents * categories)
      var rest = vector
      // The last latent's sums, then it is summed over.
      for latent in stride(from: latents - 1, through: 0, by: -1) {
        let radix = jointCodes.levels.isEmpty ? categories : jointCodes.levels[latent]
        var shorter = [Double](repeating: 0, count: rest.count / radix)
        for prefix in shorter.indices {
          for category in 0..<radix {
            let value = rest[prefix * radix + category]
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

/// The `K^D` joint states of one row, numbered with the first latent slowest:
/// state `s` has the codes of `s` written in base `K` with `D` digits.
public struct JointStates: Sendable {
  public let latents: Int
  public let categories: Int

  public init(latents: Int, categories: Int) {
    self.latents = latents
    self.categories = categories
  }

  /// Category indices `[states][latents]` of a range of states. Cost: `O(states * latents)`.
  public func codes(_ states: Range<Int>) -> [Int32] {
    var codes = [Int32](repeating: 0, count: states.count * latents)
    for (row, state) in states.enumerated() {
      var rest = state
      for latent in stride(from: latents - 1, through: 0, by: -1) {
        codes[row * latents + latent] = Int32(rest % categories)
        rest /= categories
      }
    }
    return codes
  }

  /// Joint probabilities `q(z) = prod_d p[d, z_d]` of all states, given `p[D][K]`.
  ///
  /// Cost: `O(K^D)`. The caller has checked that `K^D` fits.
  public func weights(_ probabilities: [Double]) -> [Double] {
    var weights = [1.0]
    for latent in 0..<latents {
      let law = probabilities[latent * categories..<(latent + 1) * categories]
      var next: [Double] = []
      next.reserveCapacity(weights.count * categories)
      for weight in weights {
        for probability in law { next.append(weight * probability) }
      }
      weights = next
    }
    return weights
  }
}

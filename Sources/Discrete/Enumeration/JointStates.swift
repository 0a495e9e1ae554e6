/// The `prod_d K_d` joint states of one row, numbered with the first latent slowest:
/// state `s` has the codes of `s` written with `D` digits, in base `K` where all latents have `K` categories.
public struct JointStates: Sendable {
  public let latents: Int
  public let categories: Int
  /// See `LayerShape.levels`.
  public let levels: [Int]

  public init(latents: Int, categories: Int) {
    self.init(latents: latents, categories: categories, levels: [])
  }

  /// The states of a row of a layer.
  public init(_ shape: LayerShape) {
    self.init(latents: shape.latents, categories: shape.categories, levels: shape.levels)
  }

  init(latents: Int, categories: Int, levels: [Int]) {
    self.latents = latents
    self.categories = categories
    self.levels = levels
  }

  private func radix(_ latent: Int) -> Int { levels.isEmpty ? categories : levels[latent] }

  /// The number of the state of these codes, one a latent.
  public func state(_ codes: ArraySlice<Int32>) -> Int {
    var state = 0
    for (latent, code) in codes.enumerated() { state = state * radix(latent) + Int(code) }
    return state
  }

  /// Category indices `[states][latents]` of a range of states. Cost: `O(states * latents)`.
  public func codes(_ states: Range<Int>) -> [Int32] {
    var codes = [Int32](repeating: 0, count: states.count * latents)
    for (row, state) in states.enumerated() {
      var rest = state
      for latent in stride(from: latents - 1, through: 0, by: -1) {
        let radix = radix(latent)
        codes[row * latents + latent] = Int32(rest % radix)
        rest /= radix
      }
    }
    return codes
  }

  /// Joint probabilities `q(z) = prod_d p[d, z_d]` of all states, given `p[D][K]`.
  ///
  /// Cost: `O(prod_d K_d)`. The caller has checked that they fit.
  public func weights(_ probabilities: [Double]) -> [Double] {
    var weights = [1.0]
    for latent in 0..<latents {
      let law = probabilities[latent * categories..<latent * categories + radix(latent)]
      var next: [Double] = []
      next.reserveCapacity(weights.count * law.count)
      for weight in weights {
        for probability in law { next.append(weight * probability) }
      }
      weights = next
    }
    return weights
  }
}

/// A place where a cost bends or jumps inside the simplices: the zeros of a linear function
/// `sum_(d, k) w[d, k] y[d, k]` of a row's point `y`.
///
/// A constant `c` needs no number of its own, as each latent's categories sum to 1: `v . y_d - c` has the weights
/// `v[k] - c`, whose sign is right at vertices too.
public struct CostKink: Sendable, Equatable {
  /// The latents that the function depends on.
  public let latents: [Int]
  /// `w`, `[latents.count][K]`.
  public let weights: [Double]

  /// - Parameters:
  ///   - latents: the latents that the function depends on.
  ///   - weights: `[latents.count][K]`.
  public init(latents: [Int], weights: [Double]) {
    precondition(!latents.isEmpty && weights.count.isMultiple(of: latents.count))
    self.latents = latents
    self.weights = weights
  }

  /// The function at point number `index` of `points`, `[count][D][K]` with `width = D K`.
  public func value(_ points: [Double], at index: Int, width: Int) -> Double {
    let size = weights.count / latents.count
    var sum = 0.0
    for (place, latent) in latents.enumerated() {
      let from = index * width + latent * size
      for k in 0..<size { sum += weights[place * size + k] * points[from + k] }
    }
    return sum
  }
}

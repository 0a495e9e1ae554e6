/// The `prod_d K_d` joint codes of one row, numbered with the first latent slowest:
/// joint code `s` has the codes of `s` written with `D` digits, in base `K` where all latents have `K` categories.
public struct JointCodes: Sendable {
  public let latents: Int
  public let categories: Int
  /// See `LayerShape.levels`.
  public let levels: [Int]

  public init(latents: Int, categories: Int) {
    self.init(latents: latents, categories: categories, levels: [])
  }

  /// The joint codes of a row of a layer.
  public init(_ shape: LayerShape) {
    self.init(latents: shape.latents, categories: shape.categories, levels: shape.levels)
  }

  init(latents: Int, categories: Int, levels: [Int]) {
    self.latents = latents
    self.categories = categories
    self.levels = levels
  }

  private func radix(_ latent: Int) -> Int { levels.isEmpty ? categories : levels[latent] }

  /// The number of the joint code of these codes, one a latent.
  public func index(of codes: ArraySlice<Int32>) -> Int {
    var jointCode = 0
    for (latent, code) in codes.enumerated() { jointCode = jointCode * radix(latent) + Int(code) }
    return jointCode
  }

  /// Category indices `[jointCodes][latents]` of a range of joint codes. Cost: `O(jointCodes * latents)`.
  public func codes(_ jointCodes: Range<Int>) -> [Int32] {
    var codes = [Int32](repeating: 0, count: jointCodes.count * latents)
    for (row, jointCode) in jointCodes.enumerated() {
      var rest = jointCode
      for latent in stride(from: latents - 1, through: 0, by: -1) {
        let radix = radix(latent)
        codes[row * latents + latent] = Int32(rest % radix)
        rest /= radix
      }
    }
    return codes
  }

  /// Joint probabilities `q(z) = prod_d p[d, z_d]` of all joint codes, given `p[D][K]`.
  ///
  /// Cost: `O(prod_d K_d)`. The caller has checked that they fit.
  public func weights(_ probabilities: [Double]) -> [Double] {
    var weights = [1.0]
    for latent in 0..<latents {
      let distribution = probabilities[latent * categories..<latent * categories + radix(latent)]
      var next: [Double] = []
      next.reserveCapacity(weights.count * distribution.count)
      for weight in weights {
        for probability in distribution { next.append(weight * probability) }
      }
      weights = next
    }
    return weights
  }
}

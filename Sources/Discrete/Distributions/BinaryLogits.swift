import Foundation

extension RowLogits {
  /// `pi = sigmoid(phi_1 - phi_0)` of every latent of a binary layer: the probability of "on".
  ///
  /// Stable for large logits. Of other layers, the probability of category 1 against category 0.
  public func onProbabilities() -> [Double] {
    (0..<latents).map { latent in
      let from = latent * categories
      let psi = values[from + min(1, categories - 1)] - values[from]
      return psi >= 0 ? 1 / (1 + exp(-psi)) : exp(psi) / (1 + exp(psi))
    }
  }
}

extension UniformAtom {
  /// A Gauss-Legendre rule of `nodes` points on each piece of `[0, 1]` between the cuts: exact for
  /// polynomials of degree `2 nodes - 1` in the uniform on each piece.
  ///
  /// - Parameters:
  ///   - cuts: places in `[0, 1]`, in any order.
  ///   - nodes: 1 (constant on a piece, up to linear), 2 (first and second moments of an estimate
  ///     linear in the uniform) or 3.
  public static func pieces(cuts: [Double], nodes: Int) -> [UniformAtom] {
    let rules: [[(node: Double, weight: Double)]] = [
      [(0, 2)],
      [(-0.5773502691896257, 1), (0.5773502691896257, 1)],
      [(-0.7745966692414834, 5.0 / 9), (0, 8.0 / 9), (0.7745966692414834, 5.0 / 9)],
    ]
    let rule = rules[min(max(nodes, 1), 3) - 1]
    let edges = ([0, 1] + cuts.map { min(max($0, 0), 1) }).sorted()
    return zip(edges, edges.dropFirst()).flatMap { low, high -> [UniformAtom] in
      guard high > low else { return [] }
      return rule.map { point in
        UniformAtom(
          weight: 0.5 * (high - low) * point.weight,
          uniforms: [low + 0.5 * (high - low) * (1 + point.node)])
      }
    }
  }
}

import Discrete
import Foundation
import Tensors

/// KL divergence of factorised categorical distributions from the uniform distribution, summed over latents.
package enum AnalyticKL {
  /// `sum_d sum_k p log(p K)` of each row `[B]`, and its gradient
  /// `p_k (log p_k - sum_j p_j log p_j)`, `[B][D][K]`.
  package static func evaluate(_ logits: [Double], shape: LayerShape) -> (
    values: [Double], gradient: [Double]
  ) {
    var logP = logits
    VectorMath.logSoftmax(&logP, categories: shape.categories)
    var p = logP
    VectorMath.exp(&p)
    let uniform = log(Double(shape.categories))
    var values = [Double](repeating: 0, count: shape.rows)
    var gradient = p
    for row in 0..<shape.rows {
      for latent in 0..<shape.latents {
        let start = row * shape.width + latent * shape.categories
        let range = start..<start + shape.categories
        let negentropy = range.reduce(0.0) { $0 + p[$1] * logP[$1] }
        values[row] += negentropy + uniform
        for index in range { gradient[index] = p[index] * (logP[index] - negentropy) }
      }
    }
    return (values, gradient)
  }
}

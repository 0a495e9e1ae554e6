import Discrete
import Foundation
import Tensors

/// How many categories a batch uses.
package enum CodePerplexity {
  /// `(1/D) sum_d exp(H(mean_b softmax(phi[b, d])))`, from 1 (one category for all rows) to `K` (all
  /// alike), with the entropy `H` in nats.
  package static func mean(_ logits: [Double], shape: LayerShape) -> Double {
    var p = logits
    VectorMath.softmax(&p, categories: shape.categories)
    var average = [Double](repeating: 0, count: shape.width)
    for (index, probability) in p.enumerated() { average[index % shape.width] += probability }
    var sum = 0.0
    for latent in 0..<shape.latents {
      let range = latent * shape.categories..<(latent + 1) * shape.categories
      let entropy = average[range].reduce(0.0) { entropy, total in
        let share = total / Double(shape.rows)
        return share > 0 ? entropy - share * log(share) : entropy
      }
      sum += exp(entropy)
    }
    return sum / Double(shape.latents)
  }

  /// The same of codes that were chosen, `[B][D]`: `exp` of the entropy of the codes that the batch uses, averaged
  /// over latents.
  static func used(_ codes: [Int], latents: Int, categories: Int) -> Double {
    let share = Double(latents) / Double(codes.count)
    return (0..<latents).reduce(0.0) { total, latent in
      var used = [Double](repeating: 0, count: categories)
      for vector in stride(from: latent, to: codes.count, by: latents) {
        used[codes[vector]] += share
      }
      let entropy = used.reduce(0.0) { $1 > 0 ? $0 - $1 * log($1) : $0 }
      return total + exp(entropy) / Double(latents)
    }
  }
}

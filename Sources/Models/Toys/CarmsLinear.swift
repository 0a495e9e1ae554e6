import Discrete
import Foundation
import Tensors

/// A linear cost of three ternary variables with random probabilities.
enum CarmsLinear {
  static let descriptor = ProblemDescriptor(
    name: "carms-linear",
    summary: "Three ternary variables with random probabilities under a linear cost",
    formula:
      "f(y) = sum_dk 3 (1 + 3 d + k) y[d, k], D = K = 3; p_d ~ Dirichlet(1, 1, 1), phi = log p",
    source: "Dimitriev and Zhou 2021 (CARMS), toy experiment",
    parameters: [.problemSeed]
  ) { parameters, _ in
    let key = RandomKey(seed: UInt64(parameters.integer("seed"))).derived("carms-linear")
    // Normalised exponentials are a draw of Dirichlet(1, 1, 1).
    let draws = RandomStream(key: key, row: 0, site: 0).exponentials(from: 0, count: 9)
    let logits = stride(from: 0, to: 9, by: 3).flatMap { start in
      let row = draws[start..<start + 3].map { max(Double($0), 1e-30) }
      let total = row.reduce(0, +)
      return row.map { log($0 / total) }
    }
    return try CostProblem(
      logits: Logits(shape: LayerShape(rows: 1, latents: 3, categories: 3), values: logits),
      cost: LinearCost(latents: 3, categories: 3, weights: (1...9).map { 3 * Double($0) }))
  }
}

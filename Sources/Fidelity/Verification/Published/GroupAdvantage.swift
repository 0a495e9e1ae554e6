import Discrete

/// Score function with advantages over a group of `n` draws, as in policy-gradient practice:
/// `g = (1/n) sum_i A_i (z_i - p)`, `A_i = f_i - fbar` (`dr-grpo`), over `s + epsilon` with the draws' own
/// standard deviation `s` (`grpo`).
///
/// Biased: the first has `(n - 1)/n` of the truth, as its baseline holds the draw's own cost; the second
/// divides every row by its own difficulty. Equal costs give 0. Complexity: `O(n D K)` beside `n` oracle
/// values.
struct GroupAdvantage: GradientEstimator {
  let samples: Int
  /// Added to the deviation; nil: costs are not divided.
  let epsilon: Double?

  var plan: EvaluationPlan { EvaluationPlan(samples: samples, values: true) }

  func combine(_ row: RowLogits, _ draws: RowDraws, into estimates: inout [Double]) {
    let distribution = row.probabilities()
    let width = distribution.count
    let count = Double(samples)
    for index in estimates.indices { estimates[index] = 0 }
    for draw in 0..<draws.count {
      let costs = (0..<samples).map { draws.values[$0][draw] }
      let mean = costs.reduce(0, +) / count
      let centred = costs.map { $0 - mean }
      var scale = 1 / count
      if let epsilon {
        let spread = (centred.reduce(0) { $0 + $1 * $1 } / (count - 1)).squareRoot()
        scale = spread == 0 ? 0 : scale / (spread + epsilon)
      }
      for sample in 0..<samples {
        let factor = scale * centred[sample]
        for index in 0..<width { estimates[draw * width + index] -= factor * distribution[index] }
        for latent in 0..<row.latents {
          let code = Int(draws.codes[sample][draw * row.latents + latent])
          estimates[draw * width + latent * row.categories + code] += factor
        }
      }
    }
  }

  static let sampleSpec = ParameterSpec("samples", .integer(2...64), "draws of a group, n")
  static let epsilonSpec = ParameterSpec(
    "epsilon", .number(minimum: 0, maximum: 1, exclusive: false), default: .number(1e-4),
    "added to the deviation")
}

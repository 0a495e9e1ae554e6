import Discrete

/// Double control variates: leave-one-out baselines corrected by the slopes at the other samples.
///
/// `u_i = z_i - p`, `h_i = df/dz(z_i)`, `c_i = <<mean_{j != i} h_j, u_i>>`:
/// `g = (1/n) sum_i (f_i + a c_i - mean_{j != i}(f_j + a c_j)) u_i - a J(p) mean_i h_i`.
/// Unbiased for every `a`; `a = 0` is `reinforce-loo`. Complexity: `O(n D K)` beside `n` oracle
/// gradients.
public struct DoubleControlVariate: GradientEstimator {
  public let samples: Int
  public let alpha: Double

  public init(samples: Int, alpha: Double) {
    self.samples = min(max(samples, 2), 64)
    self.alpha = alpha
  }

  public var plan: EvaluationPlan {
    EvaluationPlan(samples: samples, probes: ProbePlan(codes: samples, codeGradients: true))
  }

  public func probes(_ row: RowLogits, _ draws: RowDraws) -> Probes {
    Probes(codes: draws.interleavedCodes(samples, latents: row.latents))
  }

  public func combine(_ row: RowLogits, _ draws: RowDraws, into estimates: inout [Double]) {
    clear(&estimates)
    let score = Score(row)
    let width = score.width
    let n = Double(samples)
    for draw in 0..<draws.count {
      let first = draw * samples
      let slopes = draws.probes.codeGradients[first * width..<(first + samples) * width]
      var total = [Double](repeating: 0, count: width)
      for (index, slope) in slopes.enumerated() { total[index % width] += slope }
      var corrected: [Double] = []
      for sample in 0..<samples {
        let from = slopes.startIndex + sample * width
        let others = (0..<width).map { (total[$0] - slopes[from + $0]) / (n - 1) }
        let correction = score.product(
          others, at: 0, draws.probes.codes, at: (first + sample) * row.latents)
        corrected.append(draws.probes.codeValues[first + sample] + alpha * correction)
      }
      let sum = corrected.reduce(0, +)
      for sample in 0..<samples {
        let advantage = corrected[sample] - (sum - corrected[sample]) / (n - 1)
        score.add(
          advantage / n, draws.probes.codes, at: (first + sample) * row.latents, to: &estimates,
          at: draw * width)
      }
      score.addJacobian(-alpha / n, total, at: 0, to: &estimates, at: draw * width)
    }
  }
}

extension RowDraws {
  /// The codes of all samples, estimate by estimate: `[count][samples][D]`.
  func interleavedCodes(_ samples: Int, latents: Int) -> [Int32] {
    var points: [Int32] = []
    points.reserveCapacity(count * samples * latents)
    for draw in 0..<count {
      for sample in 0..<samples {
        points.append(contentsOf: codes[sample][draw * latents..<(draw + 1) * latents])
      }
    }
    return points
  }
}

extension EstimatorDescriptor {
  static let doubleControlVariateFormula =
    "g = (1/n) sum_i (f_i + a c_i - mean_{j!=i}(f_j + a c_j)) (z_i - p) - a J(p) mean_i h_i, c_i = <<mean_{j!=i} h_j, z_i - p>>"

  static let doubleControlVariate = EstimatorDescriptor(
    name: "double-cv", family: .scoreFunction, bias: .unbiased,
    summary: "Leave-one-out baselines corrected by the slopes at the other samples.",
    formula: doubleControlVariateFormula, exactOn: "every cost", cost: "n gradients",
    source: "Titsias and Shi, arXiv 2111.05300",
    traps: [
      "It can raise the variance where the cost is far from linear between the samples.",
      "With automatic differentiation, the factor of a batch mean must be taken out of every h_i.",
    ],
    parameters: [
      ParameterSpec("samples", .integer(2...64), default: .integer(2), "draws per estimate, n"),
      ParameterSpec("alpha", .real, default: .number(1), "weight a of the correction"),
    ],
    make: {
      DoubleControlVariate(samples: $0.integer("samples"), alpha: $0.number("alpha"))
    })
}

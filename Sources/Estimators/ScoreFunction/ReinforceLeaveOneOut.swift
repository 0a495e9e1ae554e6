import Discrete

/// REINFORCE with the mean of the other samples as baseline (RLOO):
/// `g = (1/(n-1)) sum_i (f_i - fbar) (z_i - p)`.
///
/// Unbiased; unchanged by a constant added to the cost. It is the sample covariance of `f` and
/// the score, which gives its exact moments in closed form.
/// Complexity: `O(n D K)` per estimate beside `n` oracle values.
public struct ReinforceLeaveOneOut: FusedEstimator, ExactEstimator {
  /// Independent draws per estimate, at least 2.
  public let samples: Int
  /// Temperature `T` of the distribution `softmax(phi / T)`; its score carries a factor `1/T`.
  public let temperature: Double

  /// - Throws: `DiscreteError.parameter` for fewer than 2 samples or a temperature that is not a
  ///   finite number above 0.
  public init(samples: Int, temperature: Double = 1) throws {
    guard temperature > 0, temperature.isFinite else {
      throw DiscreteError.parameter(
        "a temperature must be a finite number above 0, found \(temperature)")
    }
    guard samples >= 2 else {
      throw DiscreteError.parameter("reinforce-loo needs at least 2 samples, found \(samples)")
    }
    self.samples = samples
    self.temperature = temperature
  }

  public var plan: EvaluationPlan {
    EvaluationPlan(distribution: .sample(temperature: temperature), samples: samples, values: true)
  }
  public var traits: EstimatorTraits {
    EstimatorTraits(ignoredConstants: [.level], ragged: .served)
  }

  public func combine(_ row: RowLogits, _ draws: RowDraws, into estimates: inout [Double]) {
    let width = row.values.count
    for index in 0..<draws.count * width { estimates[index] = 0 }
    for draw in 0..<draws.count {
      var mean = 0.0
      for sample in 0..<samples { mean += draws.values[sample][draw] }
      mean /= Double(samples)
      let base = draw * width
      // The advantages sum to 0, so the term in p drops out.
      for sample in 0..<samples {
        let advantage =
          (draws.values[sample][draw] - mean) / (Double(samples - 1) * temperature)
        for latent in 0..<row.latents {
          let category = Int(draws.codes[sample][draw * row.latents + latent])
          estimates[base + latent * row.categories + category] += advantage
        }
      }
    }
  }

  public func fusedRule(_ row: RowLogits) -> FusedRule? {
    .leaveOneOut(samples: samples, temperature: temperature)
  }

  /// With the kernel `k = (f - f')(u - u')/2` of the sample covariance:
  /// `Cov g = (4 (n-2) zeta_1 + 2 zeta_2) / (n (n-1))`, `4 zeta_1 = Cov(f~ u)`,
  /// `zeta_2 = (E[f~^2 u u^T] + Var f E[u u^T]) / 2`, `f~ = f - E f` (Hoeffding 1948).
  public func exactMoments(_ row: RowLogits, _ jointCodes: RowJointCodes) -> ExactMoments? {
    var mean = 0.0
    for jointCode in 0..<jointCodes.count {
      mean += jointCodes.weights[jointCode] * jointCodes.values[jointCode]
    }
    var linear = jointCodes.values
    var squared = linear
    var variance = 0.0
    for jointCode in 0..<jointCodes.count {
      let centred = jointCodes.values[jointCode] - mean
      linear[jointCode] = jointCodes.weights[jointCode] * centred
      squared[jointCode] = linear[jointCode] * centred
      variance += squared[jointCode]
    }
    let gradient = jointCodes.scoreSums(linear).first.map { $0 / temperature }
    let fourth = jointCodes.scoreSums(squared).second
    let second = jointCodes.scoreCovariance
    let (n, width, square) = (Double(samples), jointCodes.width, temperature * temperature)
    var covariance = fourth
    for i in 0..<width {
      for j in 0..<width {
        let index = i * width + j
        let single = fourth[index] / square - gradient[i] * gradient[j]
        let pair = 0.5 * (fourth[index] + variance * second[index]) / square
        covariance[index] = ((n - 2) * single + 2 * pair) / (n * (n - 1))
      }
    }
    return ExactMoments(RowMoments(mean: gradient, covariance: covariance))
  }
}

extension EstimatorDescriptor {
  static let reinforceLeaveOneOut = EstimatorDescriptor(
    name: "reinforce-loo", family: .scoreFunction, bias: .unbiased,
    summary: "REINFORCE with the mean of the other samples as baseline (RLOO).",
    formula: "g = (1/(n-1)) sum_i (f_i - fbar) (z_i - p), z_i ~ Cat(p) independent",
    exactOn: "every cost", cost: "n values",
    source: "Mnih and Rezende, arXiv 1602.06725; Kool et al. 2019, openreview r1lgTGL5DE",
    traps: ["Dividing by n with the plain batch mean shrinks the gradient by (n-1)/n."],
    parameters: [
      ParameterSpec(
        "samples", .integer(2...64), default: .integer(2), "independent draws per estimate, n")
    ],
    make: { try ReinforceLeaveOneOut(samples: $0.integer("samples")) })
}

/// Moments of a random map `A` of one latent, given each winner of the forward perturbation or of a
/// single distribution: what exact moments of the straight-through Gumbel family need. `A = J(s)` with a random
/// surrogate softmax `s`, unless said otherwise.
public protocol SurrogateMoments: Sendable {
  /// `K` distributions, one given each winner, or a single one.
  var distributions: Int { get }
  /// `E A` of every distribution, `[distributions][K][K]`, with rows that sum to 0.
  var jacobianMeans: [Double] { get }
  /// `sum_x E[A M_x A^T | x]`, `[K][K]`, for symmetric `M`, `[distributions][K][K]`.
  func sandwich(_ matrices: [Double]) -> [Double]
}

/// Surrogate softmaxes of conditional Gumbels: by tables of fourth moments where categories are few,
/// by contraction at the nodes of the quadrature where they are many.
public enum SurrogateSoftmax {
  /// More categories than this have no moments: their time grows as `K^3`.
  public static let maximumCategories = 128

  /// `s` given each winner in turn; see `WinnerMoments.conditional`.
  public static func conditional(
    logProbabilities: [Double], logOffsets: [Double], exponent: Double, step: Double
  ) -> any SurrogateMoments {
    if logProbabilities.count <= SoftmaxMoments.maximumCategories {
      return WinnerMoments.conditional(
        logProbabilities: logProbabilities, logOffsets: logOffsets, exponent: exponent, step: step)
    }
    return NodeMoments.conditional(
      logProbabilities: logProbabilities, logOffsets: logOffsets, exponent: exponent, step: step)
  }

  /// `s` without a known winner: the mixture over winners.
  public static func unconditional(
    probabilities: [Double], exponent: Double, step: Double
  ) -> any SurrogateMoments {
    if probabilities.count <= SoftmaxMoments.maximumCategories {
      return WinnerMoments.unconditional(
        probabilities: probabilities, exponent: exponent, step: step)
    }
    return NodeMoments.unconditional(
      probabilities: probabilities, exponent: exponent, step: step)
  }
}

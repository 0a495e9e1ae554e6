/// An estimator that can say in a few numbers how one estimate follows from a draw, so that a
/// compiled kernel can form the same estimates and their sums in one pass.
///
/// `combine` remains what the estimator is; locally linear estimators without noise need no rule,
/// their maps say the same.
public protocol FusedEstimator: GradientEstimator {
  /// The rule for one row; nil where these settings have none.
  func fusedRule(_ row: RowLogits) -> FusedRule?
}

/// How one estimate follows from a draw.
public enum FusedRule: Sendable {
  /// `g_d = scale J(s_d) h_d` with a surrogate softmax `s` on the noise of the draw.
  case surrogate(NoisySurrogate)
  /// `g = (1 / ((n - 1) T)) sum_i (f_i - fbar) z_i` with `n = samples` independent draws.
  case leaveOneOut(samples: Int, temperature: Double)
}

/// `s = softmax(exponent * perturbed + offsets)`, where `perturbed = log p + Gumbel` has the drawn
/// code as its argmax.
public struct NoisySurrogate: Sendable {
  public var exponent: Double
  /// `[D][K]`.
  public var offsets: [Double]
  /// Factor of the softmax Jacobian.
  public var scale: Double
  /// Whether `h = df/dz` is taken at `s` itself instead of at the code.
  public var soft: Bool

  public init(exponent: Double, offsets: [Double], scale: Double, soft: Bool) {
    self.exponent = exponent
    self.offsets = offsets
    self.scale = scale
    self.soft = soft
  }
}

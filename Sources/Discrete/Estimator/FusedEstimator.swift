/// An estimator that can say in a few numbers how one estimate follows from a draw, so that a
/// compiled kernel can form the same estimates of many draws side by side, in float32: on toys with
/// their sums in one pass, on networks in float32 from the derivatives of the oracle.
///
/// `combine` remains what the estimator is. Without a rule everything works the same, slower; toys take
/// locally linear estimators without noise by their maps.
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
  /// `g_d = scale J(m_d) h_d + distributionScale J(p_d) h_d` with `m` between a fixed point and the code.
  case mixture(CodeMixture)
  /// `g_d = scale J(s_d) h_d` with weights that the drawn category caps.
  case capped(CappedWeights)
}

/// `m = (1 - mix) s + mix z` with a fixed `s` and the one-hot code `z`.
public struct CodeMixture: Sendable {
  /// `s`, `[D][K]`.
  public var points: [Double]
  public var mix: Double
  /// Factor of `J(m) h`.
  public var scale: Double
  /// `p`, `[D][K]`; empty for no second term.
  public var distribution: [Double]
  /// Factor of `J(p) h`.
  public var distributionScale: Double

  public init(
    points: [Double], mix: Double = 0, scale: Double, distribution: [Double] = [],
    distributionScale: Double = 0
  ) {
    self.points = points
    self.mix = mix
    self.scale = scale
    self.distribution = distribution
    self.distributionScale = distributionScale
  }
}

/// `s_x` in proportion to 1 and `s_i` to `min(weights_i, caps_x)`, for the drawn category `x`.
public struct CappedWeights: Sendable {
  /// `[D][K]`, at most 1.
  public var weights: [Double]
  /// By drawn category, `[D][K]`, at most 1.
  public var caps: [Double]
  /// Factor of the softmax Jacobian.
  public var scale: Double

  public init(weights: [Double], caps: [Double], scale: Double) {
    self.weights = weights
    self.caps = caps
    self.scale = scale
  }
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

/// Kinds of costs whose coefficients say all about them.
public enum CostForm: Sendable {
  case polynomial(CubicPolynomial)
  case powers(PowerDistances)
}

/// `f(y) = y' A y + b . y + sum_r ((W y)_r)^3 + c`.
public struct CubicPolynomial: Sendable {
  /// `A[D K][D K]`, not necessarily symmetric; empty where there is no quadratic part.
  public var matrix: [Double]
  /// `b[D K]`.
  public var linear: [Double]
  /// `W[R][D K]`.
  public var factors: [Double]
  /// `c`.
  public var constant: Double

  public init(
    matrix: [Double] = [], linear: [Double], factors: [Double] = [], constant: Double = 0
  ) {
    self.matrix = matrix
    self.linear = linear
    self.factors = factors
    self.constant = constant
  }

  /// Number of cubic terms.
  public var rank: Int { linear.isEmpty ? 0 : factors.count / linear.count }
}

/// `f(y) = s sum_d |sum_k v_k y[d, k] - c_d|^p`.
public struct PowerDistances: Sendable {
  /// `p >= 1`.
  public var power: Double
  /// `v[K]`.
  public var levels: [Double]
  /// `c[D]`.
  public var centres: [Double]
  /// `s`.
  public var scale: Double
}

/// A rank-1 lattice `frac(i z / n)`, `i < n`, for periodic integrands of the unit cube.
struct LatticeRule {
  /// A change of variable on `[0, 1]` that makes an integrand periodic.
  enum Periodisation {
    /// `u = 3 s^2 - 2 s^3`, weight `6 s (1 - s)`: second order with small constants in few
    /// variables; the variance of the weight, `1.2^d - 1`, forbids many.
    case cubic
    /// `u = 1 - |2 s - 1|`: no weight, whatever the number of variables.
    case tent
  }

  /// `n`, a power of two.
  let points: Int
  /// `z`. Built component by component for the worst-case error of order 2 (kernel
  /// `2 pi^2 (x^2 - x + 1/6)`) with weights that fall as `0.9^j` (Sloan and Reztsov 2002).
  let generator: [Int]
  let periodisation: Periodisation

  /// Most variables of `few`.
  static let fewVariables = 6

  /// Rules for few variables, to be tried in turn until the error is small enough.
  static let few = [
    LatticeRule(points: 1 << 13, generator: long, periodisation: .cubic),
    LatticeRule(
      points: 1 << 15, generator: [1, 12033, 7503, 15835, 11159, 6843], periodisation: .cubic),
    LatticeRule(
      points: 1 << 17, generator: [1, 50687, 44805, 12937, 40021, 58281], periodisation: .cubic),
  ]

  /// The rule for more variables, whose generator serves the first 64.
  static let many = LatticeRule(points: 1 << 13, generator: long, periodisation: .tent)

  private static let long = [
    1, 2433, 1715, 131, 3829, 3275, 3687, 259, 4095, 3171, 257, 133, 667, 3439, 2905, 1057, 1981,
    2515, 791, 1591, 3173, 2249, 1325, 401, 2125, 3049, 3973, 3295, 2371, 1201, 1447, 277, 811,
    1735, 113, 503, 2659, 1427, 1817, 3131, 3747, 1119, 195, 1509, 2823, 4055, 2741, 421, 893,
    2207, 3521, 3357, 2043, 729, 585, 1899, 3213, 3665, 2351, 1037, 1345, 31, 1283, 2597,
  ]

  /// Coordinate `j` of point `i`, shifted by `offset` and wrapped.
  func coordinate(_ i: Int, _ j: Int, offset: Double) -> Double {
    let position = Double(i * generator[j] % points) / Double(points) + offset
    return position - position.rounded(.down)
  }

  /// `u`, its complement `1 - u` (each with its own digits) and the weight `du/ds` at `s`.
  func periodised(_ s: Double) -> (uniform: Double, complement: Double, weight: Double) {
    // Kept away from the ends, where logarithms are infinite.
    let s = min(max(s, 1e-15), 1 - 1e-15)
    let rest = 1 - s
    switch periodisation {
    case .cubic: return (s * s * (1 + 2 * rest), rest * rest * (1 + 2 * s), 6 * s * rest)
    case .tent: return (2 * min(s, rest), 1 - 2 * min(s, rest), 1)
    }
  }
}

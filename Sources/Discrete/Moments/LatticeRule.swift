/// A rank-1 lattice `frac(i z / n)`, `i < n`, for periodic integrands of the unit cube.
package struct LatticeRule {
  /// A change of variable on `[0, 1]` that makes an integrand periodic.
  package enum Periodisation {
    /// `u = 3 s^2 - 2 s^3`, weight `6 s (1 - s)`: second order with small constants in few
    /// variables; the variance of the weight, `1.2^d - 1`, forbids many.
    case cubic
    /// `u = 1 - |2 s - 1|`: no weight, whatever the number of variables.
    case tent
  }

  /// `n`, a power of two.
  package let points: Int
  /// `z`, each component below half of `n`. Built component by component for the worst-case error of order 2 (kernel
  /// `2 pi^2 (x^2 - x + 1/6)`) with weights that fall as `0.9^j` (Sloan and Reztsov 2002).
  package let generator: [Int]
  package let periodisation: Periodisation

  /// Most variables of `few`.
  package static let fewVariables = 6

  /// The rule of as many points for few variables: a power of two from 2^8 to 2^20.
  package static func few(points: Int) -> LatticeRule {
    let rule = several(points: points)
    return LatticeRule(
      points: rule.points, generator: Array(rule.generator[..<fewVariables]), periodisation: .cubic)
  }

  /// Most variables of `several`.
  package static let severalVariables = 16

  /// The fewest points of a rule, and their logarithm to base 2.
  package static let fewestPoints = 1 << fewest
  package static let fewest = 8

  /// The rule of as many points for up to 16 variables: a power of two; the nearest there is, from
  /// 2^8 to 2^20.
  package static func several(points: Int) -> LatticeRule {
    let index = min(max(points.trailingZeroBitCount - fewest, 0), generators.count - 1)
    return LatticeRule(
      points: 1 << (fewest + index), generator: generators[index], periodisation: .tent)
  }

  /// Generating vectors for 2^8, 2^9, ... 2^20 points.
  private static let generators = [
    [
      1, 99, 27, 11, 7, 29, 9, 45, 47, 119, 101, 83, 63, 65, 81, 117,
    ],
    [
      1, 149, 113, 207, 13, 201, 123, 97, 91, 175, 227, 39, 65, 253, 71, 233,
    ],
    [
      1, 283, 157, 387, 297, 133, 45, 159, 69, 183, 411, 499, 273, 385, 501, 409,
    ],
    [
      1, 857, 269, 949, 913, 989, 599, 875, 987, 839, 1023, 765, 895, 821, 969, 1005,
    ],
    [
      1, 1731, 985, 1869, 1669, 1465, 1093, 303, 457, 1871, 101, 1063, 861, 1265, 1947, 1187,
    ],
    Array(long[..<severalVariables]),
    [
      1, 6229, 2691, 1505, 5735, 5309, 4669, 7869, 5699, 591, 6687, 3601, 7717, 4591, 1543, 6649,
    ],
    [
      1, 12033, 7503, 15835, 11159, 6843, 11463, 5649, 4259, 1305, 3901, 1861, 10563, 8523, 15543,
      13503,
    ],
    [
      1, 25015, 5425, 26133, 9563, 1241, 15831, 3215, 25223, 9639, 19291, 9067, 28605, 13437, 28111,
      6595,
    ],
    [
      1, 38401, 59817, 35927, 20535, 38231, 61549, 32501, 24019, 5647, 45591, 52449, 40479, 36489,
      17669, 41603,
    ],
    [
      1, 96407, 51651, 28129, 75767, 829, 79973, 108549, 111695, 3505, 130373, 105279, 1167, 103875,
      79717, 103409,
    ],
    [
      1, 154805, 242105, 171449, 24087, 81717, 179603, 38851, 159711, 76397, 211773, 89861, 24267,
      55025, 60279, 61701,
    ],
    [
      1, 443165, 95693, 34519, 235147, 317205, 318873, 460733, 495545, 215825, 366967, 364759,
      237911, 193801, 467575, 469073,
    ],
  ]

  /// The rule for more variables, whose generator serves the first 64.
  package static let many = LatticeRule(points: 1 << 13, generator: long, periodisation: .tent)

  private static let long = [
    1, 2433, 1715, 131, 3829, 3275, 3687, 259, 4095, 3171, 257, 133, 667, 3439, 2905, 1057, 1981,
    2515, 791, 1591, 3173, 2249, 1325, 401, 2125, 3049, 3973, 3295, 2371, 1201, 1447, 277, 811,
    1735, 113, 503, 2659, 1427, 1817, 3131, 3747, 1119, 195, 1509, 2823, 4055, 2741, 421, 893,
    2207, 3521, 3357, 2043, 729, 585, 1899, 3213, 3665, 2351, 1037, 1345, 31, 1283, 2597,
  ]

  /// Coordinate `j` of point `i`, shifted by `offset` and wrapped.
  package func coordinate(_ i: Int, _ j: Int, offset: Double) -> Double {
    // A power of two: the remainder is a mask.
    let position = Double(i * generator[j] & (points - 1)) / Double(points) + offset
    return position - position.rounded(.down)
  }

  /// `u`, its complement `1 - u` (each with its own digits) and the weight `du/ds` at `s`.
  package func periodised(_ s: Double) -> (uniform: Double, complement: Double, weight: Double) {
    // Kept away from the ends, where logarithms are infinite.
    let s = min(max(s, 1e-15), 1 - 1e-15)
    let rest = 1 - s
    switch periodisation {
    case .cubic: return (s * s * (1 + 2 * rest), rest * rest * (1 + 2 * s), 6 * s * rest)
    case .tent: return (2 * min(s, rest), 1 - 2 * min(s, rest), 1)
    }
  }
}

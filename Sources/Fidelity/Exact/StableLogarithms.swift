import Foundation

/// Logarithms without loss of digits, for uniforms `u` that come with digits of their own in `1 - u`.

/// `log u`, from the smaller of `u` and `1 - u`.
func logarithm(_ value: Double, complement: Double) -> Double {
  value < 0.5 ? log(value) : log1p(-complement)
}

/// `-log(-log u)`.
func gumbel(_ uniform: Double, complement: Double) -> Double {
  -log(-logarithm(uniform, complement: complement))
}

/// The `x` whose survival `(1 + e^x)^(-members)` has the given logarithm.
func raceQuantile(logSurvival: Double, members: Int) -> Double {
  log(expm1(-logSurvival / Double(members)))
}

/// How far the soft maximum `log(1 + e^x)` of 0 and `x` is above the larger one.
func softExcess(_ x: Double) -> Double { log1p(exp(-abs(x))) }

import CKernels
import Foundation

/// The nodes of `1 / V^4 = int u^3 e^{-uV} du / 6` by the trapezoidal rule in `log u`, for `V = sum v_i`,
/// `v_i = c_i r_i^alpha`, as in `SoftmaxMoments`.
struct LaplaceGrid {
  /// `u`, padded to whole lanes with nodes that weigh nothing: `e^{-uV}` vanishes there.
  let nodes: [Double]

  /// The error of rules with a step: that of the trapezoidal rule, or rounding.
  static func tolerance(step: Double) -> Double { max(1e-16, exp(-9.9 / step)) }

  /// Logarithms of the bounds that `v_i` of a loser keeps but for a negligible probability: it falls
  /// below `(tolerance p_i)^alpha c_i` or rises above `(p_i / tolerance)^alpha c_i` as rarely, and never
  /// above `c_i`.
  static func loserBounds(
    logProbability: Double, logOffset: Double, exponent: Double, step: Double
  ) -> (lowest: Double, highest: Double) {
    let rare = log(tolerance(step: step))
    let own = min(0, logProbability)
    return (
      logOffset + exponent * (own + rare), min(logOffset, logOffset + exponent * (own - rare))
    )
  }

  /// Uniform in `log u`, from where `(uV)^4` is negligible to where `e^{-uV}` is.
  ///
  /// - Parameters:
  ///   - lowest: logarithm of what `V` hardly ever falls below.
  ///   - highest: logarithm of what no term of `V` hardly ever rises above.
  init(lowest: Double, highest: Double, terms: Int, step: Double) {
    let first = 0.25 * log(LaplaceGrid.tolerance(step: step)) - log(Double(terms)) - 1 - highest
    let last = log(40.0) - lowest
    var nodes: [Double] = []
    var position = (first / step).rounded(.down)
    while position * step <= last || nodes.count % Int(GF_MOMENT_LANES) != 0 {
      nodes.append(exp(position * step))
      position += 1
    }
    self.nodes = nodes
  }
}

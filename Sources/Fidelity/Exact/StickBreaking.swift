import Foundation

/// Gumbel-perturbed logits of one latent, up to a common shift, from `K - 1` uniforms.
///
/// `K` independent exponentials over their sum are uniform on the simplex, which stick-breaking
/// draws: with `m` categories still to come, a share `1 - u^(1/m)` of what is left falls to the
/// next one. The perturbed logits are `a_k - log x_k`.
struct StickBreaking {
  /// `a_k`, the locations of the Gumbel noise.
  private let locations: [Double]
  /// Categories in the order of breaking: the least likely first, whose errors at low temperatures
  /// are the smallest of the orders tried.
  private let order: [Int]

  init(locations: some Sequence<Double>) {
    let locations = Array(locations)
    self.locations = locations
    order = locations.indices.sorted {
      locations[$0] == locations[$1] ? $0 < $1 : locations[$0] < locations[$1]
    }
  }

  /// Appends `K` perturbed logits. `uniform(j)` gives `u_j` and `1 - u_j`, `j < K - 1`, both in
  /// (0, 1) and with digits of their own.
  func append(
    to perturbed: inout [Double], _ uniform: (_ j: Int) -> (value: Double, complement: Double)
  ) {
    let base = perturbed.count
    perturbed.append(contentsOf: locations)
    // `log` of what is left of the stick.
    var left = 0.0
    for j in 0..<order.count - 1 {
      let (value, complement) = uniform(j)
      let logValue = value < 0.5 ? log(value) : log1p(-complement)
      let last = j == order.count - 2
      let kept = last ? logValue : logValue / Double(order.count - 1 - j)
      perturbed[base + order[j]] -= left + (last ? log(complement) : log(-expm1(kept)))
      left += kept
    }
    perturbed[base + order[order.count - 1]] -= left
  }
}

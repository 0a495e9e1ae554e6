import Foundation

/// Gumbel-perturbed logits of one latent, up to a common shift, from `K - 1` uniforms.
///
/// Categories join one after the other, the most likely first. With `T_i = e^(-v_i)` exponential of
/// rate `e^(a_i)`, what the first `j` leave open is their common scale, of Gamma's distribution; so the next one
/// has `P(v_k < v) = (1 + e^(a_k - v) / R)^(-j)`, `R = sum_i e^(a_i - v_i)`: one uniform each.
///
/// Soft points change within a width `w` of where a category overtakes the leader, less often the
/// narrower that is. Below a width of a half, `d = l - v_k`, the lead over the new one, is therefore
/// drawn from a mixture of its own distribution and, with a share of a fifth, a logistic distribution of scale `1.5 w` at
/// 0; weights make up for it, a factor of 1.25 at most. `l = w log sum_i e^(v_i / w)` is the soft
/// maximum, without a kink. Cost: two exponentials a step of Newton's, about five steps a uniform.
struct GumbelRace: Sendable {
  /// `a_k`, the locations of the Gumbel noise.
  private let locations: [Double]
  /// Categories in the order of joining.
  private let order: [Int]
  /// `w`.
  private let width: Double
  private let isStretched: Bool

  private static let share = 0.2
  /// Walls beyond which no category comes back: the search needs finite bounds.
  private static let lowest = -1e3

  /// - Parameters:
  ///   - locations: `a`, all of them finite.
  ///   - width: `w`; nil leaves all weights at 1.
  init(locations: some Sequence<Double>, width: Double?) {
    let locations = Array(locations)
    self.locations = locations
    order = locations.indices.sorted {
      locations[$0] == locations[$1] ? $0 < $1 : locations[$0] > locations[$1]
    }
    // Narrower ones make estimates of 1e9: nothing is left to resolve.
    self.width = max(width ?? 1, 1e-9)
    isStretched = (width ?? 1) < 0.5
  }

  /// Appends `K` perturbed logits and returns the weight of the point. `uniform(j)` gives `u_j` and
  /// `1 - u_j`, `j < K - 1`, both in (0, 1) and with digits of their own.
  func append(
    to perturbed: inout [Double], _ uniform: (_ j: Int) -> (value: Double, complement: Double)
  ) -> Double {
    let base = perturbed.count
    perturbed.append(contentsOf: locations)
    perturbed[base + order[0]] = 0
    var leader = 0.0
    var logRate = locations[order[0]]
    var weight = 1.0
    for j in 1..<max(1, order.count) {
      let location = locations[order[j]]
      let (value, complement) = uniform(j - 1)
      // x = log(e^(a_k - v) / R), of survival (1 + e^x)^(-j).
      var x = raceQuantile(
        logSurvival: logarithm(complement, complement: value), members: j)
      if isStretched {
        let own = LeadDistribution(
          members: j, wall: max(location - leader - logRate, Self.lowest), share: Self.share,
          scale: 1.5 * width)
        let (stretched, ratio) = own.quantile(value, complement, unstretched: x)
        x = stretched
        weight *= ratio
      }
      let next = location - x - logRate
      perturbed[base + order[j]] = next
      if isStretched { leader = softMaximum(leader, next) }
      logRate = max(logRate, x + logRate) + softExcess(x)
    }
    return weight
  }

  private func softMaximum(_ a: Double, _ b: Double) -> Double {
    max(a, b) + width * softExcess((a - b) / width)
  }
}

/// The distribution of `x = d + wall`, where the lead `d` of the categories before is drawn from a mixture.
private struct LeadDistribution {
  /// Categories before.
  let members: Int
  /// `x` where the new category draws level.
  let wall: Double
  /// Share and scale of the logistic distribution there.
  let share: Double
  let scale: Double

  /// The quantile of the mixture, and its own density over that of the mixture there.
  ///
  /// - Parameter unstretched: the quantile of its own distribution. That of the logistic distribution is the other
  ///   bound of the search.
  func quantile(
    _ value: Double, _ complement: Double, unstretched: Double
  ) -> (x: Double, ratio: Double) {
    let level = wall + scale * log(value / complement)
    var (low, high) = (min(unstretched, level), max(unstretched, level))
    var x = min(max(guess(value, complement), low), high)
    var ratio = 1.0
    // Newton's method on the logit of the distribution function, almost straight on either side of
    // the wall; halving where it leaves the bounds.
    for _ in 0..<100 {
      let (q, p) = sigmoids(x)
      let (farther, nearer) = sigmoids((x - wall) / scale)
      var power = q
      var sum = 1.0
      for _ in 1..<members {
        sum += power
        power *= q
      }
      let above = (1 - share) * power + share * farther
      let below = (1 - share) * p * sum + share * nearer
      let own = Double(members) * power * p
      let density = (1 - share) * own + share * farther * nearer / scale
      ratio = own / density
      let excess = log((below / value) * (complement / above))
      if excess > 0 { high = x } else { low = x }
      let step = excess * below * above / density
      var next = x - step
      if !(next >= low && next <= high) { next = 0.5 * (low + high) }
      let moved = abs(next - x)
      x = next
      if moved <= 1e-7 * scale || moved <= 1e-15 * abs(x) { break }
    }
    return (x, ratio)
  }

  /// The quantile with the logistic distribution a jump at the wall or, within that jump, its own distribution constant.
  private func guess(_ value: Double, _ complement: Double) -> Double {
    let (q, p) = sigmoids(wall)
    var above = q
    var below = p
    for _ in 1..<members {
      below += above * p
      above *= q
    }
    let under = value - (1 - share) * below
    let over = complement - (1 - share) * above
    guard under > 0 else {
      return raceQuantile(logSurvival: log(1 - value / (1 - share)), members: members)
    }
    guard over > 0 else {
      return raceQuantile(logSurvival: log(complement / (1 - share)), members: members)
    }
    return wall + scale * log(under / over)
  }

  /// `1 / (1 + e^x)` and `1 / (1 + e^(-x))`.
  @inline(__always)
  private func sigmoids(_ x: Double) -> (Double, Double) {
    let tail = exp(-abs(x))
    let far = tail / (1 + tail)
    let near = 1 / (1 + tail)
    return x > 0 ? (far, near) : (near, far)
  }
}

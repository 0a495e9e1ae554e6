import Discrete
import Foundation

/// One latent as a chain of binary sticks: the categories in an order, `s_i = p_i / sum_{j >= i} p_j`,
/// and the draw is the first stick that comes up.
struct StickBreaking: Sendable {
  /// How the categories are ordered by their probability.
  enum Order: String, Sendable, CaseIterable {
    case ascending
    case natural
    case descending
  }

  /// Categories in order.
  let order: [Int]
  /// `s_i` of the first `K - 1` sticks.
  let sticks: [Double]
  /// `phi` in order, and `log sum_{j >= i} exp phi_j`.
  private let logits: [Double]
  private let tails: [Double]

  init(_ values: ArraySlice<Double>, order kind: Order) {
    let natural = Array(values.indices)
    let sorted =
      switch kind {
      case .natural: natural
      case .ascending: natural.sorted { (values[$0], $0) < (values[$1], $1) }
      case .descending: natural.sorted { (values[$1], $0) < (values[$0], $1) }
      }
    order = sorted.map { $0 - values.startIndex }
    logits = sorted.map { values[$0] }
    var tails = logits
    for index in stride(from: logits.count - 2, through: 0, by: -1) {
      let (a, b) = (max(logits[index], tails[index + 1]), min(logits[index], tails[index + 1]))
      tails[index] = a + log1p(exp(b - a))
    }
    self.tails = tails
    let kept = logits
    sticks = (0..<max(0, kept.count - 1)).map { sigmoid(kept[$0] - tails[$0 + 1]) }
  }

  static func all(_ row: RowLogits, order: Order) -> [StickBreaking] {
    (0..<row.latents).map {
      StickBreaking(
        row.values[$0 * row.categories..<($0 + 1) * row.categories], order: order)
    }
  }

  /// Positions of an antithetic pair: the first stick with `u < s`, and the first with `1 - u < s`.
  func pair(_ uniforms: ArraySlice<Double>) -> (first: Int, second: Int) {
    let first = zip(uniforms, sticks).firstPosition { $0 < $1 } ?? sticks.count
    let second = zip(uniforms, sticks).firstPosition { 1 - $0 < $1 } ?? sticks.count
    return (first, second)
  }

  /// Adds the pull-back of `gradient = dL/d alpha_i`, `alpha_i = phi_i - log sum_{j > i} exp phi_j`.
  func addGradient(_ gradient: Double, stick: Int, to estimates: inout [Double], at base: Int) {
    estimates[base + order[stick]] += gradient
    for j in stick + 1..<order.count {
      estimates[base + order[j]] -= gradient * exp(logits[j] - tails[stick + 1])
    }
  }

  /// Every pair of positions as an outcome of the uniforms: after a draw has stopped, its sticks no
  /// longer matter. Cost: `O(K^2)` outcomes of `K - 1` numbers.
  func atoms() -> [UniformAtom] {
    var atoms: [UniformAtom] = []
    // The draws go on together with this probability; uniforms of 1/2 stop either or none.
    var together = 1.0
    let uniforms = sticks.map { _ in 0.5 }
    for (stick, s) in sticks.enumerated() {
      let parted = min(s, 1 - s)
      for (side, own) in [0.5 * parted, 1 - 0.5 * parted].enumerated() where parted > 0 {
        var weight = together * parted
        var outcome = uniforms
        outcome[stick] = own
        // The other draw goes on alone; its sticks come up at this uniform.
        for next in stick + 1...sticks.count {
          let t = next < sticks.count ? sticks[next] : 1
          if next < sticks.count { outcome[next] = side == 0 ? 1 - 0.5 * t : 0.5 * t }
          if weight * t > 0 { atoms.append(UniformAtom(weight: weight * t, uniforms: outcome)) }
          weight *= 1 - t
          if next < sticks.count {
            outcome[next] = side == 0 ? 0.5 * (1 - t) : 1 - 0.5 * (1 - t)
          }
        }
      }
      // Both stop where s exceeds 1/2, none where it does not.
      if s > 0.5 {
        atoms.append(UniformAtom(weight: together * (2 * s - 1), uniforms: uniforms))
        return atoms
      }
      together *= 1 - 2 * s
    }
    if together > 0 { atoms.append(UniformAtom(weight: together, uniforms: uniforms)) }
    return atoms
  }
}

extension Sequence {
  fileprivate func firstPosition<A, B>(_ holds: (A, B) -> Bool) -> Int? where Element == (A, B) {
    for (position, pair) in enumerated() where holds(pair.0, pair.1) { return position }
    return nil
  }
}

/// `1 / (1 + exp(-x))`, stable for large `x` of either sign.
func sigmoid(_ x: Double) -> Double {
  x >= 0 ? 1 / (1 + exp(-x)) : exp(x) / (1 + exp(x))
}

/// The gradient of an antithetic pair of bits `b = 1[u < s]`, `b' = 1[1 - u < s]` at one node of a chain
/// or tree, `difference = f - f'` of the draws that follow it.
///
/// Passed by both: DisARM. Passed by one of them only: its score.
func antitheticGradient(
  _ first: Bool?, _ second: Bool?, _ s: Double, difference: Double
) -> Double {
  switch (first, second) {
  case (let b?, let c?):
    b == c ? 0 : 0.5 * difference * (b ? 1 : -1) * max(s, 1 - s)
  case (let b?, nil): 0.5 * difference * ((b ? 1 : 0) - s)
  case (nil, let c?): -0.5 * difference * ((c ? 1 : 0) - s)
  case (nil, nil): 0
  }
}

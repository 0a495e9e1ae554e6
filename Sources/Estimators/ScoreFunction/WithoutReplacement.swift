import Discrete

extension JointDistribution {
  /// `size` different joint codes for every draw, by the first of its `stride` uniforms.
  func probes(_ size: Int, _ draws: RowDraws, stride: Int) -> Probes {
    let function = DistributionFunction(weights)
    var points: [Int32] = []
    for draw in 0..<draws.count {
      let uniforms = draws.uniforms[draw * stride..<draw * stride + size]
      for jointCode in ordered(uniforms, function) { append(jointCode, to: &points) }
    }
    return Probes(codes: points)
  }

  /// Different joint codes, drawn one after the other without replacement: as many as uniforms.
  ///
  /// - Parameter distribution: that of `weights`.
  /// - Returns: the joint codes in the order of the draw. Cost: a binary search per draw, or a pass over
  ///   the joint codes where little probability is left. Once only joint codes of probability 0 are left, the
  ///   first of them is taken.
  func ordered(_ uniforms: ArraySlice<Double>, _ function: DistributionFunction) -> [Int] {
    var chosen: [Int] = []
    for uniform in uniforms {
      let left = outside(chosen)
      var target = uniform * left
      guard left > Self.searched else {
        chosen.append(next(chosen, target))
        continue
      }
      // The chosen joint codes before the target are stepped over.
      for jointCode in chosen.sorted()
      where target >= function.cumulative[jointCode] - function.probability(jointCode) {
        target += weights[jointCode]
      }
      let jointCode = function.outcome(target)
      // Rounding at an edge may point at a chosen joint code.
      chosen.append(chosen.contains(jointCode) ? next(chosen, uniform * left) : jointCode)
    }
    return chosen
  }

  /// Above this much probability a difference from 1 is accurate enough.
  private static let searched = 1e-3

  /// `1 - P_S` of a list of different joint codes.
  func outside(_ chosen: [Int]) -> Double {
    let left = chosen.reduce(1) { $0 - weights[$1] }
    guard left <= Self.searched else { return left }
    let inside = Set(chosen)
    var sum = 0.0
    for (jointCode, weight) in weights.enumerated() where !inside.contains(jointCode) {
      sum += weight
    }
    return sum
  }

  /// The joint code that holds `target` on the distribution function of those not chosen.
  private func next(_ chosen: [Int], _ target: Double) -> Int {
    let inside = Set(chosen)
    var rest = target
    var pick: Int?
    for (jointCode, weight) in weights.enumerated() where weight > 0 && !inside.contains(jointCode)
    {
      pick = jointCode
      rest -= weight
      if rest < 0 { break }
    }
    return pick ?? weights.indices.first { !inside.contains($0) } ?? 0
  }

  /// Number of sets of `size` joint codes.
  static func sets(_ size: Int, of jointCodes: Int) -> Double {
    (0..<size).reduce(1) { $0 * Double(jointCodes - $1) / Double($1 + 1) }
  }

  /// Calls `body` with the members of every set of `size` joint codes, in rising order.
  func eachSet(_ size: Int, _ body: ([Int]) -> Void) {
    var members: [Int] = []
    func extend(from first: Int) {
      guard members.count < size else { return body(members) }
      for jointCode in first..<max(first, count - (size - members.count) + 1) {
        members.append(jointCode)
        extend(from: jointCode + 1)
        members.removeLast()
      }
    }
    extend(from: 0)
  }

  /// Every set of `size` joint codes as an outcome of as many uniforms; nil where there are more than
  /// `limit`, or where a set holds a joint code of almost no probability, which no uniform stands for.
  func setAtoms(_ size: Int, limit: Int = 1 << 17) -> [UniformAtom]? {
    guard Self.sets(size, of: count) <= Double(limit) else { return nil }
    var atoms: [UniformAtom] = []
    eachSet(size) { members in
      let weight = SetDistribution(self, members).probability
      if weight > 0 { atoms.append(UniformAtom(weight: weight, uniforms: uniforms(members))) }
    }
    return atoms
  }

  /// Uniforms with which `ordered` draws the set, the likeliest joint code first.
  private func uniforms(_ members: [Int]) -> [Double] {
    var left = weights
    return members.sorted { weights[$0] > weights[$1] }.map { member in
      let total = left.reduce(0, +)
      let before = left[..<member].reduce(0, +)
      defer { left[member] = 0 }
      return total > 0 ? (before + 0.5 * left[member]) / total : 0.5
    }
  }
}

/// Probabilities about one set of joint codes drawn without replacement, by recursion over its subsets:
/// sums of positive terms, so nothing cancels. Cost: `O(k 2^k)` each.
struct SetDistribution {
  /// `P_s` of the members.
  let weights: [Double]
  /// `1 - P_S`, summed over the joint codes outside.
  private let rest: Double

  init(_ distribution: JointDistribution, _ members: [Int]) {
    let all = distribution.weights
    weights = members.map { all[$0] }
    rest = distribution.outside(members)
  }

  /// `P(S)`: the set is drawn, in any order.
  var probability: Double { probability(leaving: []) }

  /// `P^{D \ X}(S \ X)`: the set without `X` is drawn where the members `X` do not exist.
  func probability(leaving excluded: [Int]) -> Double {
    let members = weights.indices.filter { !excluded.contains($0) }.map { weights[$0] }
    guard members.count > 1 || rest > 0 else { return 1 }
    let full = (1 << members.count) - 1
    var reach = [Double](repeating: 0, count: full + 1)
    reach[0] = 1
    for mask in 0..<full {
      var remaining = rest
      for (index, weight) in members.enumerated() where mask & (1 << index) == 0 {
        remaining += weight
      }
      for (index, weight) in members.enumerated() where mask & (1 << index) == 0 {
        // Among joint codes of probability 0 any may come next.
        let step =
          remaining > 0
          ? weight / remaining : 1 / Double(members.count - mask.nonzeroBitCount)
        reach[mask | (1 << index)] += reach[mask] * step
      }
    }
    return reach[full]
  }

  /// `P_s R(S, s)`: the probability that member `s` came first, given the set.
  var firstProbabilities: [Double] {
    let total = probability
    return weights.indices.map { ratio(weights[$0], probability(leaving: [$0]), total) }
  }

  /// `P_t R^{D \ s}(S, t)` for member `s`, with `P_s` at `t = s`: estimates of the cost's mean by
  /// these weights do not depend on how `s` was drawn.
  func baselineWeights(_ s: Int) -> [Double] {
    let total = probability(leaving: [s])
    return weights.indices.map { t in
      t == s ? weights[s] : ratio(weights[t], probability(leaving: [s, t]), total)
    }
  }

  private func ratio(_ weight: Double, _ numerator: Double, _ total: Double) -> Double {
    guard total > 0, weight > 0 else { return 0 }
    return weight * (numerator / total)
  }
}

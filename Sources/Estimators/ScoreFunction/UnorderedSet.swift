import Discrete

/// Unordered set: `k` different joint codes, drawn without replacement, with the order of the draw
/// summed out.
///
/// `g = sum_{s in S} P_s R(S, s) (f_s - B_s) (z_s - p)`, `R(S, s) = P^{D\s}(S\s) / P(S)`, `B_s = 0` or
/// `sum_{t in S} P_t R^{D\s}(S, t) f_t` with `R^{D\s}(S, s) = 1`. Unbiased on every cost; `k = 1`
/// without baseline is `reinforce`, and with all joint codes it is exact. Complexity:
/// `O(K^D k + k^3 2^k)` beside `k` oracle values.
public struct UnorderedSet: ProbingEstimator {
  /// Size of the set.
  public let size: Int
  /// Whether the built-in baseline is subtracted.
  public let hasBaseline: Bool

  public init(size: Int, hasBaseline: Bool) {
    self.size = min(max(size, 1), Self.largest)
    self.hasBaseline = hasBaseline
  }

  static let largest = 8

  public var plan: EvaluationPlan {
    EvaluationPlan(samples: 0, probes: ProbePlan(sharedUniforms: size, codes: size))
  }

  public func probes(_ row: RowLogits, _ draws: RowDraws) -> Probes {
    JointDistribution(row).probes(size, draws, stride: size)
  }
  /// Leave-one-out baselines of a set take every constant out.
  public var traits: EstimatorTraits {
    EstimatorTraits(
      ignoredConstants: [hasBaseline && size > 1 ? .level : .levelOfMean], ragged: .served)
  }

  public func combine(_ row: RowLogits, _ draws: RowDraws, into estimates: inout [Double]) {
    clear(&estimates)
    let distribution = JointDistribution(row)
    let score = Score(row)
    for draw in 0..<draws.count {
      let first = draw * size
      let members = (first..<first + size).map {
        JointDistribution.index(of: draws.probes.codes, at: $0 * row.latents, row)
      }
      let values = draws.probes.codeValues[first..<first + size]
      let set = SetDistribution(distribution, members)
      for (index, weight) in set.firstProbabilities.enumerated() {
        var baseline = 0.0
        if hasBaseline && size > 1 {
          for (weight, value) in zip(set.baselineWeights(index), values) {
            baseline += weight * value
          }
        }
        score.add(
          weight * (values[first + index] - baseline), draws.probes.codes,
          at: (first + index) * row.latents, to: &estimates, at: draw * score.width)
      }
    }
  }

  /// One outcome per set: the estimate does not depend on the order.
  public func uniformAtoms(_ row: RowLogits) -> UniformAtoms? {
    guard let sets = JointDistribution(row).setAtoms(size) else { return nil }
    var atoms = UniformAtoms.none(latents: row.latents)
    atoms.shared = sets
    return atoms
  }
}

extension EstimatorDescriptor {
  static let unorderedSet = EstimatorDescriptor(
    name: "unordered-set", family: .scoreFunction, bias: .unbiased,
    summary: "Joint codes drawn without replacement, the order of the draw summed out.",
    formula:
      "g = sum_{s in S} P_s R(S,s) (f_s - B_s) (z_s - p), R(S,s) = P^{D\\s}(S\\s)/P(S), B_s = sum_t P_t R^{D\\s}(S,t) f_t",
    exactOn: "every cost; without variance where k covers all joint codes", cost: "k values",
    source: "Kool et al. 2020, openreview rklEj2EFvB",
    traps: [
      "The built-in baseline can raise the variance where there are few joint codes.",
      "With k = 1 there is no baseline: the estimate is 'reinforce'.",
      "Lists the joint codes of a row: at most \(JointDistribution.limit).",
    ],
    invariants: EstimatorInvariants(costShift: false),
    parameters: [
      ParameterSpec(
        "k", .integer(1...UnorderedSet.largest), default: .integer(2), "joint codes per estimate"),
      ParameterSpec("baseline", .flag, default: .flag(true), "subtract the built-in baseline"),
    ],
    layerRefusal: { JointDistribution.refusal("unordered-set", $0, needed: $1.integer("k")) },
    make: { UnorderedSet(size: $0.integer("k"), hasBaseline: $0.flag("baseline")) })
}

import Discrete

/// Sum and sample: the `k` most likely joint codes summed out, one of the others sampled.
///
/// `C` the `k` most likely joint codes, `s ~ P` restricted to the rest:
/// `g = sum_{c in C} P_c (f_c - b) (c - p) + (1 - P_C) (f_s - b) (s - p)`. Unbiased on every cost,
/// exact where `k` covers all joint codes. Complexity: `O(K^D + k D K)` beside `k + 1` oracle values.
public struct SumAndSample: ProbingEstimator {
  /// Joint codes that are summed out.
  public let summed: Int
  /// Constant subtracted from every cost.
  public let baseline: Double

  public init(summed: Int, baseline: Double = 0) {
    self.summed = max(summed, 1)
    self.baseline = baseline
  }

  public var plan: EvaluationPlan {
    EvaluationPlan(samples: 0, probes: ProbePlan(sharedUniforms: 1, codes: summed + 1))
  }

  /// The joint codes of `C` and the distribution of the rest.
  private struct Split {
    let distribution: JointDistribution
    let summed: ArraySlice<Int>
    let rest: [Int]
    let function: DistributionFunction
    /// `1 - P_C`.
    let restWeight: Double

    init(_ row: RowLogits, summed count: Int) {
      distribution = JointDistribution(row)
      let ranked = distribution.byProbability
      summed = ranked.prefix(count)
      rest = ranked.count > count ? Array(ranked[count...]) : [0]
      let weights = distribution.weights
      let tail = ranked.count > count ? rest.map { weights[$0] } : [0]
      function = DistributionFunction(tail)
      restWeight = tail.reversed().reduce(0, +)
    }
  }

  public func probes(_ row: RowLogits, _ draws: RowDraws) -> Probes {
    let split = Split(row, summed: summed)
    var fixed: [Int32] = []
    for jointCode in split.summed { split.distribution.append(jointCode, to: &fixed) }
    var points: [Int32] = []
    for draw in 0..<draws.count {
      points += fixed
      split.distribution.append(
        split.rest[split.function.outcome(draws.uniforms[draw])], to: &points)
    }
    return Probes(codes: points)
  }
  public var traits: EstimatorTraits {
    EstimatorTraits(ignoredConstants: [.levelOfMean], ragged: .served)
  }

  public func combine(_ row: RowLogits, _ draws: RowDraws, into estimates: inout [Double]) {
    clear(&estimates)
    let split = Split(row, summed: summed)
    let score = Score(row)
    for draw in 0..<draws.count {
      let first = draw * (summed + 1)
      for (index, jointCode) in split.summed.enumerated() {
        score.add(
          split.distribution.weights[jointCode]
            * (draws.probes.codeValues[first + index] - baseline),
          split.distribution.codes, at: jointCode * row.latents, to: &estimates,
          at: draw * score.width)
      }
      score.add(
        split.restWeight * (draws.probes.codeValues[first + summed] - baseline),
        draws.probes.codes, at: (first + summed) * row.latents, to: &estimates,
        at: draw * score.width)
    }
  }

  public func uniformAtoms(_ row: RowLogits) -> UniformAtoms? {
    var atoms = UniformAtoms.none(latents: row.latents)
    atoms.shared = Split(row, summed: summed).function.atoms
    return atoms
  }
}

extension EstimatorDescriptor {
  static let sumAndSample = EstimatorDescriptor(
    name: "sum-and-sample", family: .scoreFunction, bias: .unbiased,
    summary: "The k most likely joint codes summed out, one of the others sampled.",
    formula:
      "g = sum_{c in C} P_c (f_c - b) (c - p) + (1 - P_C) (f_s - b) (s - p), s ~ P on the rest",
    exactOn: "every cost; without variance where k covers all joint codes", cost: "1 + k values",
    source: "Liu et al., arXiv 1810.04777",
    traps: ["Lists the joint codes of a row: at most \(JointDistribution.limit)."],
    invariants: EstimatorInvariants(costShift: false, costScale: false),
    parameters: [
      ParameterSpec(
        "k", .integer(1...JointDistribution.limit), default: .integer(1), "joint codes summed out"),
      ParameterSpec("baseline", .real, default: .number(0), "constant subtracted from every cost"),
    ],
    layerRefusal: { JointDistribution.refusal("sum-and-sample", $0, needed: $1.integer("k")) },
    make: { SumAndSample(summed: $0.integer("k"), baseline: $0.number("baseline")) })
}

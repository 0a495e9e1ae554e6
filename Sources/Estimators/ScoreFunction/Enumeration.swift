import Discrete

/// The exact gradient: `g = sum_z P(z) f(z) (z - p)` over all joint codes of the row.
///
/// Unbiased with variance 0. Complexity: `K^D` oracle values and `O(K^D D K)`.
public struct Enumeration: ProbingEstimator {
  public init() {}

  public var plan: EvaluationPlan {
    EvaluationPlan(samples: 0, probes: ProbePlan(codesFixed: true))
  }

  public func plan(for shape: LayerShape) -> EvaluationPlan {
    var plan = plan
    plan.probes?.codes = shape.jointCodes(limit: JointDistribution.limit) ?? 0
    return plan
  }

  public func probes(_ row: RowLogits, _ draws: RowDraws) -> Probes {
    Probes(codes: JointDistribution(row).codes)
  }
  public var traits: EstimatorTraits {
    EstimatorTraits(ignoredConstants: [.level], ragged: .served)
  }

  public func combine(_ row: RowLogits, _ draws: RowDraws, into estimates: inout [Double]) {
    let distribution = JointDistribution(row)
    let values = draws.probes.codeValues
    var mean = 0.0
    for (weight, value) in zip(distribution.weights, values) { mean += weight * value }
    // The scores have mean 0: centred costs leave no large terms to cancel.
    let score = Score(row)
    var gradient = [Double](repeating: 0, count: score.width)
    for jointCode in values.indices {
      score.add(
        distribution.weights[jointCode] * (values[jointCode] - mean), distribution.codes,
        at: jointCode * row.latents,
        to: &gradient, at: 0)
    }
    for draw in 0..<draws.count {
      for index in gradient.indices { estimates[draw * score.width + index] = gradient[index] }
    }
  }
}

extension EstimatorDescriptor {
  static let enumeration = EstimatorDescriptor(
    name: "enumeration", family: .scoreFunction, bias: .unbiased,
    summary: "The exact gradient, summed over all joint codes.",
    formula: "g = sum_z P(z) f(z) (z - p)", exactOn: "every cost, without variance",
    cost: "K^D values", source: "definition of the expectation",
    traps: [
      "The cost grows as K^D; layers of more than \(JointDistribution.limit) joint codes are refused."
    ],
    layerRefusal: { shape, _ in JointDistribution.refusal("enumeration", shape) },
    make: { _ in Enumeration() })
}

import Discrete

/// MuProp without derivatives: `g = (f(z) - eta f(p)) (z - p)`, `z ~ Cat(p)`. Unbiased.
///
/// Complexity: `O(D K)` beside one oracle value, and one at `p`.
public struct SimpleMuProp: ProbingEstimator {
  public let eta: Double

  public init(eta: Double) { self.eta = eta }

  public var plan: EvaluationPlan {
    EvaluationPlan(values: true, probes: ProbePlan(soft: 1, softFixed: true))
  }

  public func fixedSoftPoints(_ row: RowLogits) -> [Double] { row.probabilities() }
  public func probes(_ row: RowLogits, _ draws: RowDraws) -> Probes {
    Probes(soft: fixedSoftPoints(row))
  }
  /// With the whole of `f(p)` as baseline a constant cancels.
  public var traits: EstimatorTraits {
    EstimatorTraits(ignoredConstants: eta == 1 ? [.level] : [.levelOfMean], ragged: .served)
  }

  public func combine(_ row: RowLogits, _ draws: RowDraws, into estimates: inout [Double]) {
    clear(&estimates)
    let score = Score(row)
    for draw in 0..<draws.count {
      score.add(
        draws.values[0][draw] - eta * draws.probes.softValues[0], draws.codes[0],
        at: draw * row.latents, to: &estimates, at: draw * score.width)
    }
  }
}

extension EstimatorDescriptor {
  static let simpleMuProp = EstimatorDescriptor(
    name: "simple-muprop", family: .scoreFunction, bias: .unbiased,
    summary: "REINFORCE with the cost at the mean point as baseline.",
    formula: "g = (f(z) - eta f(p)) (z - p), z ~ Cat(p)", exactOn: "every cost",
    cost: "2 values, one of them at p", source: "Tucker et al., arXiv 1703.07370",
    traps: ["The cost must be defined inside the simplex, at the mean point p."],
    invariants: EstimatorInvariants(costShift: false),
    parameters: [ParameterSpec("eta", .real, default: .number(1), "weight of the baseline")],
    make: { SimpleMuProp(eta: $0.number("eta")) })
}

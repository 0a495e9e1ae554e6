import Discrete

/// Local expectation gradients (LEG, IndeCateR): each latent summed out, the others sampled.
///
/// `g[d, k] = p_dk (F_dk - sum_j p_dj F_dj)`, `F_dk = f(z[d <- k])`, averaged over `n` independent
/// draws `z ~ Cat(p)`. Unbiased on every cost, exact without variance for one latent; unchanged by a
/// constant added to the cost. Complexity: `O(n D K)` beside `n (1 + D (K - 1))` oracle values.
public struct LocalEnumeration: ProbingEstimator, ExactEstimator {
  public let samples: Int

  public init(samples: Int) { self.samples = min(max(samples, 1), 64) }

  public var plan: EvaluationPlan {
    EvaluationPlan(samples: samples, values: true, probes: ProbePlan())
  }

  public func plan(for shape: LayerShape) -> EvaluationPlan {
    var plan = plan
    plan.probes?.codes = samples * Neighbours(shape).count
    return plan
  }

  public func probes(_ row: RowLogits, _ draws: RowDraws) -> Probes {
    let neighbours = Neighbours(row)
    var codes: [Int32] = []
    for draw in 0..<draws.count {
      for sample in 0..<samples {
        neighbours.append(of: draws.codes[sample], at: draw * row.latents, to: &codes)
      }
    }
    return Probes(codes: codes)
  }
  public var traits: EstimatorTraits {
    EstimatorTraits(ignoredConstants: [.level], ragged: .served)
  }

  public func combine(_ row: RowLogits, _ draws: RowDraws, into estimates: inout [Double]) {
    clear(&estimates)
    let neighbours = Neighbours(row)
    let score = Score(row)
    for draw in 0..<draws.count {
      for sample in 0..<samples {
        let costs = neighbours.costs(
          draws.values[sample][draw], draws.codes[sample], at: draw * row.latents,
          neighbours: draws.probes.codeValues, at: (draw * samples + sample) * neighbours.count)
        score.addJacobian(
          1 / Double(samples), costs, at: 0, to: &estimates, at: draw * score.width)
      }
    }
  }

  public func exactMoments(_ row: RowLogits, _ jointCodes: RowJointCodes) throws -> ExactMoments? {
    let score = Score(row)
    let costs = jointCodes.neighbourCosts()
    var vectors = [Double](repeating: 0, count: costs.count)
    for jointCode in 0..<jointCodes.count {
      score.addJacobian(
        1, costs, at: jointCode * jointCodes.width, to: &vectors, at: jointCode * jointCodes.width)
    }
    return ExactMoments(
      RowMoments(weights: jointCodes.weights, vectors: vectors, width: jointCodes.width)
        .averaged(samples))
  }
}

extension EstimatorDescriptor {
  static let localEnumeration = EstimatorDescriptor(
    name: "leg", family: .scoreFunction, bias: .unbiased,
    summary: "Each latent summed out with the others sampled (LEG, IndeCateR).",
    formula: "g[d,k] = p_dk (f(z[d<-k]) - sum_j p_dj f(z[d<-j])), z ~ Cat(p), mean over n draws",
    exactOn: "every cost; without variance for one latent",
    cost: "n (1 + D (K - 1)) values",
    source: "Titsias and Lazaro-Gredilla, arXiv 1503.01494; De Smet et al., arXiv 2311.12569",
    traps: [
      "Compare at equal cost: one estimate evaluates every category of every latent.",
      "Unverified: the arXiv number 1503.01494 was not looked up.",
    ],
    parameters: [
      ParameterSpec("samples", .integer(1...64), default: .integer(1), "draws per estimate, n")
    ],
    make: { LocalEnumeration(samples: $0.integer("samples")) })
}

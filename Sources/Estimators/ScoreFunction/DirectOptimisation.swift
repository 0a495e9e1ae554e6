import Discrete

/// Direct optimisation: how far the winner moves when the cost is added to the perturbed logits.
///
/// `zr = phi + G`, `z = onehot argmax zr`, `F_dk = f(z[d <- k])`:
/// `g[d] = (onehot argmax(zr_d + lam F_d) - onehot argmax(zr_d - lam F_d)) / (2 lam)` with the same noise,
/// latent by latent. Biased, of order `lam^2`; unchanged by a constant added to the cost. Exact moments
/// are closed forms: given `z` the costs are known, and with them the distribution of the two winners (see
/// `PerturbedArgmax.pairDistribution`). Complexity: `O(D K)` beside `1 + D (K - 1)` oracle values.
public struct DirectOptimisation: ProbingEstimator, ExactEstimator {
  /// Step `lam` in units of one over cost.
  public let step: Double

  /// - Throws: `DiscreteError.parameter` for a step that is not a finite number above 0.
  public init(step: Double) throws {
    guard step > 0, step.isFinite, (0.5 / step).isFinite else {
      throw DiscreteError.parameter("a step must be a finite number above 0, found \(step)")
    }
    self.step = step
  }

  public var plan: EvaluationPlan {
    EvaluationPlan(values: true, perturbed: true, probes: ProbePlan())
  }

  public func plan(for shape: LayerShape) -> EvaluationPlan {
    var plan = plan
    plan.probes?.codes = Neighbours(shape).count
    return plan
  }

  public func probes(_ row: RowLogits, _ draws: RowDraws) -> Probes {
    Neighbours(row).probes(of: draws.codes[0], count: draws.count)
  }
  public var traits: EstimatorTraits {
    EstimatorTraits(ignoredConstants: [.level], ragged: .served)
  }

  public func combine(_ row: RowLogits, _ draws: RowDraws, into estimates: inout [Double]) {
    clear(&estimates)
    let neighbours = Neighbours(row)
    let categories = row.categories
    for draw in 0..<draws.count {
      // Relative to the draw's own cost: a constant must not cost digits.
      let points = draw * neighbours.count..<(draw + 1) * neighbours.count
      let costs = neighbours.costs(
        0, draws.codes[0], at: draw * row.latents,
        neighbours: draws.probes.codeValues[points].map { $0 - draws.values[0][draw] }, at: 0)
      for latent in 0..<row.latents {
        let base = (draw * row.latents + latent) * categories
        for sign in [1.0, -1.0] {
          var best = 0
          var most = -Double.infinity
          for k in 0..<categories {
            let value = draws.perturbed[base + k] + sign * step * costs[latent * categories + k]
            if value > most { (best, most) = (k, value) }
          }
          estimates[base + best] += sign * 0.5 / step
        }
      }
    }
  }
}

extension DirectOptimisation {
  /// Cost: `O(D K^2)` per joint code.
  public func exactMoments(_ row: RowLogits, _ jointCodes: RowJointCodes) -> ExactMoments? {
    let size = row.categories
    guard size <= PerturbedArgmax.maximumCategories else { return nil }
    let logs = logSoftmax(row.values, categories: size)
    let costs = jointCodes.neighbourCosts()
    var moments = ConditionalMoments(jointCodes)
    for jointCode in 0..<jointCodes.count where jointCodes.weights[jointCode] > 0 {
      for latent in 0..<row.latents {
        let own = row.places(of: latent)
        let (mean, second) = PerturbedArgmax.differenceMoments(
          logs[own], winner: Int(jointCodes.codes[jointCode * row.latents + latent]),
          steps: own.map {
            step * (costs[jointCode * jointCodes.width + $0] - jointCodes.values[jointCode])
          },
          gain: 0.5 / step)
        moments.add(jointCode: jointCode, latent: latent, mean: mean, second: second)
      }
    }
    return moments.moments
  }
}

extension EstimatorDescriptor {
  static let directOptimisation = EstimatorDescriptor(
    name: "direct-optimisation", family: .scoreFunction, bias: .biased,
    summary: "How far the winner moves when the cost is added to the perturbed logits.",
    formula:
      "g[d] = (argmax(phi_d + G + lam F_d) - argmax(phi_d + G - lam F_d)) / (2 lam), F_dk = f(z[d<-k])",
    exactOn: "no cost; every cost in the limit lam -> 0, where the variance grows as 1/lam",
    cost: "1 + D (K - 1) values", source: "Lorberbom et al., arXiv 1806.02867",
    traps: [
      "The step is in units of one over cost: rescale it with the cost.",
      "Exact moments up to \(PerturbedArgmax.maximumCategories) categories.",
      "Unverified: the arXiv number was not looked up; the published form searches all joint codes.",
    ],
    invariants: EstimatorInvariants(costScale: false),
    parameters: [
      ParameterSpec(
        "step", .number(minimum: 1e-9, maximum: 1e9, exclusive: false), default: .number(0.1),
        "step lam of the symmetric difference")
    ],
    make: { try DirectOptimisation(step: $0.number("step")) })
}

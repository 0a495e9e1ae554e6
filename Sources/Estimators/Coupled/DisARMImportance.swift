import Discrete

/// DisARM-IW: the antithetic pair of DisARM-SB with one importance weight instead of a chain rule.
///
/// `g = (1/2) w (f_1 - f_2) (z_1 - z_2)`, `w = prod_{i < n} (1 - s_i)^2 / (1 - 2 s_i) max(s_n, 1 - s_n)`,
/// `n` the first stick at which the draws part. Categories in ascending order of probability, so that
/// all sticks before the last lie below 1/2: unbiased in that order only. Complexity: `O(D K)` beside
/// two oracle values.
public struct DisARMImportance: LatentwiseEstimator {
  let order: StickBreaking.Order

  public init() { order = .ascending }

  /// Another order: biased, for tests.
  package static func descending() -> DisARMImportance { DisARMImportance(order: .descending) }

  private init(order: StickBreaking.Order) { self.order = order }

  public var plan: EvaluationPlan { stickPlan(uniforms: 1) }
  public func plan(for shape: LayerShape) -> EvaluationPlan {
    stickPlan(uniforms: shape.categories - 1)
  }

  public func probes(_ row: RowLogits, _ draws: RowDraws) -> Probes {
    stickProbes(StickBreaking.all(row, order: order), row, draws)
  }
  public var traits: EstimatorTraits {
    EstimatorTraits(ignoredConstants: [.level], ragged: .servedByLatent)
  }

  public func combine(_ row: RowLogits, _ draws: RowDraws, into estimates: inout [Double]) {
    clear(&estimates)
    let chains = StickBreaking.all(row, order: order)
    for draw in 0..<draws.count {
      let difference = draws.probes.codeValues[2 * draw] - draws.probes.codeValues[2 * draw + 1]
      for (latent, chain) in chains.enumerated() {
        let from = (draw * row.latents + latent) * chain.sticks.count
        let (first, second) = chain.pair(draws.uniforms[from..<from + chain.sticks.count])
        guard first != second else { continue }
        let parted = min(first, second)
        var weight = max(chain.sticks[parted], 1 - chain.sticks[parted])
        for s in chain.sticks[..<parted] { weight *= (1 - s) * (1 - s) / (1 - 2 * s) }
        let term = 0.5 * weight * difference
        let base = (draw * row.latents + latent) * row.categories
        estimates[base + chain.order[first]] += term
        estimates[base + chain.order[second]] -= term
      }
    }
  }

  public func uniformAtoms(_ row: RowLogits) -> UniformAtoms? {
    stickAtoms(row, order: order)
  }
}

extension EstimatorDescriptor {
  static let disARMImportance = EstimatorDescriptor(
    name: "disarm-iw", family: .coupled, bias: .unbiased,
    summary: "Antithetic pair by stick breaking with one importance weight.",
    formula:
      "g = (1/2) w (f1 - f2) (z1 - z2), w = prod_{i<n} (1-s_i)^2/(1-2 s_i) max(s_n, 1-s_n), ascending order",
    exactOn: "every cost", cost: "2 values", source: "Dong, Mnih and Tucker, arXiv 2106.08056",
    traps: ["Unbiased in ascending order of the probabilities only."],
    make: { _ in DisARMImportance() })
}

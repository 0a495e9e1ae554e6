import Discrete

/// DisARM-SB: an antithetic pair of draws by stick breaking, with the gradient taken stick by stick.
///
/// With `alpha_i = logit s_i`: at a stick that both draws reach,
/// `(1/2) (f_1 - f_2) (b_i - b'_i) max(s_i, 1 - s_i)`; reached by the first only,
/// `(1/2) (f_1 - f_2) (b_i - s_i)`; by the second only, `(1/2) (f_2 - f_1) (b'_i - s_i)`; then the chain
/// rule to `phi`. Unbiased in every order; `disarm` for two categories. Complexity: `O(D K^2)` beside
/// two oracle values.
public struct DisARMSticks: LatentwiseEstimator {
  let order: StickBreaking.Order

  init(order: StickBreaking.Order) { self.order = order }

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
        for stick in 0..<min(max(first, second) + 1, chain.sticks.count) {
          let gradient = antitheticGradient(
            stick <= first ? stick == first : nil, stick <= second ? stick == second : nil,
            chain.sticks[stick], difference: difference)
          chain.addGradient(
            gradient, stick: stick, to: &estimates,
            at: (draw * row.latents + latent) * row.categories)
        }
      }
    }
  }

  public func uniformAtoms(_ row: RowLogits) -> UniformAtoms? {
    stickAtoms(row, order: order)
  }
}

func stickPlan(uniforms: Int) -> EvaluationPlan {
  EvaluationPlan(samples: 0, probes: ProbePlan(latentUniforms: uniforms, codes: 2))
}

func stickProbes(_ chains: [StickBreaking], _ row: RowLogits, _ draws: RowDraws) -> Probes {
  var points = [Int32](repeating: 0, count: 2 * draws.count * row.latents)
  for draw in 0..<draws.count {
    for (latent, chain) in chains.enumerated() {
      let from = (draw * row.latents + latent) * chain.sticks.count
      let (first, second) = chain.pair(draws.uniforms[from..<from + chain.sticks.count])
      points[2 * draw * row.latents + latent] = Int32(chain.order[first])
      points[(2 * draw + 1) * row.latents + latent] = Int32(chain.order[second])
    }
  }
  return Probes(codes: points)
}

/// Nil where the list is too long: `K^2` outcomes of `K - 1` uniforms a latent.
func stickAtoms(_ row: RowLogits, order: StickBreaking.Order) -> UniformAtoms? {
  let outcomes = row.categories * row.categories
  guard UniformAtoms.fit(row, perLatent: outcomes, each: row.categories) else { return nil }
  return UniformAtoms(latents: StickBreaking.all(row, order: order).map { $0.atoms() })
}

extension EstimatorDescriptor {
  static let disARMSticks = EstimatorDescriptor(
    name: "disarm-sb", family: .coupled, bias: .unbiased,
    summary: "Antithetic pair by stick breaking, the gradient taken stick by stick.",
    formula:
      "per stick: (1/2) (f1 - f2) (b - b') max(s, 1-s) where both draws reach it, else the score of the one that does; chain rule to phi",
    exactOn: "every cost", cost: "2 values", source: "Dong, Mnih and Tucker, arXiv 2106.08056",
    traps: ["The variance depends on the order of the categories; the mean does not."],
    invariants: EstimatorInvariants(permutation: false),
    parameters: [
      ParameterSpec(
        "order", .choice(StickBreaking.Order.allCases.map(\.rawValue)),
        default: .text(StickBreaking.Order.ascending.rawValue),
        "order of the categories by probability")
    ],
    make: {
      DisARMSticks(order: StickBreaking.Order(rawValue: $0.text("order")) ?? .ascending)
    })
}

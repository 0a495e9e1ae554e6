import Discrete

/// Straight-through for Bernoulli variables with the derivative of a piecewise linear function.
///
/// `psi = phi_1 - phi_0`, `h_b = h_1 - h_0`; hard sigmoid `clip((a psi + 1)/2, 0, 1)`:
/// `g_psi = h_b (a/2) 1[|a psi| <= 1]`; hard tanh `clip(a psi, -1, 1)`:
/// `g_psi = h_b a 1[|a psi| <= 1]`; returned as `(-g_psi, g_psi)`. Complexity: `O(D)`.
struct HardStraightThrough: CategoryLinearEstimator, SoftPointEstimator {
  let tanh: Bool
  let slope: Double
  let mode: Bool

  var plan: EvaluationPlan {
    EvaluationPlan(distribution: mode ? .mode : .sample(temperature: 1), gradients: true)
  }
  var traits: EstimatorTraits {
    EstimatorTraits(
      softPointsVary: false, ignoredConstants: [.gradients],
      ragged: .refused(RaggedLayers.binaryAlone)
    )
  }

  func combine(_ row: RowLogits, _ draws: RowDraws, into estimates: inout [Double]) {
    let psi = row.logOdds()
    let factor = tanh ? slope : 0.5 * slope
    for draw in 0..<draws.count {
      for latent in 0..<row.latents {
        let base = 2 * (draw * row.latents + latent)
        let inside = abs(slope * psi[latent]) <= 1
        let g = inside ? factor * (draws.gradients[base + 1] - draws.gradients[base]) : 0
        estimates[base] = -g
        estimates[base + 1] = g
      }
    }
  }

  /// The hard sigmoid itself.
  func softPoints(_ row: RowLogits, _ draws: RowDraws) -> [Double]? {
    repeated(
      row.logOdds().flatMap { psi in
        let on = min(max(0.5 * (slope * psi + 1), 0), 1)
        return [1 - on, on]
      }, draws.count)
  }
}

extension RowLogits {
  /// `psi = phi_1 - phi_0` of every latent of a binary layer.
  func logOdds() -> [Double] {
    stride(from: 0, to: values.count, by: categories).map {
      values[$0 + min(1, categories - 1)] - values[$0]
    }
  }
}

extension EstimatorDescriptor {
  static let hardStraightThrough = EstimatorDescriptor(
    name: "hard-st", family: .straightThrough, domain: .binary, bias: .biased,
    summary: "Binary straight-through with a hard sigmoid or hard tanh and a slope.",
    formula:
      "g_psi = (h_1 - h_0) (a/2) 1[|a psi| <= 1] (hard sigmoid); a in place of a/2 (hard tanh)",
    exactOn: "nothing: its scale is not pi (1 - pi)", cost: "1 gradient",
    source: "Chung, Ahn and Bengio, arXiv 1609.01704; hard-sigmoid form as in the PSA code",
    traps: [
      "Unverified: the arXiv number is quoted from memory.",
      "Zero wherever |a psi| > 1: such a latent gets no gradient at all.",
      "Slope annealing raises the slope during training; one measurement has one slope.",
      "The hard tanh is the derivative with respect to a code in -1, 1, hence twice the sigmoid's.",
    ],
    parameters: [
      ParameterSpec(
        "surrogate", .choice(["hard-sigmoid", "hard-tanh"]), default: .text("hard-sigmoid"),
        "the piecewise linear function"),
      ParameterSpec(
        "slope", .number(minimum: 0, maximum: .greatestFiniteMagnitude, exclusive: true),
        default: .number(1), "slope a"),
      ParameterSpec(
        "forward", .choice(["sample", "mode"]), default: .text("sample"),
        "a Bernoulli draw, or 1[psi > 0]"),
    ],
    make: {
      HardStraightThrough(
        tanh: $0.text("surrogate") == "hard-tanh", slope: $0.number("slope"),
        mode: $0.text("forward") == "mode")
    })
}

import Discrete

/// Gumbel-Softmax with a sparse map in place of the softmax:
/// `y = entmax((phi + G)/tau)`, `g = (1/tau) J(y) h(y)`.
///
/// Unbiased for its own relaxed objective. Its derivative jumps (sparsemax) or has kinks where a
/// category leaves the support. Complexity: `O(D K log K)` beside one oracle gradient.
struct GumbelEntmax: SoftPointEstimator {
  let map: Entmax
  let tau: Double

  var plan: EvaluationPlan { EvaluationPlan(perturbed: true, relaxed: true) }
  var traits: EstimatorTraits {
    EstimatorTraits(
      smoothInNoise: false, forwardTemperature: tau, backwardTemperature: tau, noiseWidth: tau,
      ignoredConstants: [.gradients], ragged: .servedByLatent)
  }

  func combine(_ row: RowLogits, _ draws: RowDraws, into estimates: inout [Double]) {
    let points = map.points(draws.perturbed, categories: row.categories, tau: tau)
    for base in stride(from: 0, to: points.count, by: row.categories) {
      map.jacobianProduct(
        points, draws.softGradients, at: base, categories: row.categories, factor: 1 / tau,
        into: &estimates)
    }
  }

  /// How far every category is within the support: negative outside.
  func edges(_ row: RowLogits, _ draws: RowDraws) -> [Double] {
    map.margins(draws.perturbed, categories: row.categories, tau: tau)
  }

  func softPoints(_ row: RowLogits, _ draws: RowDraws) -> [Double]? {
    map.points(draws.perturbed, categories: row.categories, tau: tau)
  }
}

extension EstimatorDescriptor {
  static let gumbelEntmax15 = gumbelEntmax(
    .entmax15, name: "gumbel-entmax",
    summary: "Gumbel-Softmax with 1.5-entmax in place of the softmax.",
    formula:
      "y = entmax_1.5((phi + G)/tau), g = (1/tau) (q h - q <q, h>/<q, 1>), q = sqrt(y), h = h(y)")

  static func gumbelEntmax(
    _ map: Entmax, name: String, summary: String, formula: String
  ) -> EstimatorDescriptor {
    EstimatorDescriptor(
      name: name, family: .relaxation, bias: .ownTarget, summary: summary, formula: formula,
      exactOn: "its own relaxed objective; every cost in the limit tau -> 0",
      cost: "1 gradient at a soft point",
      source: "Paulus et al., arXiv 2006.08063; Peters, Niculae and Martins, arXiv 1905.05702",
      traps: [
        "Needs the cost inside the simplex; its bias depends on that extension.",
        "Estimates vanish where the point is a vertex: often, at low temperatures.",
      ],
      parameters: [
        ParameterSpec("tau", .temperature, default: .number(1), "temperature of the relaxation")
      ], numbersFormat: 2,
      make: { GumbelEntmax(map: map, tau: $0.number("tau")) })
  }
}

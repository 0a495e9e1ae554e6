import Discrete
import Foundation

/// Gapped straight-through: the logits are moved so that the drawn category leads by a gap, without
/// noise, and differentiated there.
///
/// With log-probabilities `l`, `m = max l`, drawn `x`: `l'_x = m`, `l'_i = min(l_i, m - gap)`,
/// `g = (1/tau) J(softmax(l'/tau)) h`. Gap rule `p`: `gap = -log(1 - p_x) / p_x`.
/// Complexity: `O(D K)` per estimate beside one oracle gradient.
struct GappedStraightThrough: CategoryLinearEstimator, FusedEstimator, SoftPointEstimator {
  let gap: Double
  let byProbability: Bool
  let tau: Double

  var traits: EstimatorTraits {
    EstimatorTraits(
      softPointsVary: true, backwardTemperature: tau, gradientGain: 1 / tau,
      ignoredConstants: [.gradients], ragged: .servedByLatent)
  }

  func combine(_ row: RowLogits, _ draws: RowDraws, into estimates: inout [Double]) {
    let surrogate = points(row, draws)
    let s = surrogate.span
    let h = draws.gradients.span
    var out = estimates.mutableSpan
    for start in stride(from: 0, to: surrogate.count, by: row.categories) {
      softmaxJacobianProduct(
        s, at: start, h, at: start, categories: row.categories, factor: 1 / tau, into: &out)
    }
  }

  func softPoints(_ row: RowLogits, _ draws: RowDraws) -> [Double]? { points(row, draws) }

  func fusedRule(_ row: RowLogits) -> FusedRule? {
    let logs = logSoftmax(row.values, categories: row.categories)
    let weights = logs.indices.map { index in
      let start = index / row.categories * row.categories
      let largest = logs[start..<start + row.categories].max() ?? 0
      return exp((logs[index] - largest) / tau)
    }
    return .capped(
      CappedWeights(
        weights: weights, caps: gaps(logs, row.categories).map { exp(-$0 / tau) },
        scale: 1 / tau))
  }

  private func points(_ row: RowLogits, _ draws: RowDraws) -> [Double] {
    let logs = logSoftmax(row.values, categories: row.categories)
    let gaps = gaps(logs, row.categories)
    var moved = [Double](repeating: 0, count: draws.count * logs.count)
    forEachLatent(row, draws) { at in
      let largest = logs[at.local..<at.local + row.categories].max() ?? 0
      let bound = largest - gaps[at.local + at.x]
      for k in 0..<row.categories {
        moved[at.base + k] = k == at.x ? 0 : min(logs[at.local + k], bound) - largest
      }
    }
    return softmax(moved, categories: row.categories, scale: 1 / tau)
  }

  /// The gap for each category that may be drawn, `[D][K]`.
  private func gaps(_ logs: [Double], _ categories: Int) -> [Double] {
    guard byProbability else { return [Double](repeating: gap, count: logs.count) }
    return logs.indices.map { index in
      let log = logs[index]
      // Below, p is lost against 1; -log(1 - p)/p = 1 + p/2 + ...
      guard log > -18 else { return 1 }
      guard log > -0.5 else { return -Foundation.log1p(-exp(log)) / exp(log) }
      let start = index / categories * categories
      let rest = (start..<start + categories).reduce(0.0) { $1 == index ? $0 : $0 + exp(logs[$1]) }
      // A category without a rival needs no gap; the bound keeps the logits finite.
      return min(-Foundation.log(max(rest, .leastNonzeroMagnitude)) / exp(log), 1e4)
    }
  }
}

extension EstimatorDescriptor {
  static let gappedStraightThrough = EstimatorDescriptor(
    name: "gst", family: .straightThrough, bias: .biased,
    summary: "Gapped straight-through: logits moved to fit the draw, without noise.",
    formula: "l'_x = max l, l'_i = min(l_i, max l - gap), g = (1/tau) J(softmax(l'/tau)) h(z)",
    exactOn: "no class of costs", cost: "1 gradient",
    source: "Fan et al., arXiv 2206.07235",
    traps: [
      "Unverified: the arXiv number is quoted from memory.",
      "Where the draw already leads by the gap it is tempered straight-through.",
    ],
    parameters: [
      ParameterSpec(
        "gap", .number(minimum: 0, maximum: 1e6, exclusive: false), default: .number(1),
        "lead of the drawn category, in logits"),
      ParameterSpec(
        "gap-rule", .choice(["constant", "p"]), default: .text("constant"),
        "the constant gap, or -log(1 - p_x)/p_x"),
      ParameterSpec("tau", .temperature, default: .number(1), "temperature of the surrogate"),
    ],
    inertParameters: {
      $0.text("gap-rule") == "p"
        ? [("gap", "with gap-rule 'p' the gap follows from the draw's probability")] : []
    },
    make: {
      GappedStraightThrough(
        gap: $0.number("gap"), byProbability: $0.text("gap-rule") == "p", tau: $0.number("tau"))
    })
}

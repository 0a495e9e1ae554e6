import Discrete

/// NVIL: REINFORCE with a learned baseline that sees the row but not the draw.
///
/// `g = (f(z) - B(phi)) (z - p)`, `B` a network on the row's probabilities: a constant and one hidden
/// layer of tanh units with fixed pseudo-random input weights; its output weights are fitted to the
/// cost by ridge regression on draws of their own and frozen. Unbiased for every `B`; before the fit
/// `B = 0`. Complexity: `O(units D K)` per row and `O(D K)` per estimate beside one oracle value.
struct LearnedBaseline: GradientEstimator {
  /// Output weights: the constant, then one per unit; empty before the fit.
  let weights: [Double]

  var plan: EvaluationPlan { EvaluationPlan(values: true) }

  static func features(_ row: RowLogits, units: Int) -> [Double] {
    let distribution = row.probabilities()
    let layer = HiddenLayer(units: units, inputs: distribution.count, active: row.latents)
    return [1] + (0..<units).map { layer.value($0, distribution) }
  }
  var traits: EstimatorTraits { EstimatorTraits(ignoredConstants: [.levelOfMean], ragged: .served) }

  func combine(_ row: RowLogits, _ draws: RowDraws, into estimates: inout [Double]) {
    clear(&estimates)
    let score = Score(row)
    var baseline = 0.0
    if !weights.isEmpty {
      for (weight, feature) in zip(weights, Self.features(row, units: weights.count - 1)) {
        baseline += weight * feature
      }
    }
    for draw in 0..<draws.count {
      score.add(
        draws.values[0][draw] - baseline, draws.codes[0], at: draw * row.latents, to: &estimates,
        at: draw * score.width)
    }
  }

  static func fitted(
    _ source: any FittingSource, units: Int, fit: CoefficientFit
  ) throws -> any GradientEstimator {
    let range = fit.range(source)
    var sums = [Double](repeating: 0, count: source.logits.shape.rows)
    try source.eachPart(range, for: LearnedBaseline(weights: [])) { _, rows in
      for (index, draws) in rows.enumerated() {
        sums[index] = draws.values[0].reduce(sums[index], +)
      }
    }
    var equations = NormalEquations(count: units + 1)
    for (index, sum) in sums.enumerated() {
      let features = features(source.logits.row(index), units: units)
      // Within a row the features do not vary: its mean cost says it all.
      equations.add(columns: features.map { [$0] }, targets: [sum / Double(range.count)])
    }
    return LearnedBaseline(weights: try equations.solution())
  }
}

extension EstimatorDescriptor {
  static let learnedBaseline = EstimatorDescriptor(
    name: "nvil", family: .scoreFunction, bias: .unbiased,
    summary: "REINFORCE with a learned baseline that sees the row but not the draw.",
    formula:
      "g = (f(z) - B(phi)) (z - p), B a network on the row's probabilities fitted to the cost",
    exactOn: "every cost", cost: "1 value", source: "Mnih and Gregor, arXiv 1402.0030",
    traps: [
      "The baseline is fitted once and frozen; the published one learns while it is used.",
      "The published division by a running standard deviation couples rows and is left out.",
      "The hidden layer is fixed; only the output weights are learned.",
    ],
    invariants: EstimatorInvariants(costShift: false, costScale: false, permutation: false),
    parameters: [
      ParameterSpec("units", .integer(1...64), default: .integer(16), "hidden units"),
      CoefficientFit.draws,
    ],
    make: { parameters in
      let units = parameters.integer("units")
      let fit = CoefficientFit(parameters)
      return LearnedEstimator(LearnedBaseline(weights: [])) {
        try LearnedBaseline.fitted($0, units: units, fit: fit)
      }
    })
}

import Discrete

/// RELAX: REINFORCE with a learned surrogate of the cost on perturbed logits as control variate.
///
/// `zr = phi + G`, `z = onehot argmax zr`, `zt` a second perturbed point given `z`, `c` a surrogate:
/// `g = (f(z) - c(zt)) (z - p) + d c(zr)/d phi - d c(zt)/d phi`. Here
/// `c(v) = w_0 + sum_m w_m tanh(a_m . [softmax(v / tau), p] + b_m)` with fixed pseudo-random `a_m`, `b_m`; `w`
/// is the least-squares solution for the variance on draws of its own. Unbiased for every `w`; before the fit
/// `w = 0`, which is `reinforce`. Complexity: `O(units D K)` beside one oracle value.
struct Relax: ProbingEstimator {
  let tau: Double
  /// The constant, then one weight per unit.
  let weights: [Double]

  var plan: EvaluationPlan {
    EvaluationPlan(values: true, perturbed: true, probes: ProbePlan(latentUniforms: 1))
  }

  func plan(for shape: LayerShape) -> EvaluationPlan {
    var plan = plan
    plan.probes?.latentUniforms = shape.categories
    return plan
  }
  var traits: EstimatorTraits {
    EstimatorTraits(backwardTemperature: tau, ignoredConstants: [.levelOfMean], ragged: .served)
  }

  func combine(_ row: RowLogits, _ draws: RowDraws, into estimates: inout [Double]) {
    clear(&estimates)
    let score = Score(row)
    let (width, categories) = (score.width, row.categories)
    let layer = HiddenLayer(units: weights.count - 1, inputs: 2 * width, active: 2 * row.latents)
    let logDistribution = logSoftmax(row.values, categories: categories)
    for draw in 0..<draws.count {
      let base = draw * width
      guard weights.contains(where: { $0 != 0 }) else {
        score.add(
          draws.values[0][draw], draws.codes[0], at: draw * row.latents, to: &estimates, at: base)
        continue
      }
      let noise = ConditionalNoise(
        logDistribution: logDistribution, categories: categories, codes: draws.codes[0],
        at: draw * row.latents,
        uniforms: draws.uniforms, at: base)
      let free = surrogate(
        tempered(draws.perturbed, at: base, count: width, categories: categories, tau: tau),
        score, layer)
      let conditional = surrogate(
        tempered(noise.perturbed, at: 0, count: width, categories: categories, tau: tau), score,
        layer)
      score.add(
        draws.values[0][draw] - conditional.value, draws.codes[0], at: draw * row.latents,
        to: &estimates, at: base)
      for index in 0..<width { estimates[base + index] += free.derivative[index] }
      noise.addPullback(
        -1, conditional.derivative, distribution: score.distribution, categories: categories,
        to: &estimates, at: base)
    }
  }

  /// `c` at `y = softmax(v / tau)`, and its derivative in `v`.
  private func surrogate(
    _ y: [Double], _ score: Score, _ layer: HiddenLayer
  ) -> (value: Double, derivative: [Double]) {
    let inputs = y + score.distribution
    var value = weights[0]
    var gradient = [Double](repeating: 0, count: inputs.count)
    for (unit, weight) in weights.dropFirst().enumerated() where weight != 0 {
      let output = layer.value(unit, inputs)
      value += weight * output
      layer.addGradient(weight, unit, value: output, to: &gradient)
    }
    return (
      value,
      temperedPullback(
        y, Array(gradient[..<score.width]), categories: score.categories, tau: tau)
    )
  }
}

extension EstimatorDescriptor {
  static let relax = EstimatorDescriptor(
    name: "relax", family: .scoreFunction, bias: .unbiased,
    summary: "REINFORCE with a learned surrogate on perturbed logits as control variate.",
    formula:
      "g = (f(z) - c(zt)) (z - p) + d c(zr)/d phi - d c(zt)/d phi, zr = phi + G, zt the same given z, c a network",
    exactOn: "every cost", cost: "1 value", source: "Grathwohl et al., arXiv 1711.00123",
    traps: [
      "The surrogate is fitted once and frozen; the published one learns while it is used.",
      "The hidden layer is fixed; only the output weights are learned.",
      "The derivative runs through the conditional noise; taking the noise for a constant is biased.",
    ],
    invariants: EstimatorInvariants(costShift: false, costScale: false, permutation: false),
    parameters: [
      ParameterSpec("units", .integer(1...64), default: .integer(32), "hidden units"),
      ParameterSpec(
        "tau", .temperature, default: .number(0.5), "temperature of the surrogate's inputs"),
      CoefficientFit.draws,
    ],
    make: { parameters in
      let units = parameters.integer("units")
      let tau = parameters.number("tau")
      let fit = CoefficientFit(parameters)
      let plain = Relax(tau: tau, weights: [Double](repeating: 0, count: units + 1))
      return LearnedEstimator(plain) { source in
        try fit.estimator(units + 1, source) { Relax(tau: tau, weights: $0) }
      }
    })
}

import Discrete

/// Gaussian-softmax: a softmax of logits with normal noise.
///
/// `y = softmax((phi + sigma eps)/tau)`, `eps ~ N(0, I)`, `g = (1/tau) J(y) h(y)`: the gradient of
/// its own relaxed objective. The distribution of `argmax(phi + sigma eps)` is not `softmax(phi)`, so not
/// even the limit `tau -> 0` has the target of the softmax distribution. Complexity: `O(D K)` beside one
/// oracle gradient.
struct GaussianSoftmax: ProbingEstimator {
  let tau: Double
  let scale: Double

  var plan: EvaluationPlan {
    EvaluationPlan(
      samples: 0, probes: ProbePlan(latentUniforms: 1, soft: 1, softGradients: true))
  }

  var traits: EstimatorTraits {
    EstimatorTraits(
      forwardTemperature: tau, backwardTemperature: tau, gradientGain: 1 / tau,
      ignoredConstants: [.level, .gradients], ragged: .servedByLatent)
  }

  func plan(for shape: LayerShape) -> EvaluationPlan {
    var plan = plan
    plan.probes?.latentUniforms = BoxMuller.uniforms(shape.categories)
    return plan
  }

  func probes(_ row: RowLogits, _ draws: RowDraws) -> Probes {
    let size = row.categories
    let uniforms = BoxMuller.uniforms(size)
    var values: [Double] = []
    values.reserveCapacity(draws.count * row.values.count)
    for place in 0..<draws.count * row.latents {
      let normals = BoxMuller.normals(size, from: draws.uniforms, at: place * uniforms)
      let local = place % row.latents * size
      values += (0..<size).map { row.values[local + $0] + scale * normals[$0] }
    }
    return Probes(soft: softmax(shifted(values, size), categories: size, scale: 1 / tau))
  }

  /// Minus the maximum of each latent: a small temperature must not overflow.
  private func shifted(_ values: [Double], _ size: Int) -> [Double] {
    var shifted = values
    for start in stride(from: 0, to: values.count, by: size) {
      let largest = values[start..<start + size].max() ?? 0
      for k in start..<start + size { shifted[k] -= largest }
    }
    return shifted
  }

  func combine(_ row: RowLogits, _ draws: RowDraws, into estimates: inout [Double]) {
    let y = draws.probes.soft.span
    let h = draws.probes.softGradients.span
    var out = estimates.mutableSpan
    for base in stride(from: 0, to: draws.count * row.values.count, by: row.categories) {
      softmaxJacobianProduct(
        y, at: base, h, at: base, categories: row.categories, factor: 1 / tau, into: &out)
    }
  }
}

extension EstimatorDescriptor {
  static let gaussianSoftmax = EstimatorDescriptor(
    name: "gaussian-softmax", family: .relaxation, bias: .ownTarget,
    summary: "Softmax of logits with normal noise: a relaxation with a distribution of its own.",
    formula: "y = softmax((phi + sigma eps)/tau), eps ~ N(0, I), g = (1/tau) J(y) h(y)",
    exactOn: "its own relaxed objective only", cost: "1 gradient at a soft point",
    source: "Potapczynski, Loaiza-Ganem and Cunningham, arXiv 1912.09588",
    traps: [
      "Unverified: the form is from public code and memory, the arXiv number from memory.",
      "The hard distribution of argmax(phi + sigma eps) is not softmax(phi): against that target it is biased at every temperature.",
    ],
    parameters: [
      ParameterSpec("tau", .temperature, default: .number(1), "temperature of the relaxation"),
      ParameterSpec(
        "noise-scale", .number(minimum: 0, maximum: 1e6, exclusive: true), default: .number(1),
        "standard deviation of the noise"),
    ], numbersFormat: 2,
    make: { GaussianSoftmax(tau: $0.number("tau"), scale: $0.number("noise-scale")) })
}

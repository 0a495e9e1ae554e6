import Discrete
import Foundation

/// GR-MC (Gumbel-Rao): straight-through Gumbel-Softmax averaged over `M` Gumbels drawn anew given
/// the hard sample.
///
/// `zt_m ~ (phi + G | argmax = x)`, `g = (1/M) sum_m (1/tau) J(softmax(zt_m/tau)) h(z)`, with the
/// noise held constant. Its mean is that of ST-GS for every `M`. Exact moments given `z` are those
/// of one draw, the variance over `M`. Complexity: `O(M D K)` beside one oracle gradient.
struct GumbelRao: LocallyLinearEstimator, SoftPointEstimator {
  let tau: Double
  let noise: ConditionalGumbels
  /// Differentiates through the conditional noise too: a trap, kept to measure it.
  let throughNoise: Bool

  var plan: EvaluationPlan {
    EvaluationPlan(gradients: true, probes: ConditionalGumbels.plan)
  }

  /// The uniforms key streams of conditional noise.
  var traits: EstimatorTraits {
    EstimatorTraits(
      backwardTemperature: tau, gradientGain: 1 / tau, hasIntegrableNoise: false,
      ignoredConstants: [.gradients], ragged: .servedByLatent)
  }

  func combine(_ row: RowLogits, _ draws: RowDraws, into estimates: inout [Double]) {
    let size = row.categories
    let distribution = row.probabilities()
    for index in 0..<draws.count * row.values.count { estimates[index] = 0 }
    noise.forEach(row, draws) { at, exponentials, perturbed in
      let s = softmax(perturbed, categories: size, scale: 1 / tau)
      var mean = 0.0
      for k in 0..<size { mean += s[k] * draws.gradients[at.base + k] }
      let a = (0..<size).map { s[$0] * (draws.gradients[at.base + $0] - mean) }
      let factor = 1 / (tau * Double(noise.samples))
      guard throughNoise else {
        for k in 0..<size { estimates[at.base + k] += factor * a[k] }
        return
      }
      // dzt_i/dphi_j = w_i 1[i = j] + (1 - w_i) p_j, w_i = A_i/(A_i + E_x), A_i = E_i/p_i, w_x = 0.
      var weights = [Double](repeating: 0, count: size)
      for k in 0..<size where k != at.x {
        let own = exponentials[k]
        weights[k] = own / (own + distribution[at.local + k] * exponentials[at.x])
      }
      let spill = (0..<size).reduce(0.0) { $0 + (1 - weights[$1]) * a[$1] }
      for k in 0..<size {
        estimates[at.base + k] += factor * (weights[k] * a[k] + distribution[at.local + k] * spill)
      }
    }
  }

  /// The mean of the surrogates.
  func softPoints(_ row: RowLogits, _ draws: RowDraws) -> [Double]? {
    var points = [Double](repeating: 0, count: draws.count * row.values.count)
    noise.forEach(row, draws) { at, _, perturbed in
      let s = softmax(perturbed, categories: row.categories, scale: 1 / tau)
      for k in 0..<row.categories { points[at.base + k] += s[k] / Double(noise.samples) }
    }
    return points
  }

  func localJacobians(_ row: RowLogits, step: Double) -> LocalJacobians? {
    let moments =
      throughNoise
      ? noise.derivativeMoments(row, tau: tau, step: step)
      : noise.moments(row, tau: tau, step: step)
    guard let moments else { return nil }
    return LocalJacobians(
      latents: row.latents, categories: row.categories, scale: 1 / tau,
      moments: moments, draws: noise.samples)
  }
}

/// Gumbel-perturbed logits given the winner, `samples` times per estimate and latent.
///
/// Each latent has one uniform number of its own, which keys a stream of exponentials: hundreds of
/// samples would otherwise need hundreds of stored numbers per category.
struct ConditionalGumbels {
  let samples: Int

  static let plan = ProbePlan(latentUniforms: 1)

  /// Calls `body` with the exponentials `[K]` and the perturbed logits `[K]` of every sample.
  func forEach(
    _ row: RowLogits, _ draws: RowDraws, _ body: (LatentDraw, [Double], [Double]) -> Void
  ) {
    let size = row.categories
    let logs = logSoftmax(row.values, categories: size)
    var place = 0
    var perturbed = [Double](repeating: 0, count: size)
    forEachLatent(row, draws) { at in
      let all = StreamFromUniform(draws.uniforms[place], "conditional-gumbels")
        .exponentials(samples * size)
      place += 1
      for sample in 0..<samples {
        let exponentials = Array(all[sample * size..<(sample + 1) * size])
        let winner = log(exponentials[at.x])
        for k in 0..<size {
          // -log(E_k/p_k + E_x), in logarithms.
          let other = log(exponentials[k]) - logs[at.local + k]
          let (high, low) = (max(other, winner), min(other, winner))
          perturbed[k] = k == at.x ? -winner : -(high + log1p(exp(low - high)))
        }
        body(at, exponentials, perturbed)
      }
    }
  }

  /// Moments of `softmax(zt/tau)` given each winner, latent by latent; nil with too many categories.
  func moments(_ row: RowLogits, tau: Double, step: Double) -> [any SurrogateMoments]? {
    let size = row.categories
    guard size <= SurrogateSoftmax.maximumCategories else { return nil }
    let logs = logSoftmax(row.values, categories: size)
    return (0..<row.latents).map { latent in
      SurrogateSoftmax.conditional(
        logProbabilities: Array(logs[latent * size..<(latent + 1) * size]),
        logOffsets: [Double](repeating: 0, count: size), exponent: 1 / tau, step: step)
    }
  }

  /// Moments of the maps that differentiate through the noise; nil with more than four categories.
  func derivativeMoments(
    _ row: RowLogits, tau: Double, step: Double
  ) -> [any SurrogateMoments]? {
    let size = row.categories
    guard size <= NoiseDerivativeMoments.maximumCategories else { return nil }
    let logs = logSoftmax(row.values, categories: size)
    return (0..<row.latents).map { latent in
      NoiseDerivativeMoments.conditional(
        logProbabilities: Array(logs[latent * size..<(latent + 1) * size]), exponent: 1 / tau,
        step: step)
    }
  }
}

extension ParameterSpec {
  /// `M`, the conditional draws of one estimate.
  static let conditionalSamples = ParameterSpec(
    "samples", .integer(1...1000), default: .integer(10),
    "Gumbel draws per estimate given the hard sample, M")
}

extension EstimatorDescriptor {
  static let gumbelRao = EstimatorDescriptor(
    name: "gr-mc", family: .straightThrough, bias: .biased,
    summary: "Gumbel-Rao: ST Gumbel-Softmax averaged over noise drawn anew given the sample.",
    formula:
      "g = (1/M) sum_m (1/tau) J(softmax(zt_m/tau)) h(z), zt_m ~ (phi + G | argmax = x)",
    exactOn: "costs quadratic in each latent, in the limit tau -> 0", cost: "1 gradient",
    source: "Paulus, Maddison and Krause, arXiv 2010.04838",
    traps: [
      "The conditional noise is held constant; differentiating through it moves the mean away from ST-GS.",
      "Its mean is that of st-gs at the same tau: only the variance falls with M.",
    ],
    parameters: [
      ParameterSpec("tau", .temperature, default: .number(1), "temperature of the surrogate"),
      .conditionalSamples,
      ParameterSpec(
        "noise-derivative", .flag, default: .flag(false),
        "differentiate through the conditional noise as well (a known trap)"),
    ],
    make: {
      GumbelRao(
        tau: $0.number("tau"), noise: ConditionalGumbels(samples: $0.integer("samples")),
        throughNoise: $0.flag("noise-derivative"))
    })
}

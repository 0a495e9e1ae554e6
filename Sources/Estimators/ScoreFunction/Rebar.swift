import Discrete

/// REBAR: REINFORCE with the relaxed cost at conditional noise as control variate.
///
/// `zr = phi + G`, `z = onehot argmax zr`, `zt` a second perturbed point given `z`,
/// `y = softmax(zr / tau)`, `yt = softmax(zt / tau)`, `a = J(y) h(y) / tau`, `c` the derivative of
/// `f(yt)` in `phi` through the conditional noise:
/// `g = (f(z) - eta f(yt)) (z - p) + eta (a - c)`. Unbiased on every cost that is defined inside the
/// simplex; `eta = 0` is `reinforce`. Complexity: `O(D K)` beside one oracle value and two gradients.
public struct Rebar: ProbingEstimator {
  public let tau: Double
  public let eta: Double
  private let detached: Bool

  /// - Throws: `DiscreteError.parameter` for a temperature that is not a finite number above 0.
  public init(tau: Double, eta: Double) throws {
    guard tau > 0 && tau.isFinite else {
      throw DiscreteError.parameter("a temperature must be a finite number above 0, found \(tau)")
    }
    self.init(tau: tau, eta: eta, detached: false)
  }

  init(tau: Double, eta: Double, detached: Bool) {
    self.tau = tau
    self.eta = eta
    self.detached = detached
  }

  /// Takes the conditional noise for a constant, as if `zt = phi + noise`: biased, for tests.
  package static func detachedNoise(tau: Double, eta: Double) -> Rebar {
    Rebar(tau: tau, eta: eta, detached: true)
  }

  public var plan: EvaluationPlan {
    EvaluationPlan(
      values: true, perturbed: true,
      probes: ProbePlan(latentUniforms: 1, soft: 2, softGradients: true))
  }

  public func plan(for shape: LayerShape) -> EvaluationPlan {
    var plan = plan
    plan.probes?.latentUniforms = shape.categories
    return plan
  }

  private func noise(_ row: RowLogits, _ draws: RowDraws) -> [ConditionalNoise] {
    let logDistribution = logSoftmax(row.values, categories: row.categories)
    return (0..<draws.count).map {
      ConditionalNoise(
        logDistribution: logDistribution, categories: row.categories, codes: draws.codes[0],
        at: $0 * row.latents, uniforms: draws.uniforms, at: $0 * row.values.count)
    }
  }

  /// `y` and `yt` of every estimate.
  public func probes(_ row: RowLogits, _ draws: RowDraws) -> Probes {
    let width = row.values.count
    var soft: [Double] = []
    soft.reserveCapacity(2 * draws.count * width)
    for (draw, noise) in noise(row, draws).enumerated() {
      soft += tempered(
        draws.perturbed, at: draw * width, count: width, categories: row.categories, tau: tau)
      soft += tempered(
        noise.perturbed, at: 0, count: width, categories: row.categories, tau: tau)
    }
    return Probes(soft: soft)
  }
  /// With the whole of the relaxed cost as control variate a constant cancels.
  public var traits: EstimatorTraits {
    EstimatorTraits(
      backwardTemperature: tau, ignoredConstants: [.gradients, eta == 1 ? .level : .levelOfMean],
      ragged: .served)
  }

  public func combine(_ row: RowLogits, _ draws: RowDraws, into estimates: inout [Double]) {
    clear(&estimates)
    let score = Score(row)
    let (width, categories) = (score.width, row.categories)
    func pulled(_ point: Int) -> [Double] {
      let range = point * width..<(point + 1) * width
      return temperedPullback(
        Array(draws.probes.soft[range]), Array(draws.probes.softGradients[range]),
        categories: categories, tau: tau)
    }
    for (draw, noise) in noise(row, draws).enumerated() {
      let base = draw * width
      score.add(
        draws.values[0][draw] - eta * draws.probes.softValues[2 * draw + 1], draws.codes[0],
        at: draw * row.latents, to: &estimates, at: base)
      guard eta != 0 else { continue }
      for (index, value) in pulled(2 * draw).enumerated() {
        estimates[base + index] += eta * value
      }
      let conditional = pulled(2 * draw + 1)
      if detached {
        for index in 0..<width { estimates[base + index] -= eta * conditional[index] }
      } else {
        noise.addPullback(
          -eta, conditional, distribution: score.distribution, categories: categories,
          to: &estimates, at: base)
      }
    }
  }
}

extension EstimatorDescriptor {
  static let rebarFormula =
    "g = (f(z) - eta f(yt)) (z - p) + eta (d f(y)/d phi - d f(yt)/d phi), y = softmax((phi+G)/tau), yt the same given z"
  static let rebarTraps = [
    "The derivative runs through the conditional noise; taking the noise for a constant is biased.",
    "The cost must be defined inside the simplex.",
  ]

  static let rebar = EstimatorDescriptor(
    name: "rebar", family: .scoreFunction, bias: .unbiased,
    summary: "REINFORCE with the relaxed cost at conditional noise as control variate.",
    formula: rebarFormula, exactOn: "every cost", cost: "1 value and 2 gradients",
    source: "Tucker et al., arXiv 1703.07370", traps: rebarTraps,
    invariants: EstimatorInvariants(costShift: false),
    parameters: [
      ParameterSpec("tau", .temperature, default: .number(0.5), "temperature of the relaxation"),
      ParameterSpec("eta", .real, default: .number(1), "weight of the control variate"),
    ],
    make: { try Rebar(tau: $0.number("tau"), eta: $0.number("eta")) })
}

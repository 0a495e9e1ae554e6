import Discrete
import Estimators
import Testing

/// The surrogate family against finite differences of what it differentiates.
@Suite struct DerivativeTests {
  private let row = SmallCost.reference(latents: 2, categories: 3).row
  private let count = 5

  /// Fourth-order differences of `function` of one row's logits.
  private func gradients(_ function: (RowLogits) -> Double) -> [Double] {
    let step = 2e-3
    return row.values.indices.map { index in
      func value(_ offset: Double) -> Double {
        var values = row.values
        values[index] += offset * step
        return function(RowLogits(latents: 2, categories: 3, values: values))
      }
      return (8 * (value(1) - value(-1)) - (value(2) - value(-2))) / (12 * step)
    }
  }

  /// `g = d/dphi <h, s(phi)>` with the noise and `h` held fixed, where `s` is
  /// `softmax(phi/tau_b + G)` (scaled logits), `softmax((phi + G)/tau_b)` (scaled sum), with the
  /// forward's noise, a new one, or none.
  @Test(arguments: Setting.switches(tauForward: 0.7, tauBackward: 1.6))
  func estimatesDifferentiateTheSurrogate(setting: Setting) throws {
    let estimator = try setting.make()
    let draws = arbitraryDraws(estimator.plan, row, count: count, seed: 50)
    let h = estimator.plan.relaxed ? draws.softGradients : draws.gradients
    let estimates = estimator.estimates(row, draws)
    guard setting.sumsToZero else {
      #expect(estimates == h)
      return
    }
    let scaledLogits = setting.parameters["placement"] == .text("scaled-logits")
    let forwardTemperature = scaledLogits ? 0.7 : 1
    for draw in 0..<count {
      let range = draw * 6..<(draw + 1) * 6
      var gumbels = [Double](repeating: 0, count: 6)
      if setting.parameters["noise"] == .text("shared") {
        gumbels = range.map { draws.perturbed[$0] - row.values[$0 % 6] / forwardTemperature }
      } else if setting.parameters["noise"] == .text("fresh") {
        gumbels = Array(draws.freshNoise[range])
      }
      let own = Array(h[range])
      let expected = gradients { moved in
        var sums: [Double] = []
        for (logit, gumbel) in zip(moved.values, gumbels) {
          sums.append(scaledLogits ? logit / 1.6 + gumbel : (logit + gumbel) / 1.6)
        }
        return zip(own, softmax(sums, categories: 3)).reduce(0.0) { $0 + $1.0 * $1.1 }
      }
      #expect(largestDifference(Array(estimates[range]), expected) < 1e-9)
    }
  }

  /// The forward soft point is at `tau_f`, the backward surrogate at `tau_b`.
  @Test(arguments: SurrogateSwitches.Placement.allCases, SurrogateSwitches.Noise.allCases)
  func softPointsAreAtTheForwardTemperature(
    placement: SurrogateSwitches.Placement, noise: SurrogateSwitches.Noise
  ) throws {
    let estimator = SurrogateGradient(
      try SurrogateSwitches(
        placement: placement, noise: noise, forward: .soft, jacobian: .softmax, tauForward: 0.7,
        tauBackward: 1.6))
    let draws = arbitraryDraws(estimator.plan, row, count: count, seed: 51)
    let points = try #require(estimator.coupled?.softPoints(row, draws))
    let temperature = placement == .scaledLogits ? 0.7 : 1
    let expected = (0..<count * 6).map { index -> Double in
      let logit = row.values[index % 6]
      if noise == .none { return logit / 0.7 }
      let gumbel = draws.perturbed[index] - logit / temperature
      return placement == .scaledLogits ? logit / 0.7 + gumbel : (logit + gumbel) / 0.7
    }
    #expect(largestDifference(points, softmax(expected, categories: 3)) < 1e-13)
  }

  /// Gumbel-Softmax is the gradient of its relaxed objective: `d/dphi f(softmax((phi + G)/tau))`.
  @Test(arguments: [0.5, 1, 2])
  func gumbelSoftmaxDifferentiatesItsObjective(tau: Double) throws {
    let cost = SmallCost.reference(latents: 2, categories: 3).cost
    let estimator = try EstimatorRegistry.make("gumbel-softmax", ["tau": .number(tau)])
    var draws = noise(estimator.plan, row, count: count, seed: 52)
    let points = try #require(estimator.coupled?.softPoints(row, draws))
    for draw in 0..<count {
      draws.softGradients += cost.gradient(Array(points[draw * 6..<(draw + 1) * 6]))
    }
    let estimates = estimator.estimates(row, draws)
    for draw in 0..<count {
      let gumbels = (0..<6).map { draws.perturbed[draw * 6 + $0] - row.values[$0] }
      let expected = gradients { moved in
        cost.value(
          softmax((0..<6).map { moved.values[$0] + gumbels[$0] }, categories: 3, scale: 1 / tau))
      }
      #expect(largestDifference(Array(estimates[draw * 6..<(draw + 1) * 6]), expected) < 1e-8)
    }
  }

  /// The reference cost's own gradient.
  @Test func referenceGradient() {
    let cost = SmallCost.reference(latents: 2, categories: 3).cost
    let found = cost.gradient(row.values)
    #expect(largestDifference(found, gradients { cost.value($0.values) }) < 1e-9)
  }
}

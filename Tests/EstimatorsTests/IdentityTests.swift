import Discrete
import Estimators
import Tensors
import Testing

/// Equalities between estimators, draw by draw.
@Suite struct IdentityTests {
  private let row = SmallCost.reference(latents: 2, categories: 3).row
  private let count = 200

  private func switches(
    _ placement: SurrogateSwitches.Placement, _ forward: SurrogateSwitches.Forward,
    _ tauForward: Double, _ tauBackward: Double, noise: SurrogateSwitches.Noise = .shared
  ) throws -> SurrogateGradient {
    SurrogateGradient(
      try SurrogateSwitches(
        placement: placement, noise: noise, forward: forward, jacobian: .softmax,
        tauForward: tauForward, tauBackward: tauBackward))
  }

  private func expectSameBits(_ a: any GradientEstimator, _ b: any GradientEstimator) {
    #expect(a.plan == b.plan)
    let draws = arbitraryDraws(a.plan, row, count: count, seed: 40)
    #expect(a.estimates(row, draws) == b.estimates(row, draws))
    #expect(a.coupled?.softPoints(row, draws) == b.coupled?.softPoints(row, draws))
  }

  @Test func leaveOneOutOfTwoIsHalfTheProductOfDifferences() throws {
    let estimator = try ReinforceLeaveOneOut(samples: 2)
    let draws = arbitraryDraws(estimator.plan, row, count: count, seed: 41)
    let cost = SmallCost.reference(latents: 2, categories: 3).cost
    let expected = (0..<count).flatMap { draw -> [Double] in
      let points = draws.codes.map { cost.oneHot($0[draw * 2..<draw * 2 + 2]) }
      let gap = draws.values[0][draw] - draws.values[1][draw]
      return zip(points[0], points[1]).map { gap * ($0 - $1) / 2 }
    }
    #expect(largestDifference(estimator.estimates(row, draws), expected) < 1e-15)
  }

  /// `(1/n) sum_i (f_i - mean of the others) (z_i - p)`.
  @Test(arguments: [2, 3, 5])
  func leaveOneOutBaselines(samples: Int) throws {
    let estimator = try ReinforceLeaveOneOut(samples: samples)
    let draws = arbitraryDraws(estimator.plan, row, count: count, seed: 42)
    let p = row.probabilities()
    let cost = SmallCost.reference(latents: 2, categories: 3).cost
    var expected = [Double](repeating: 0, count: count * 6)
    for draw in 0..<count {
      let total = draws.values.reduce(0.0) { $0 + $1[draw] }
      for sample in 0..<samples {
        let value = draws.values[sample][draw]
        let advantage = value - (total - value) / Double(samples - 1)
        let z = cost.oneHot(draws.codes[sample][draw * 2..<draw * 2 + 2])
        for index in 0..<6 {
          expected[draw * 6 + index] += advantage * (z[index] - p[index]) / Double(samples)
        }
      }
    }
    #expect(largestDifference(estimator.estimates(row, draws), expected) < 1e-14)
  }

  @Test(arguments: [0.4, 1, 2.5])
  func equalTemperaturesGiveTheCoupledPreset(tau: Double) throws {
    let st = try EstimatorRegistry.make("st", ["tau": .number(tau)])
    expectSameBits(
      st,
      try EstimatorRegistry.make(
        "decoupled-st", ["tau-forward": .number(1), "tau-backward": .number(tau)]))
    let gumbel = try EstimatorRegistry.make("st-gs", ["tau": .number(tau)])
    let both: [String: ParameterValue] = [
      "tau-forward": .number(tau), "tau-backward": .number(tau), "placement": .text("scaled-sum"),
    ]
    expectSameBits(gumbel, try EstimatorRegistry.make("decoupled-st-gs", both))
    expectSameBits(
      try EstimatorRegistry.make("gumbel-softmax", ["tau": .number(tau)]),
      try EstimatorRegistry.make(
        "decoupled-st-gs", both.merging(["forward": .text("soft")]) { $1 }))
    expectSameBits(
      try EstimatorRegistry.make(
        "decoupled-st", ["tau-forward": .number(0.3), "tau-backward": .number(tau)]),
      try EstimatorRegistry.make(
        "decoupled-st-gs",
        ["tau-forward": .number(0.3), "tau-backward": .number(tau), "noise": .text("none")]))
  }

  /// At temperature 1 the placements coincide.
  @Test func placementsAgreeAtOne() throws {
    let a = try EstimatorRegistry.make("st-gs")
    let b = try EstimatorRegistry.make("decoupled-st-gs")
    let draws = arbitraryDraws(a.plan, row, count: count, seed: 43)
    #expect(a.plan == b.plan)
    #expect(a.estimates(row, draws) == b.estimates(row, draws))
  }

  @Test(arguments: SurrogateSwitches.Noise.allCases)
  func forwardTemperatureIsInertUnderAScaledSum(noise: SurrogateSwitches.Noise) throws {
    let first = try switches(.scaledSum, .sample, 0.3, 1.4, noise: noise)
    let second = try switches(.scaledSum, .sample, 5, 1.4, noise: noise)
    expectSameBits(first, second)
    let cost = SmallCost.reference(latents: 2, categories: 3).cost
    let jointCodes = cost.jointCodes(row, step: 0.3)
    #expect(
      try first.exact?.exactMoments(row, jointCodes) == second.exact?.exactMoments(row, jointCodes))
  }

  /// Under scaled logits it changes the distribution. |z| < 4.5 for 12 scores: false alarm 8e-5.
  @Test func forwardTemperatureMovesTheDistributionUnderScaledLogits() throws {
    let cold = try switches(.scaledLogits, .sample, 0.3, 1.4).plan
    let warm = try switches(.scaledLogits, .sample, 5, 1.4).plan
    #expect(cold.distribution == .sample(temperature: 0.3))
    #expect(warm.distribution == .sample(temperature: 5))
    let n = 50_000
    var frequencies: [[Double]] = []
    for plan in [cold, warm] {
      let distribution = plan.distribution.probabilities(row)
      let codes = noise(plan, row, count: n, seed: 44).codes[0]
      var hits = [Double](repeating: 0, count: 6)
      for (index, code) in codes.enumerated() { hits[index % 2 * 3 + Int(code)] += 1 }
      for index in 0..<6 {
        let error = (distribution[index] * (1 - distribution[index]) / Double(n)).squareRoot()
        #expect(abs(hits[index] / Double(n) - distribution[index]) < 4.5 * error)
      }
      frequencies.append(hits.map { $0 / Double(n) })
    }
    #expect(largestDifference(frequencies[0], frequencies[1]) > 0.2)
  }

  /// `ReinMax(1) = (ST + DARN)/2`, `DARN = u <u, h>`, `u = z - p`, and its compact form
  /// `g_k = (1/2) p_k (h_k - h_x)` off the winner.
  @Test func reinMaxHasThreeEqualForms() throws {
    let reinMax = try ReinMax(tau: 1)
    let straightThrough = try EstimatorRegistry.make("st")
    let draws = arbitraryDraws(reinMax.plan, row, count: count, seed: 45)
    let st = straightThrough.estimates(row, draws)
    let p = row.probabilities()
    var halves: [Double] = []
    var compact: [Double] = []
    for place in 0..<count * 2 {
      let x = Int(draws.codes[0][place])
      let h = Array(draws.gradients[place * 3..<place * 3 + 3])
      let distribution = Array(p[place % 2 * 3..<place % 2 * 3 + 3])
      let u = (0..<3).map { ($0 == x ? 1 : 0) - distribution[$0] }
      let inner = (0..<3).reduce(0.0) { $0 + u[$1] * h[$1] }
      halves += (0..<3).map { (st[place * 3 + $0] + u[$0] * inner) / 2 }
      var direct = (0..<3).map { $0 == x ? 0 : distribution[$0] * (h[$0] - h[x]) / 2 }
      direct[x] = -direct.reduce(0, +)
      compact += direct
    }
    let estimates = reinMax.estimates(row, draws)
    #expect(largestDifference(estimates, halves) < 1e-12)
    #expect(largestDifference(estimates, compact) < 1e-12)
  }

  /// Two categories: `g_psi = |b - pi| h_b / 2`.
  @Test func binaryReinMaxIsTheHalfEstimator() throws {
    let row = SmallCost.reference(latents: 3, categories: 2).row
    let reinMax = try ReinMax(tau: 1)
    let draws = arbitraryDraws(reinMax.plan, row, count: count, seed: 46)
    let p = row.probabilities()
    let expected = (0..<count * 3).flatMap { place -> [Double] in
      let b = Double(draws.codes[0][place])
      let gradient = draws.gradients[place * 2 + 1] - draws.gradients[place * 2]
      let g = abs(b - p[place % 3 * 2 + 1]) * gradient / 2
      return [-g, g]
    }
    #expect(largestDifference(reinMax.estimates(row, draws), expected) < 1e-12)
  }

  /// `tau K ST(tau)` and `tau K ST-GS(tau)` tend to the centred identity, `h - mean h`.
  @Test(arguments: ["st", "st-gs"])
  func hugeTemperaturesGiveTheCentredIdentity(kind: String) throws {
    let tau = 1e7
    let estimator = try EstimatorRegistry.make(kind, ["tau": .number(tau)])
    let identity = try EstimatorRegistry.make("identity-st")
    let draws = arbitraryDraws(estimator.plan, row, count: count, seed: 47)
    let h = identity.estimates(row, draws)
    #expect(h == draws.gradients)
    let centred = h.indices.map { index in
      h[index] - h[index / 3 * 3..<index / 3 * 3 + 3].reduce(0, +) / 3
    }
    let scaled = estimator.estimates(row, draws).map { 3 * tau * $0 }
    #expect(largestDifference(scaled, centred) < 1e-5)
  }

  /// ReinMax's midpoint is softmax(phi/tau), in each latent.
  @Test func reinMaxFollowsItsFormula() throws {
    let tau = 1.7
    let reinMax = try ReinMax(tau: tau)
    let draws = arbitraryDraws(reinMax.plan, row, count: count, seed: 48)
    let (p, q) = (row.probabilities(), row.probabilities(temperature: tau))
    let expected = (0..<count * 2).flatMap { place -> [Double] in
      let range = place % 2 * 3..<place % 2 * 3 + 3
      let x = Int(draws.codes[0][place])
      let h = Array(draws.gradients[place * 3..<place * 3 + 3])
      let middle = range.map { (q[$0] + ($0 - range.lowerBound == x ? 1 : 0)) / 2 }
      let first = matrixProduct(softmaxJacobian(middle[...]), h, m: 3, n: 1, k: 3)
      let second = matrixProduct(softmaxJacobian(p[range]), h, m: 3, n: 1, k: 3)
      return zip(first, second).map { 2 * $0 - $1 / 2 }
    }
    #expect(largestDifference(reinMax.estimates(row, draws), expected) < 1e-14)
    #expect(reinMax.coupled?.softPoints(row, draws) == (0..<count).flatMap { _ in q })
    #expect(!reinMax.traits.softPointsVary)
  }
}

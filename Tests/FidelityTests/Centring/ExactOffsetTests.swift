import Discrete
import Estimators
import Fidelity
import Foundation
import Models
import Tensors
import Testing

/// A constant in the cost moves no exact number by more than the rounding of the cost's own values.
@Suite struct ExactOffsetTests {
  private func numbers(
    _ problem: any DiscreteProblem, _ kinds: [String], target: TargetSettings = TargetSettings()
  ) throws -> [String: [FidelityNumber]] {
    let session = FidelitySession(
      problem: problem, target: target,
      measure: MeasureSettings(moments: .exact, draws: 1024, blocks: 16, perDrawSamples: 0),
      key: RandomKey(seed: 1))
    let requests = try kinds.map {
      FidelityRequest(estimator: try EstimatorRegistry.make($0), distribution: .own)
    }
    var found: [String: [FidelityNumber]] = [:]
    for (kind, result) in zip(kinds, try session.run(requests)) {
      found[kind] = try result.get().numbers
    }
    return found
  }

  /// Exact doubles around 1e15, whose differences are 0, 1, 2.5 and 3: the exact answer, by hand
  /// `g = sum_z q(z) f(z) (z - p)` with `p = sigmoid(1)` and `sigmoid(-1)`. Unbiased kinds, those
  /// whose variance sees the constant among them, have it as their mean.
  @Test func tableAroundAQuadrillion() throws {
    let problem = try fromText(
      """
      {"phi": [[0, 1], [0, -1]], "cost": {"type": "table",
       "values": [1000000000000000, 1000000000000001, 1000000000000002.5, 1000000000000003]}}
      """)
    let kinds = [
      "reinforce-loo", "mvd", "disarm", "reinforce", "reinforce-constant", "enumeration", "leg",
      "arm", "reinforce-independent", "sum-and-sample", "unordered-set", "bitflip-1",
      "reinforce-importance", "reinforce-systematic", "spa", "carms-i", "arms", "ugc",
    ]
    let (p, q) = (1 / (1 + exp(-1.0)), 1 / (1 + exp(1.0)))
    let first = p * (1 - p) * ((1 - q) * 2.5 + q * 2)
    let second = q * (1 - q) * ((1 - p) * 1 + p * 0.5)
    let norm = (2 * (first * first + second * second)).squareRoot()
    #expect(abs(norm - 0.680986) < 1e-6)
    for (kind, numbers) in try numbers(problem, kinds) {
      let found = try number(numbers, .targetNorm).value
      #expect(abs(found / norm - 1) < 1e-13, "\(kind)")
      let bias = try number(numbers, .relativeBias)
      #expect(bias.value < 1e-10, "\(kind): \(bias.value)")
      #expect(bias.resolved != true, "\(kind)")
    }
  }

  /// Computed costs: moments, targets by enumeration, and biased kinds.
  @Test(arguments: [1e5, 1e7, 1e8, 1e12], Hiding.allCases)
  func computedCosts(constant: Double, hiding: Hiding) throws {
    let kinds = [
      "reinforce-loo", "mvd", "disarm", "leg", "st", "st-gs", "reinmax", "gr-mc", "double-cv",
      "muprop", "decoupled-st-gs", "darn", "beta-st", "imle", "rk2-alpha", "vimco",
    ]
    for isCubic in [false, true] {
      let plain = try numbers(offsetPolynomial(0, hiding, isCubic: isCubic), kinds)
      let moved = try numbers(offsetPolynomial(constant, hiding, isCubic: isCubic), kinds)
      for kind in kinds {
        let (one, two) = (try #require(plain[kind]), try #require(moved[kind]))
        for metric in [Metric.variance, .targetNorm, .estimateNorm] {
          let (a, b) = (try number(one, metric).value, try number(two, metric).value)
          #expect(
            abs(a - b) <= 8 * allowance(constant) * max(abs(a), 0.1),
            "\(kind) \(metric) \(isCubic)")
        }
      }
    }
  }

  /// Integrals over noise at soft points.
  @Test func relaxations() throws {
    let kinds = ["gumbel-softmax"]
    let plain = try #require(try numbers(offsetPolynomial(0), kinds)[kinds[0]])
    let moved = try #require(try numbers(offsetPolynomial(1e8), kinds)[kinds[0]])
    for metric in [Metric.variance, .estimateNorm, .relativeBias] {
      let (one, two) = (try number(plain, metric), try number(moved, metric))
      #expect(abs(one.value - two.value) < 8 * allowance(1e8) * one.value, "\(metric)")
    }
  }

  /// Gradients given as exact doubles around 1e12, in both latents.
  @Test func tableGradients() throws {
    func problem(_ constant: Double) throws -> any DiscreteProblem {
      let gradients: [Double] = [
        0.5, 1, 0.25, 2, 1.5, -1, 0.75, 0.5, -0.5, 1, 2, 0.25, 1, 0.5, 0.125, -2,
      ]
      return try CostProblem(
        logits: Logits(
          shape: LayerShape(rows: 1, latents: 2, categories: 2), values: [0, 1, 0, -1]),
        oracle: TableOracle(
          shape: LayerShape(rows: 1, latents: 2, categories: 2), values: [0, 1, 2.5, 3],
          gradients: gradients.enumerated().map {
            $0.element + Double($0.offset / 2 + 1) * constant
          }
        ))
    }
    let kinds = ["st", "st-gs", "reinmax", "darn", "gr-mc", "half-estimator", "imle"]
    let (plain, moved) = (try numbers(problem(0), kinds), try numbers(problem(1e12), kinds))
    for kind in kinds {
      for metric in [Metric.variance, .estimateNorm] {
        let one = try number(#require(plain[kind]), metric).value
        let two = try number(#require(moved[kind]), metric).value
        #expect(abs(one - two) < 1e-12 * abs(one), "\(kind) \(metric)")
      }
    }
  }

  /// A network with a constant of its own: `b2`.
  @Test(arguments: [1e5, 1e8, 1e12]) func tanhNetworks(constant: Double) throws {
    func problem(_ constant: Double) throws -> any DiscreteProblem {
      try fromText(
        """
        {"phi": [[0.2, 1], [0, -1]], "cost": {"type": "mlp", "b2": \(constant),
         "W1": [[0.7, -0.2, 0.4, 1.1], [0.3, 0.5, -0.6, 0.2]], "b1": [0.1, -0.3], "w2": [1.2, -0.8]}}
        """)
    }
    let kinds = ["reinforce-loo", "mvd", "leg", "st-gs", "enumeration", "reinforce"]
    let (plain, moved) = (try numbers(problem(0), kinds), try numbers(problem(constant), kinds))
    for kind in kinds {
      let (one, two) = (try #require(plain[kind]), try #require(moved[kind]))
      let (a, b) = (try number(one, .targetNorm).value, try number(two, .targetNorm).value)
      #expect(abs(a - b) <= allowance(constant), "\(kind)")
      let bias = try number(two, .relativeBias).value
      let wanted = try number(one, .relativeBias).value
      #expect(abs(bias - wanted) <= 1e-7 + 8 * allowance(constant) / a, "\(kind): \(bias)")
    }
  }

  /// Formulas in place of sums, on more latents than can be enumerated.
  @Test(arguments: [1e7, 1e12, 1e15]) func closedForms(constant: Double) throws {
    func gradient(_ problem: CostProblem) throws -> [Double] {
      try #require(problem.closedFormGradient(temperature: 0.8))
    }
    for hiding in Hiding.allCases {
      for isCubic in [false, true] {
        let plain = try gradient(offsetPolynomial(0, hiding, latents: 24, isCubic: isCubic))
        let moved = try gradient(offsetPolynomial(constant, hiding, latents: 24, isCubic: isCubic))
        #expect(
          relativeDifference(moved, plain) < 24 * allowance(constant), "\(hiding) \(isCubic)")
      }
    }
    func linear(_ constant: Double) throws -> CostProblem {
      try CostProblem(
        logits: Logits(
          shape: LayerShape(rows: 2, latents: 30, categories: 3),
          values: (0..<180).map { Double($0 * $0 % 11) / 6 }),
        cost: LinearCost(
          latents: 30, categories: 3,
          // Eighths: exact beside the constant.
          weights: (0..<90).map { Double($0 * 5 % 16) / 8 + constant }, constant: 7 * constant))
    }
    #expect(relativeDifference(try gradient(linear(constant)), try gradient(linear(0))) < 1e-14)
  }

  /// Constants of opposite signs in two latents: the values are small and have the rounding of the
  /// constants, and the table says so.
  @Test func constantsThatCancel() throws {
    func values(_ constant: Double) throws -> OracleTable {
      let matrix = (0..<16).map { Double($0 * 7 % 5) / 3 }
      let weights = (0..<4).map { Double($0) / 7 + ($0 < 2 ? constant : -constant) }
      let cost = try QuadraticCost(latents: 2, categories: 2, matrix: matrix, weights: weights)
      return try OracleTable(
        oracle: SharedCostOracle(rows: 1, cost: cost), limit: 4, gradients: false)
    }
    let (plain, moved) = (try values(0), try values(1e12))
    let error = zip(plain.values, moved.values).map { abs($0 - $1) }.max() ?? 0
    #expect(error > 1e-5)
    #expect(moved.costRounding[0] > error && moved.costRounding[0] < 1e-2)
    #expect(plain.costRounding[0] < 1e-13)
  }

  /// One joint code with nearly all of the probability: what is left keeps its digits. Two latents with
  /// logits of 30 apart, `g_d = s (1 - s) D_d` with the conditional differences of the cost.
  @Test func nearlyCertainJointCodes() throws {
    let problem = try fromText(
      """
      {"phi": [[0, 30], [30, 0]], "cost": {"type": "table", "values": [0.3, 1.7, 2.9, 0.4]}}
      """)
    let rare = exp(-30.0) / (1 + exp(-30.0))
    // Joint codes 00, 01, 10, 11; likeliest: 1, 0.
    let first = rare * (1 - rare) * ((1 - rare) * (2.9 - 0.3) + rare * (0.4 - 1.7))
    let second = rare * (1 - rare) * ((1 - rare) * (0.4 - 2.9) + rare * (1.7 - 0.3))
    let norm = (2 * (first * first + second * second)).squareRoot()
    for (kind, numbers) in try numbers(problem, ["enumeration", "reinforce-loo", "leg"]) {
      #expect(abs(try number(numbers, .targetNorm).value / norm - 1) < 1e-13, "\(kind)")
      #expect(abs(try number(numbers, .estimateNorm).value / norm - 1) < 1e-12, "\(kind)")
    }
  }

  /// Sampled targets, of more latents than are enumerated: the same draws with and without the
  /// constant.
  @Test(arguments: [1e7, 1e12]) func sampledTargets(constant: Double) throws {
    func target(_ constant: Double) throws -> TargetGradient {
      let problem = try offsetPolynomial(constant, latents: 20)
      let engine = try MonteCarloEngine(
        source: DrawSource(problem: problem, key: RandomKey(seed: 9)),
        geometry: ScopeGeometry(problem: problem, scopes: [.logits]), workers: 1)
      return try TargetGradient.monteCarlo(
        engine: engine, samples: 2, temperature: 1, blocks: 8, drawsPerBlock: 512)
    }
    #expect(
      relativeDifference(try target(constant).gradient, try target(0).gradient)
        < 1e-5 + allowance(constant))
  }
}

import CKernels
import Discrete
import Estimators
import Fidelity
import Models
import Tensors
import Testing

struct FusedMomentsTests {
  /// Same draws, single precision against double. The range begins and ends inside a unit of draws
  /// and inside a group of sixteen.
  @Test(arguments: FusedCase.all)
  func agreesWithCombine(_ fusedCase: FusedCase) throws {
    let (problem, estimator) = try fusedCase.make()
    let fused = try #require(FusedMoments(problem: problem, estimator: estimator))
    let key = RandomKey(seed: 91)
    let found = fused.moments(draws: 1013..<3206, key: key)
    let expected = try generalMoments(problem, estimator, draws: 1013..<3206, key: key)
    #expect(found.draws == expected.draws)
    #expect(found.mean.count == problem.shape.count)
    for index in expected.mean.indices {
      let deviation = expected.variance[index].squareRoot()
      let size = abs(expected.mean[index]) + deviation
      #expect(abs(found.mean[index] - expected.mean[index]) <= 3e-6 * size, "mean \(index)")
      #expect(
        abs(found.variance[index] - expected.variance[index])
          <= 2e-5 * expected.variance[index] + 1e-11 * size * size, "variance \(index)")
    }
  }

  /// The uniform of a binary code is also its noise: against moments by quadrature. 2 x 6 normal
  /// scores beyond 5 sigma: false alarms below 1e-5.
  @Test(arguments: ["st-gs", "decoupled-st-gs"])
  func binaryNoiseHasTheDistribution(kind: String) throws {
    let problem = try fusedProblem("cubic 3x2")
    let parameters: [String: ParameterValue] =
      kind == "st-gs" ? [:] : ["tau-forward": .number(0.8), "tau-backward": .number(0.6)]
    let estimator = try EstimatorRegistry.make(kind, parameters)
    let fused = try #require(FusedMoments(problem: problem, estimator: estimator))
    let draws = 400_000
    let found = fused.moments(draws: 0..<draws, key: RandomKey(seed: 17))
    let row = problem.logits.row(0)
    let table = try OracleTable(oracle: problem.oracle, limit: 8, gradients: true)
    let jointCodes = RowJointCodes(
      row: row, distribution: estimator.plan.distribution, codes: table.codes,
      values: table.values(row: 0),
      gradients: table.gradients(row: 0), quadratureStep: 0.2)
    let exact = try #require(try estimator.exact?.exactMoments(row, jointCodes)).moments
    for index in 0..<6 {
      let variance = exact.covariance[index * 6 + index]
      let z = (found.mean[index] - exact.mean[index]) / (variance / Double(draws)).squareRoot()
      #expect(abs(z) < 5, "mean \(index): z \(z)")
      // Kurtosis of these estimates is below 50.
      let relative = found.variance[index] / variance - 1
      #expect(abs(relative) < 5 * (50 / Double(draws)).squareRoot(), "variance \(index)")
    }
  }

  /// A deviation of some 1e-5 of the mean survives sums of squares in single precision, which
  /// resolve 1e-7 of them, because these are taken about a shift.
  @Test func smallVariancesSurvive() throws {
    let width = 6
    let problem = try CostProblem(
      logits: Logits(
        shape: LayerShape(rows: 1, latents: 2, categories: 3), values: [0.1, 0.5, -0.3, 1, 0, 0.2]),
      cost: QuadraticCost(
        latents: 2, categories: 3, matrix: (0..<width * width).map { 1e-6 * Double($0 % 7) },
        weights: (0..<width).map(Double.init)))
    let estimator = try EstimatorRegistry.make("st")
    let key = RandomKey(seed: 21)
    let fused = try #require(FusedMoments(problem: problem, estimator: estimator))
    let found = fused.moments(draws: 0..<3000, key: key)
    let expected = try generalMoments(problem, estimator, draws: 0..<3000, key: key)
    for index in 0..<width {
      #expect(expected.variance[index] < 1e-8 * expected.mean[index] * expected.mean[index])
      #expect(abs(found.variance[index] / expected.variance[index] - 1) < 0.05)
    }
  }

  /// Where the estimate is a count of codes, a constant one has no variance but rounding.
  @Test func constantEstimatesHaveNoVariance() throws {
    let moments = try FusedCase("linear 6x3", "st").fused()
      .moments(draws: 0..<50_000, key: RandomKey(seed: 2))
    for index in moments.mean.indices {
      #expect(moments.variance[index] <= 1e-13 * moments.mean[index] * moments.mean[index])
    }
  }

  @Test(arguments: [FusedCase("powers 1.5", "st-gs"), FusedCase("cubic 3x5", "gumbel-softmax")])
  func bitsDoNotDependOnWorkers(_ fusedCase: FusedCase) throws {
    let fused = try fusedCase.fused()
    let key = RandomKey(seed: 5)
    let one = fused.sums(draws: 100..<70_000, key: key, workers: 1)
    #expect(fused.sums(draws: 100..<70_000, key: key, workers: 3) == one)
  }

  /// Parts are the same draws: sums differ by the rounding of sums in single precision, counts of
  /// codes not at all.
  @Test(arguments: [
    FusedCase("powers 1.5", "st"), FusedCase("powers 1.5", "st-gs"),
    FusedCase("cubic 3x5", "gumbel-softmax"), FusedCase("cubic 5x2", "reinforce-loo"),
  ])
  func rangesAddUp(_ fusedCase: FusedCase) throws {
    let fused = try fusedCase.fused()
    let key = RandomKey(seed: 6)
    let whole = fused.sums(draws: 0..<5000, key: key)
    var parts = fused.sums(draws: 0..<1, key: key)
    for range in [1..<30, 30..<30, 30..<2048, 2048..<4999, 4999..<5000] {
      parts += fused.sums(draws: range, key: key)
    }
    #expect(parts.draws == 5000)
    for index in whole.sum.indices {
      let size = (whole.squares[index] * 5000).squareRoot()
      #expect(abs(parts.sum[index] - whole.sum[index]) <= 1e-6 * size)
      #expect(abs(parts.squares[index] - whole.squares[index]) <= 1e-5 * whole.squares[index])
    }
  }

  /// What the kernels do not know is left to the general way.
  @Test func othersAreLeft() throws {
    func served(_ problem: any DiscreteProblem, _ kind: String) throws -> Bool {
      FusedMoments(problem: problem, estimator: try EstimatorRegistry.make(kind)) != nil
    }
    let cubic = try fusedProblem("cubic 3x3")
    for kind in ["reinforce", "gr-mc", "disarm-tree", "rebar"] {
      #expect(try !served(cubic, kind), "\(kind)")
    }
    #expect(try !served(try registered("test-problem"), "st"))
    #expect(try !served(try fusedProblem("cubic 1x17"), "st"))
    let shape = LayerShape(rows: 1, latents: 1, categories: 2)
    let extreme = try CostProblem(
      logits: Logits(shape: shape, values: [0, 300]),
      cost: QuadraticCost(latents: 1, categories: 2, matrix: [1, 2, 3, 4], weights: [0, 0]))
    #expect(try !served(extreme, "st-gs"))
    let huge = try CostProblem(
      logits: Logits(shape: shape, values: [0, 1]),
      cost: QuadraticCost(
        latents: 1, categories: 2, matrix: [1e250, 2, 3, 4], weights: [0, 0]))
    #expect(try !served(huge, "st"))
  }

  /// Coefficients far outside the range of single precision are brought into it.
  @Test(arguments: [1e-90, 1e90])
  func scalesWithTheCost(scale: Double) throws {
    let key = RandomKey(seed: 8)
    for kind in ["st", "st-gs", "reinforce-loo", "reinmax", "gumbel-softmax"] {
      let moments = try [1, scale].map { scale in
        let shape = LayerShape(rows: 1, latents: 2, categories: 3)
        let problem = try CostProblem(
          logits: Logits(shape: shape, values: [0.1, 0.5, -0.3, 1, 0, 0.2]),
          cost: QuadraticCost(
            latents: 2, categories: 3, matrix: (0..<36).map { scale * Double($0 % 7) },
            weights: (0..<6).map { scale * Double($0) }))
        let fused = try #require(
          FusedMoments(problem: problem, estimator: try EstimatorRegistry.make(kind)))
        return fused.moments(draws: 0..<2000, key: key)
      }
      for index in 0..<6 {
        let ratio = moments[1].variance[index] / moments[0].variance[index] / scale / scale
        #expect(abs(ratio - 1) < 1e-4, "\(kind) \(index)")
      }
    }
  }
}

/// The kernels return the same bits at every instruction-set level.
@Suite(.serialized) struct FusedLevelTests {
  @Test(arguments: FusedCase.all)
  func sums(_ fusedCase: FusedCase) throws {
    let fused = try fusedCase.fused()
    defer { gf_set_level(0) }
    let sums = [Int32(1), 3, 4].map { level in
      gf_set_level(level)
      return fused.sums(draws: 7..<1300, key: RandomKey(seed: 44))
    }
    #expect(sums[0] == sums[1])
    #expect(sums[0] == sums[2])
    #expect(sums[0].squares.contains { $0 > 0 })
  }
}

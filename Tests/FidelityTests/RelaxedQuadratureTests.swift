import Discrete
import Estimators
import Fidelity
import Foundation
import Models
import Tensors
import TestSupport
import Testing

/// Another oracle's cost behind other capabilities, or as the cost of the first latent alone.
private struct Disguise: CostOracle {
  let inner: any CostOracle
  /// Latents that the cost ignores.
  var ignored = 0

  var shape: LayerShape {
    LayerShape(
      rows: 1, latents: inner.shape.latents + ignored, categories: inner.shape.categories)
  }
  var capabilities: OracleCapabilities { OracleCapabilities(separable: false) }

  func costs(at codes: CodeBlock, gradients: Bool) throws -> CostBlock {
    throw DiscreteError.unsupported("soft points only")
  }

  func costs(at points: SoftBlock, gradients: Bool) throws -> CostBlock {
    let kept = inner.shape.width
    let own = (0..<points.draws).flatMap { draw in
      points.points[draw * shape.width..<draw * shape.width + kept]
    }
    let block = try inner.costs(
      at: SoftBlock(shape: inner.shape, draws: points.draws, points: own), gradients: gradients)
    let zeros = [Double](repeating: 0, count: shape.width - kept)
    return CostBlock(
      values: block.values,
      gradients: gradients
        ? (0..<points.draws).flatMap { block.gradients[$0 * kept..<($0 + 1) * kept] + zeros } : [])
  }
}

@Suite struct RelaxedQuadratureTests {
  private static func relaxation(_ tau: Double) throws -> any GradientEstimator {
    try EstimatorRegistry.make("gumbel-softmax", ["tau": .number(tau)])
  }

  private static func powers(_ power: Double, latents: Int) throws -> any DiscreteProblem {
    try registered(
      "polynomial-programming",
      [
        "latents": .integer(latents), "p": .number(power), "logit-range": .number(1.5),
        "c": .number(0.4),
      ])
  }

  private func moments(
    _ oracle: any CostOracle, _ logits: [Double], tau: Double, key: UInt64 = 1
  ) throws -> ExactMoments {
    let row = RowLogits(
      latents: oracle.shape.latents, categories: oracle.shape.categories, values: logits)
    let moments = try RelaxedQuadrature(oracle: oracle, row: row, key: key)
      .moments(Self.relaxation(tau))
    return try #require(moments)
  }

  /// Largest deviation of the two rules on two binary latents: Gauss-Kronrod where the cost says
  /// that it is separable, the trapezoidal rule where it does not.
  private func checkRules(power: Double, taus: [Double], tolerance: Double) throws {
    let problem = try Self.powers(power, latents: 2)
    for tau in taus {
      let adaptive = try moments(problem.oracle, problem.logits.values, tau: tau)
      let trapezoid = try moments(
        Disguise(inner: problem.oracle), problem.logits.values, tau: tau)
      #expect(adaptive != trapezoid)
      #expect(adaptive.standardErrors == nil && trapezoid.standardErrors == nil)
      for (a, b) in [
        (adaptive.moments.mean, trapezoid.moments.mean),
        (adaptive.moments.covariance, trapezoid.moments.covariance),
      ] {
        #expect(relativeDifference(a, b) < tolerance, "p = \(power), tau = \(tau)")
      }
    }
  }

  @Test func twoRulesAgreeOnASmoothCost() throws {
    try checkRules(power: 2, taus: [0.5, 1, 2], tolerance: 1e-11)
  }

  /// With p = 3 the gradient has a kink, with p = 1.5 a root-like one: the trapezoidal rule, made
  /// for smooth costs, uses all its 30 million nodes and keeps 1e-7 and 3e-4.
  @Test(.enabled(if: isHeavy))
  func heavyTwoRulesAgreeOnKinks() throws {
    try checkRules(power: 3, taus: [0.5, 2], tolerance: 1e-6)
    try checkRules(power: 1.5, taus: [0.5, 2], tolerance: 1e-3)
  }

  /// Kinked costs by direct sampling: 65,536 draws, |z| < 5 for every coordinate of the mean and
  /// the trace of the covariance; 30 comparisons, false-alarm rate 2e-5.
  @Test(arguments: [1.5, 1.0])
  func samplingAgreesOnKinkedCosts(power: Double) throws {
    let problem = try Self.powers(power, latents: 4)
    for tau in [0.4, 1.0, 2.5] {
      let exact = try moments(problem.oracle, problem.logits.values, tau: tau).moments
      let width = problem.shape.width
      let (measurement, numbers) = try sampledNumbers(
        problem, Self.relaxation(tau), target: exactTarget(problem), key: RandomKey(seed: 3),
        blocks: 128, drawsPerBlock: 512)
      var trace = 0.0
      for index in 0..<width {
        let variance = exact.covariance[index * width + index]
        trace += variance
        let z =
          (measurement.mean[index] - exact.mean[index])
          / (variance / Double(measurement.draws)).squareRoot()
        #expect(abs(z) < 5, "p = \(power), tau = \(tau), coordinate \(index)")
      }
      let sampled = try number(numbers, .variance)
      #expect(abs(sampled.value - trace) < 5 * sampled.standardError, "p = \(power), tau = \(tau)")
    }
  }

  /// One latent of three categories by the trapezoidal rule, and with a second latent that the cost
  /// ignores by the lattices, under 60 keys. A z-score over 16 shifts has Student's distribution with 15
  /// degrees: mean 0, mean square 15/13 = 1.15, of standard deviation 0.24 over 60 keys; 4.2 of
  /// these are allowed, for 6 numbers and two temperatures. False-alarm rate below 2e-3.
  @Test(arguments: [1, 0.25]) func latticeErrorsAreHonest(tau: Double) throws {
    let problem = try registered("test-problem", ["latents": .integer(1)])
    let logits = problem.logits.values
    let exact = try moments(problem.oracle, logits, tau: tau).moments
    let padded = Disguise(inner: problem.oracle, ignored: 1)
    let keys = 60
    var means = [[Double]](repeating: [], count: 3)
    var variances = means
    for key in 0..<UInt64(keys) {
      let lattice = try moments(padded, logits + [0.2, -0.4, 0.1], tau: tau, key: key)
      let errors = try #require(lattice.standardErrors)
      for index in 0..<3 {
        means[index].append(
          (lattice.moments.mean[index] - exact.mean[index]) / errors.mean[index])
        variances[index].append(
          (lattice.moments.covariance[index * 7] - exact.covariance[index * 4])
            / errors.covariance[index * 7])
        // As small as is asked for: a three hundredth of the error of 1,024 draws.
        let plain = (exact.covariance[index * 4] / 1024).squareRoot()
        #expect(errors.mean[index] < plain / 299)
      }
      #expect(lattice.moments.mean[3...].allSatisfy { $0 == 0 })
    }
    for scores in means + variances {
      let moments = RepeatMoments(scores)
      let square = scores.reduce(0) { $0 + $1 * $1 } / Double(keys)
      #expect(abs(moments.mean) < 5 * moments.meanError)
      #expect(abs(square - 15.0 / 13) < 4.2 * 0.24)
    }
  }

  /// The one lattice of more than six variables (9 here), and the draws beyond its generator (80
  /// variables), by direct sampling: 16,384 draws, |z| < 5 for every coordinate of the mean; 172
  /// comparisons, false-alarm rate 1e-4.
  @Test(arguments: [(3, 4), (80, 2)])
  func samplingAgreesOnManyVariables(latents: Int, categories: Int) throws {
    let problem = try registered(
      "test-problem", ["latents": .integer(latents), "categories": .integer(categories)])
    let found = try moments(problem.oracle, problem.logits.values, tau: 1)
    let errors = try #require(found.standardErrors)
    let engine = try MonteCarloEngine(
      source: DrawSource(problem: problem, key: RandomKey(seed: 3)),
      geometry: ScopeGeometry(problem: problem, scopes: [.logits]), workers: 1)
    let sampled = try engine.measure([Self.relaxation(1)], blocks: 128, drawsPerBlock: 128)[0]
    let width = problem.shape.width
    for (index, mean) in sampled.mean.enumerated() {
      let variance = found.moments.covariance[index * width + index] / Double(sampled.draws)
      let error = (variance + errors.mean[index] * errors.mean[index]).squareRoot()
      #expect(abs(mean - found.moments.mean[index]) < 5 * error, "coordinate \(index)")
    }
  }

  /// Costs without soft points and fresh noise in many variables are left to sampling.
  @Test func whatItCannotServeIsLeftToSampling() throws {
    let problem = try registered("test-problem")
    let row = problem.logits.row(0)
    let fresh = try EstimatorRegistry.make(
      "decoupled-st-gs", ["forward": .text("soft"), "noise": .text("fresh")])
    let quadrature = RelaxedQuadrature(oracle: problem.oracle, row: row, key: 1)
    #expect(try quadrature.moments(fresh)?.replicates.count == 16)
    let wide = try registered("test-problem", ["latents": .integer(4)])
    #expect(
      try RelaxedQuadrature(oracle: wide.oracle, row: wide.logits.row(0), key: 1)
        .moments(fresh) == nil)
    let table = try TableOracle(
      shape: problem.shape, values: (0..<9).map(Double.init),
      gradients: (0..<54).map(Double.init))
    #expect(
      try RelaxedQuadrature(oracle: table, row: row, key: 1).moments(Self.relaxation(1)) == nil)
    // Without noise the estimate is one vector.
    let deterministic = try EstimatorRegistry.make(
      "decoupled-st-gs", ["forward": .text("soft"), "noise": .text("none")])
    let found = try quadrature.moments(deterministic)
    let moments = try #require(found)
    #expect(moments.moments.covariance.allSatisfy { $0 == 0 } && moments.coarse == nil)
  }
}

import Discrete
import Estimators
import Fidelity
import Models
import Tensors
import Testing

/// Exact moments of every parameter against sums over joint codes with Jacobians by differences, against draws, and
/// against the numbers of whole scopes.
@Suite struct ExactParametersTests {
  private func report(
    _ problem: any DiscreteProblem, _ estimator: any GradientEstimator,
    _ moments: MomentsChoice = .exact, draws: Int = 1024, blocks: Int = 32,
    target: TargetSettings = TargetSettings(), workers: Int = 1, precision: PrecisionRule? = nil
  ) throws -> FidelityReport {
    try FidelitySession(
      problem: problem, target: target,
      measure: MeasureSettings(
        moments: moments, draws: draws, blocks: blocks, perDrawSamples: 0, gap: false,
        precision: precision, parameters: true),
      key: RandomKey(seed: 44), workers: workers
    ).run([FidelityRequest(estimator: estimator, distribution: .own)])[0].get()
  }

  private func close(
    _ found: [Double], _ wanted: [Double], within tolerance: Double, _ what: String
  ) {
    #expect(found.count == wanted.count, "\(what)")
    #expect(wanted.contains { $0 != 0 }, "\(what)")
    #expect(relativeDifference(found, wanted) < tolerance, "\(what)")
  }

  /// `E theta-gradient` and its variance, joint code by joint code, with the target from the same sums.
  @Test(arguments: ["conv", "codebook"], ["st", "reinforce", "reinmax"])
  func areTheSumsOverJointCodes(name: String, kind: String) throws {
    let problem =
      name == "conv"
      ? try ParameterProblems.convolution(Double.self)
      : try ParameterProblems.codebook(Double.self)
    let jacobian = try ParameterProblems.jacobian(problem)
    let shape = problem.shape
    let width = shape.width
    let scale = 1 / Double(shape.rows)
    let table = try OracleTable(oracle: problem.oracle, limit: 100, gradients: true)
    let estimator = try EstimatorRegistry.make(kind)
    var wanted = jacobian.map {
      (
        mean: [Double](repeating: 0, count: $0.count),
        variance: [Double](repeating: 0, count: $0.count),
        target: [Double](repeating: 0, count: $0.count)
      )
    }
    for row in 0..<shape.rows {
      let logits = problem.logits.row(row)
      let distribution = logits.probabilities()
      let weights = JointCodes(latents: 2, categories: 3).weights(distribution)
      let draws = RowDraws(
        count: table.jointCodes, codes: [table.codes], values: [table.values(row: row)],
        gradients: table.gradients(row: row))
      var estimates = [Double](repeating: 0, count: table.jointCodes * width)
      estimator.combine(logits, draws, into: &estimates)
      for (group, parameters) in jacobian.enumerated() {
        for (index, gradients) in parameters.enumerated() {
          let own = gradients[row * width..<(row + 1) * width]
          var (first, second, target) = (0.0, 0.0, 0.0)
          for jointCode in 0..<table.jointCodes {
            let g = zip(own, estimates[jointCode * width..<(jointCode + 1) * width])
              .reduce(0) { $0 + $1.0 * $1.1 }
            first += weights[jointCode] * g
            second += weights[jointCode] * g * g
            for (position, gradient) in own.enumerated() {
              let code = table.codes[jointCode * 2 + position / 3]
              let score = (Int(code) == position % 3 ? 1 : 0) - distribution[position]
              target += weights[jointCode] * table.values(row: row)[jointCode] * score * gradient
            }
          }
          wanted[group].mean[index] += scale * first
          wanted[group].variance[index] += scale * scale * (second - first * first)
          wanted[group].target[index] += scale * target
        }
      }
    }
    let found = try #require(report(problem, estimator).parameters)
    let groups = try #require(problem.pullback).groups
    #expect(found.parts.map(\.name) == ["logits"] + groups.map(\.name))
    #expect(found.draws == nil)
    for (part, wanted) in zip(found.parts.dropFirst(), wanted) {
      // Differences of the logits to second order.
      close(part.numbers.mean, wanted.mean, within: 1e-6, "\(part.name) mean")
      close(part.numbers.variance, wanted.variance, within: 1e-6, "\(part.name) variance")
      close(part.target, wanted.target, within: 1e-6, "\(part.name) target")
      #expect(part.numbers.meanError.allSatisfy { $0 == 0 })
      #expect(part.numbers.varianceError.allSatisfy { $0 == 0 })
      #expect(part.targetError.allSatisfy { $0 == 0 })
    }
  }

  static let problems = ["dense", "dense64", "vq-autoencoder", "conv", "codebook", "toy", "cubic"]

  private func problem(_ name: String) throws -> any DiscreteProblem {
    let small = VAESettings(latents: 2, categories: 3, rows: 3, hidden1: 12, hidden2: 8)
    switch name {
    case "dense": return try CategoricalVAE<Float>(settings: small, images: .procedural())
    case "dense64": return try CategoricalVAE<Double>(settings: small, images: .procedural())
    case "vq-autoencoder":
      return try VectorQuantiser<Float>(
        settings: VQSettings(network: small, dimension: 2), images: .procedural())
    case "conv": return try ParameterProblems.convolution(Float.self)
    case "codebook": return try ParameterProblems.codebook(Float.self)
    case "toy": return try registered("three-bernoullis")
    default:
      return try registered(
        "quadratic-cubic", ["latents": .integer(3), "categories": .integer(3)])
    }
  }

  /// Sampled and exact moments of every coordinate: 16,384 draws in 64 blocks. Means at z = 6 and variances at
  /// z = 7 with 63 degrees of freedom: wrong by chance in 2e-9 and 2e-9 of about 40,000 dependent comparisons each, a
  /// false alarm in one key of some thousands. The mean square of the means' z is near 1, so that errors are of the
  /// right size.
  @Test(arguments: problems, ["st", "reinforce-loo"])
  func agreeWithDraws(name: String, kind: String) throws {
    let problem = try problem(name)
    let estimator = try EstimatorRegistry.make(kind)
    let exact = try #require(report(problem, estimator).parameters)
    let sampled = try #require(
      report(problem, estimator, .monteCarlo, draws: 16_384, blocks: 64).parameters)
    #expect(sampled.draws == 16_384)
    var (squares, count) = (0.0, 0.0)
    for (own, wanted) in zip(sampled.parts, exact.parts) {
      #expect(own.name == wanted.name && own.tensors == wanted.tensors)
      let (a, b) = (own.numbers, wanted.numbers)
      let size = b.variance.reduce(0, max)
      #expect(size > 0)
      for index in a.mean.indices {
        let rounding = 1e-6 * size.squareRoot()
        let z = abs(a.mean[index] - b.mean[index]) / (a.meanError[index] + rounding * 1e-3)
        #expect(
          abs(a.mean[index] - b.mean[index]) <= 6 * a.meanError[index] + rounding,
          "\(own.name) mean \(index)")
        #expect(
          abs(a.variance[index] - b.variance[index])
            <= 7 * a.varianceError[index] + 1e-5 * size,
          "\(own.name) variance \(index): \(a.variance[index]) \(b.variance[index])")
        if b.variance[index] > 1e-3 * size { (squares, count) = (squares + z * z, count + 1) }
      }
    }
    // Parameters of one layer move together: few independent ones stand behind the mean.
    #expect((0.05...6).contains(squares / count), "\(squares / count)")
  }

  /// Sums over a scope's parameters are the stored numbers of the scope: of variances `variance`, of squared
  /// differences with their noise taken out `bias_sq`.
  @Test(arguments: problems, [MomentsChoice.exact, .monteCarlo])
  func addUpToTheScopes(name: String, moments: MomentsChoice) throws {
    let problem = try problem(name)
    for kind in ["st", "reinforce-loo"] {
      let report = try report(problem, EstimatorRegistry.make(kind), moments, draws: 512)
      let parameters = try #require(report.parameters)
      let isDouble = problem.oracle.capabilities.precision == .double && problem.pullback != nil
      let tolerance = isDouble ? 1e-9 : 1e-4
      for part in parameters.parts {
        let variance = part.numbers.variance.reduce(0, +)
        guard
          let stored = report.numbers.first(where: {
            $0.scope == part.name && $0.metric == .variance
          })
        else {
          // A problem without parameters upstream has its logits, another one asked for all scopes.
          Issue.record("no scope \(part.name)")
          continue
        }
        #expect(abs(variance - stored.value) <= tolerance * stored.value, "\(kind) \(part.name)")
        let difference = zip(part.numbers.mean, part.target)
          .reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        let noise = parameters.draws.map { variance / Double($0) } ?? 0
        let bias = try number(report.numbers, .biasSquared, scope: part.name)
        #expect(
          abs(difference - noise - bias.value) <= tolerance * (difference + noise) + 1e-15,
          "\(kind) \(part.name): \(difference - noise) \(bias.value)")
      }
    }
  }

  /// A target that is drawn has errors: of every coordinate, and of the size of the distance to the exact one
  /// (z = 6, 31 degrees of freedom: wrong by chance in 1e-6 of some hundred).
  @Test func sampledTargetsHaveErrors() throws {
    let problem = try problem("dense64")
    let estimator = try EstimatorRegistry.make("st")
    let exact = try #require(report(problem, estimator).parameters)
    let sampled = try #require(
      report(
        problem, estimator, target: TargetSettings(kind: .monteCarlo, draws: 4096)
      ).parameters)
    for (own, wanted) in zip(sampled.parts, exact.parts) {
      let size = own.targetError.reduce(0, max)
      #expect(size > 0)
      for index in own.target.indices {
        #expect(
          abs(own.target[index] - wanted.target[index])
            <= 6 * own.targetError[index] + 1e-9 * size)
      }
    }
  }

  /// Integrals have errors: of every coordinate, and larger than the distance to finer ones.
  @Test func integralsHaveErrors() throws {
    let problem = try problem("dense64")
    let estimator = try EstimatorRegistry.make("st-gs")
    let integrated = try #require(report(problem, estimator).parameters)
    #expect(integrated.moments == .quadrature)
    let sampled = try #require(
      report(problem, estimator, .monteCarlo, draws: 16_384, blocks: 64).parameters)
    for (own, drawn) in zip(integrated.parts, sampled.parts) {
      #expect(own.numbers.varianceError.contains { $0 > 0 })
      let size = own.numbers.variance.reduce(0, max)
      for index in own.target.indices {
        let error = 7 * drawn.numbers.varianceError[index] + own.numbers.varianceError[index]
        #expect(
          abs(own.numbers.variance[index] - drawn.numbers.variance[index]) <= error + 1e-6 * size)
      }
    }
  }

  /// The same bits on one worker and on three, and other numbers of the cell do not change.
  @Test(arguments: ["dense", "conv", "cubic"]) func workersChangeNothing(name: String) throws {
    let problem = try problem(name)
    for moments in [MomentsChoice.exact, .monteCarlo] {
      let estimator = try EstimatorRegistry.make("st")
      let one = try report(problem, estimator, moments)
      let three = try report(problem, estimator, moments, workers: 3)
      #expect(one.parameters == three.parameters)
      #expect(one.numbers == three.numbers)
      let plain = try FidelitySession(
        problem: problem, target: TargetSettings(),
        measure: MeasureSettings(moments: moments, perDrawSamples: 0, gap: false),
        key: RandomKey(seed: 44)
      ).run([FidelityRequest(estimator: estimator, distribution: .own)])[0].get()
      #expect(plain.numbers == one.numbers)
      #expect(plain.parameters == nil)
    }
  }

  /// Draws of a stop rule are those of the other numbers.
  @Test func followsTheStopRule() throws {
    let problem = try problem("dense64")
    let rule = PrecisionRule(metric: .variance, errorBelow: 1e-12, maxDraws: 2048)
    let report = try report(
      problem, EstimatorRegistry.make("reinforce"), .monteCarlo, draws: 256, precision: rule)
    let parameters = try #require(report.parameters)
    #expect(parameters.draws == 2048)
    for part in parameters.parts {
      let stored = try number(report.numbers, .variance, scope: part.name).value
      #expect(abs(part.numbers.variance.reduce(0, +) - stored) <= 1e-9 * stored)
    }
  }
}

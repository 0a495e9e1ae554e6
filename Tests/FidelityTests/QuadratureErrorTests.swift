import Discrete
import Estimators
import Fidelity
import Foundation
import Models
import Tensors
import TestSupport
import Testing

/// The stated error of every quadrature against the standard error that 1,024 plain draws have.
@Suite struct QuadratureErrorTests {
  struct Setting: Sendable, CustomTestStringConvertible {
    var estimator: String
    var parameters: [String: ParameterValue]
    var problem: String
    var latents: Int
    var categories: Int

    var testDescription: String { "\(estimator) \(problem) K=\(categories) D=\(latents)" }
  }

  /// Smallest ratio over the metrics of moments and over temperatures: the standard error of the
  /// sampled number over the stated error of the integrated one.
  private func worstRatio(
    _ setting: Setting, temperatures: [Double] = [0.5, 1, 2]
  ) throws -> (ratio: Double, metric: String) {
    let problem = try registered(
      setting.problem,
      ["latents": .integer(setting.latents), "categories": .integer(setting.categories)])
    var worst = (ratio: Double.infinity, metric: "")
    for temperature in temperatures {
      var parameters = setting.parameters
      let name = setting.estimator == "decoupled-st-gs" ? "tau-backward" : "tau"
      if !Self.withoutTemperature.contains(setting.estimator) {
        parameters[name] = .number(temperature)
      }
      // Two categories of one latent lie on one line, whatever is drawn: there is no angle, and no
      // error of one to compare with.
      let hasAngle = setting.latents > 1 || setting.categories > 2
      let ratios = try errorRatios(
        problem, EstimatorRegistry.make(setting.estimator, parameters),
        without: hasAngle ? [] : Self.angles)
      for (metric, ratio) in ratios where ratio < worst.ratio {
        worst = (ratio, "\(metric.rawValue) at \(temperature)")
      }
    }
    return worst
  }

  private static let angles: Set<Metric> = [.cosineOfMean, .scaleFreeBias, .reinMaxCosine]

  private static func settings(
    _ problem: String, _ estimator: String, _ parameters: [String: ParameterValue] = [:],
    _ sizes: [(latents: Int, categories: Int)]
  ) -> [Setting] {
    sizes.map {
      Setting(
        estimator: estimator, parameters: parameters, problem: problem, latents: $0.latents,
        categories: $0.categories)
    }
  }

  private static let problems = ["test-problem", "quadratic-cubic"]

  private static let hard: [Setting] = problems.flatMap { problem in
    let sizes = [(2, 2), (2, 3), (2, 4), (2, 8), (3, 4)]
    return settings(problem, "st-gs", [:], sizes)
      + settings(problem, "decoupled-st-gs", [:], sizes)
      + settings(problem, "decoupled-st-gs", ["noise": .text("fresh")], sizes)
  }

  private static let softTemperatures = [0.25, 0.5, 1, 2]
  private static let withoutTemperature: Set<String> = ["redge", "uniform-path"]

  /// At most two noise variables `D (K - 1)`: the trapezoidal rule, and Gauss-Kronrod below it.
  private static let softByRule: [Setting] = problems.flatMap {
    settings($0, "gumbel-softmax", [:], [(1, 2), (1, 3), (2, 2)])
  }

  /// Three to six noise variables: randomised lattices.
  private static let softByLattice: [Setting] = problems.flatMap {
    settings($0, "gumbel-softmax", [:], [(1, 4), (2, 3), (2, 4)])
  }

  /// Hard forwards at three temperatures: far more than a hundred times below (about 2e7 at least),
  /// whatever `K` up to 8.
  @Test(arguments: hard) func hardForwardsAreFarBelowSampling(_ setting: Setting) throws {
    let worst = try worstRatio(setting)
    #expect(worst.ratio > 100, "\(worst)")
  }

  /// Soft forwards of up to two noise variables, at four temperatures: the same (about 4e5 at
  /// least).
  @Test(arguments: softByRule) func rulesAreFarBelowSampling(_ setting: Setting) throws {
    let worst = try worstRatio(setting, temperatures: Self.softTemperatures)
    #expect(worst.ratio > 100, "\(worst)")
  }

  /// Lattices state 3.5 standard errors, which are more than a hundred times below.
  private static let latticeRatio = 100 / 3.5

  /// The lattices' standard errors: more than a hundred times below, at low temperatures too; six noise
  /// variables with GRADFID_HEAVY. The keys are fixed, so no false alarm by chance.
  @Test(
    arguments: isHeavy ? softByLattice : softByLattice.filter { $0.latents + $0.categories < 6 })
  func latticesAreFarBelowSampling(_ setting: Setting) throws {
    let worst = try worstRatio(setting, temperatures: [0.1])
    #expect(worst.ratio > Self.latticeRatio, "\(worst)")
  }

  /// The same at other temperatures: minutes.
  @Test(
    .enabled(if: isHeavy), arguments: softByLattice)
  func heavyLatticesAreFarBelowSampling(_ setting: Setting) throws {
    let worst = try worstRatio(setting, temperatures: [0.05, 0.25, 0.5, 1, 2])
    #expect(worst.ratio > Self.latticeRatio, "\(worst)")
  }

  /// Noise beside a hard forward, or fresh noise beside a soft one: lattices too. Fixed keys.
  @Test(arguments: noisy) func noiseBesideTheForwardIsFarBelowSampling(_ setting: Setting) throws {
    let worst = try worstRatio(setting, temperatures: [0.5])
    #expect(worst.ratio > Self.latticeRatio, "\(worst)")
  }

  /// The largest layers, and more temperatures: minutes.
  @Test(
    .enabled(if: isHeavy), arguments: largeNoisy
  )
  func heavyNoiseBesideTheForward(_ setting: Setting) throws {
    let worst = try worstRatio(setting, temperatures: [0.1, 0.5, 1])
    #expect(worst.ratio > Self.latticeRatio, "\(worst)")
  }

  private static let noisy =
    settings("test-problem", "rebar", [:], [(1, 3), (2, 2)])
    + settings("test-problem", "relax", ["fit-draws": .integer(512)], [(1, 3), (2, 2)])
    + settings("test-problem", "gaussian-softmax", [:], [(1, 3), (2, 2)])
    + settings("test-problem", "redge", [:], [(1, 3)])
    + settings("test-problem", "uniform-path", [:], [(2, 2)])
    + settings(
      "test-problem", "decoupled-st-gs", ["forward": .text("soft"), "noise": .text("fresh")],
      [(1, 3), (2, 2)])

  private static let largeNoisy = problems.flatMap { problem in
    let sizes = [(2, 3), (1, 4), (2, 4)]
    return settings(problem, "rebar", [:], sizes) + settings(problem, "relax", [:], sizes)
      + settings(problem, "gaussian-softmax", [:], sizes) + settings(problem, "redge", [:], sizes)
      + settings(
        problem, "decoupled-st-gs", ["forward": .text("soft"), "noise": .text("fresh")], sizes)
  }
}

import Discrete
import Estimators
import Fidelity
import Foundation
import Models
import Tensors
import Testing

/// Gumbel-Rao that differentiates through its conditional noise: moments by quadrature.
@Suite struct NoiseDerivativeTests {
  private static func setting(_ tau: Double, samples: Int = 1) -> ZooSetting {
    ZooSetting(
      "gr-mc",
      ["noise-derivative": .flag(true), "tau": .number(tau), "samples": .integer(samples)])
  }

  /// Means and variances by draws: 40,000 of them, seven settings, up to 8 coordinates and a variance
  /// each, |z| < 5: false alarm below 1e-4.
  @Test(
    arguments: [
      (1, 2, 0.5, 1), (2, 2, 1, 1), (2, 3, 0.5, 1), (2, 3, 1, 10), (2, 4, 0.3, 1), (2, 4, 1, 3),
      (1, 4, 3, 2),
    ])
  func drawsAgree(latents: Int, categories: Int, tau: Double, samples: Int) throws {
    let zoo = try ExactZoo(latents: latents, categories: categories)
    let estimator = try Self.setting(tau, samples: samples).make()
    let exact = try zoo.moments(estimator)
    let sampled = try SampledZoo(zoo.problem, estimator, count: 40_000)
    #expect(sampled.largestScore(exact.mean) < 5)
    let width = zoo.problem.shape.width
    let squares = RepeatMoments(
      (0..<sampled.estimates.count / width).map { draw in
        squaredNorm((0..<width).map { sampled.estimates[draw * width + $0] - exact.mean[$0] })
      })
    #expect(abs(squares.mean - exact.variance) < 5 * squares.meanError)
  }

  /// The derivative of the noise moves the mean away from that of ST-GS.
  @Test func theTrapIsSeen() throws {
    let zoo = try ExactZoo(latents: 2, categories: 3)
    let trap = try zoo.moments(Self.setting(0.5).make()).mean
    let plain = try zoo.moments(EstimatorRegistry.make("st-gs", ["tau": .number(0.5)])).mean
    #expect(relativeDifference(trap, plain) > 0.01)
  }

  /// Two categories: the moments are integrals over one logistic variable, here by Simpson's rule.
  @Test(arguments: [0.1, 0.5, 2]) func twoCategories(tau: Double) {
    let p = [0.7, 0.3]
    let found = NoiseDerivativeMoments.conditional(
      logProbabilities: p.map { log($0) }, exponent: 1 / tau, step: 0.2)
    let matrix = [1.3, -0.4, -0.4, 0.6]
    var expected = [Double](repeating: 0, count: 4)
    for winner in 0..<2 {
      let loser = 1 - winner
      var mean = 0.0
      let count = 200_000
      for node in 0...count {
        let x = -60 + 120 * Double(node) / Double(count)
        let factor = (node == 0 || node == count ? 1 : node % 2 == 1 ? 4 : 2) * 40.0 / Double(count)
        let density = factor * exp(-abs(x)) / pow(1 + exp(-abs(x)), 2)
        let r = 1 / (1 + exp(x) / p[loser])
        let s = pow(r, 1 / tau) / (1 + pow(r, 1 / tau))
        // Rows and columns sum to 0: A_ll is all there is to know.
        let own = s * (1 - s) * ((1 - r) - p[loser] * (1 - r))
        mean += density * own
        let form = matrix[0] + matrix[3] - 2 * matrix[1]
        expected[loser * 2 + loser] += density * own * own * form
        expected[winner * 2 + winner] += density * own * own * form
        expected[1] -= density * own * own * form
      }
      #expect(abs(found.jacobianMeans[winner * 4 + loser * 3] - mean) < 1e-7)
    }
    expected[2] = expected[1]
    let product = found.sandwich(matrix + matrix)
    for index in 0..<4 { #expect(abs(product[index] - expected[index]) < 1e-7) }
  }

  /// Stated errors are more than a hundred times below those of 1,024 draws.
  @Test(arguments: [(2, 2), (2, 3), (2, 4)])
  func errorsAreFarBelowSampling(latents: Int, categories: Int) throws {
    let problem = try registered(
      "test-problem", ["latents": .integer(latents), "categories": .integer(categories)])
    for tau in [0.1, 0.5, 2] {
      for (metric, ratio) in try errorRatios(problem, Self.setting(tau).make()) {
        #expect(ratio > 100, "\(metric.rawValue) at \(tau): \(ratio)")
      }
    }
  }
}

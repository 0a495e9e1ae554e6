import Discrete
import Estimators
import Fidelity
import Models
import Tensors
import Testing

/// Noisy surrogates of more categories than moments are tabulated for.
@Suite struct ManyCategoriesTests {
  private static let estimators: [(String, [String: ParameterValue])] = [
    ("st-gs", ["tau": .number(0.7)]),
    (
      "decoupled-st-gs",
      ["tau-forward": .number(0.5), "tau-backward": .number(1), "noise": .text("fresh")]
    ),
    ("gr-mc", ["tau": .number(1), "samples": .integer(3)]),
  ]

  /// Integrated numbers of 20 x 1 and 20 x 2 categories against 16,384 draws: nine numbers each, |z| < 5,
  /// false-alarm rate 2e-5; the stated error is far below that of the draws.
  @Test(arguments: [1, 2]) func integralsAgreeWithDraws(latents: Int) throws {
    let problem = try registered(
      "test-problem", ["categories": .integer(20), "latents": .integer(latents)])
    let requests = try Zoo.requests(Self.estimators)
    func reports(_ moments: MomentsChoice) throws -> [FidelityReport] {
      try FidelitySession(
        problem: problem, target: TargetSettings(kind: .exact),
        measure: MeasureSettings(
          moments: moments, draws: 16_384, perDrawSamples: 0, gap: false),
        key: RandomKey(seed: 61)
      ).run(requests).map { try $0.get() }
    }
    for (exact, sampled) in zip(try reports(.exact), try reports(.monteCarlo)) {
      #expect(exact.moments == .quadrature)
      for metric in [Metric.biasSquared, .variance, .estimateNorm] {
        let integral = try number(exact.numbers, metric)
        let found = try number(sampled.numbers, metric)
        let z = (found.value - integral.value) / found.standardError
        #expect(abs(z) < 5, "\(metric) \(z)")
        #expect(integral.standardError < 1e-3 * found.standardError)
      }
    }
  }
}

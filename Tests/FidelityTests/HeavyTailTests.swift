import Discrete
import Estimators
import Fidelity
import Foundation
import Models
import Tensors
import Testing

/// Variances and ratios to them say where their intervals cannot be trusted.
@Suite struct HeavyTailTests {
  private func numbers(
    _ kind: String, _ parameters: [String: ParameterValue], on problem: any DiscreteProblem,
    draws: Int = 256, key: UInt64 = 1
  ) throws -> [FidelityNumber] {
    try FidelitySession(
      problem: problem, target: TargetSettings(kind: .exact),
      measure: MeasureSettings(
        scopes: [.logits], moments: .monteCarlo, draws: draws, perDrawSamples: 0, gap: false),
      key: RandomKey(seed: key)
    ).run([
      FidelityRequest(estimator: try EstimatorRegistry.make(kind, parameters), distribution: .own)
    ])[0].get().numbers
  }

  /// `k` draws without replacement: with baseline no variance up to 3 and no fourth moment up to 7, no eighth up to 15.
  @Test func missingMomentsAreKnown() throws {
    let shape = LayerShape(rows: 1, latents: 2, categories: 4)
    func tail(_ k: Int, _ baseline: Bool) throws -> EstimateTail {
      try EstimatorRegistry.make(
        "reinforce-wor", ["k": .integer(k), "baseline": .flag(baseline)]
      ).traits.tail(on: shape)
    }
    #expect(try (1...3).allSatisfy { try tail($0, true) == .noVariance })
    #expect(try (4...7).allSatisfy { try tail($0, true) == .noFourthMoment })
    #expect(try [8, 15].allSatisfy { try tail($0, true) == .noEighthMoment })
    #expect(try tail(1, false) == .noVariance)
    #expect(try (2...3).allSatisfy { try tail($0, false) == .noFourthMoment })
    #expect(try [4, 7].allSatisfy { try tail($0, false) == .noEighthMoment })
    #expect(try tail(8, false) == .light)
    // All joint codes: nothing is left to chance.
    #expect(try tail(16, true) == .light)
    #expect(try EstimatorRegistry.make("st").traits.tail(on: shape) == .light)
  }

  @Test func knownTailsAreAlwaysWarnedOf() throws {
    let problem = try registered("test-problem")
    for key in 0..<10 as Range<UInt64> {
      let found = try numbers("reinforce-wor", ["k": .integer(4)], on: problem, key: key)
      for metric in [Metric.variance, .varianceMean, .mse, .rmse1, .snr, .reinMaxDeviation] {
        #expect(try number(found, metric).warnings.contains(.tail), "\(metric)")
      }
      #expect(try !number(found, .biasSquared).warnings.contains(.tail))
    }
    let endless = try numbers("reinforce-wor", ["k": .integer(2)], on: problem)
    #expect(try number(endless, .biasSquared).warnings.contains(.tail))
    #expect(try number(endless, .targetNorm).warnings.isEmpty)
  }

  /// An estimate whose square has the tail `x^-1.25` is found among 1,024 draws in at least half of the
  /// samples, one with normal-like squares in at most one of ten.
  @Test func skewBlocksAreSeen() throws {
    func tails(_ scale: Double?) throws -> Int {
      let problem = try registered("test-problem")
      return try (0..<40 as Range<UInt64>).count { key in
        let found = try FidelitySession(
          problem: problem, target: TargetSettings(kind: .exact),
          measure: MeasureSettings(
            scopes: [.logits], moments: .monteCarlo, draws: 1024, perDrawSamples: 0, gap: false),
          key: RandomKey(seed: key)
        ).run([FidelityRequest(estimator: NoiseEstimator(scale: scale), distribution: .own)])[0]
        .get()
        return try number(found.numbers, .variance).warnings.contains(.tail)
      }
    }
    let (heavy, light) = (try tails(0.4), try tails(nil))
    #expect(heavy >= 20, "\(heavy)")
    #expect(light <= 4, "\(light)")
  }

  /// A rare category behind weights of one over its probability: warned of whatever the sample.
  @Test func rareWeightsAreWarnedOf() throws {
    let problem = try fromText(RareEventTests.rareCategory)
    for key in 0..<10 as Range<UInt64> {
      let found = try numbers("spa", [:], on: problem, draws: 1024, key: key)
      #expect(try !number(found, .variance).warnings.isEmpty)
    }
  }
}

/// Gumbel noise in every coordinate, or `exp(scale * noise)`: a Frechet distribution of index `1/scale`.
private struct NoiseEstimator: GradientEstimator {
  let scale: Double?
  let plan = EvaluationPlan(freshNoise: true)

  func combine(_ row: RowLogits, _ draws: RowDraws, into estimates: inout [Double]) {
    for index in estimates.indices {
      let noise = draws.freshNoise[index]
      estimates[index] = scale.map { exp($0 * noise) } ?? noise
    }
  }
}

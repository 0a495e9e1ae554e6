import Discrete
import Estimators
import Fidelity
import Foundation
import Models
import Tensors
import Testing

/// The problem of k-subsets and its estimator, through the engine.
@Suite struct SubsetProblemTests {
  private func problem(
    _ cost: String, latents: Int = 6, k: Int = 2
  ) throws -> any DiscreteProblem {
    try registered(
      "k-subset", ["cost": .text(cost), "latents": .integer(latents), "k": .integer(k)])
  }

  private func report(
    _ problem: any DiscreteProblem, _ k: Int, target: TargetKind = .auto,
    moments: MomentsChoice = .exact
  ) throws -> Result<FidelityReport, DiscreteError> {
    try FidelitySession(
      problem: problem, target: TargetSettings(kind: target),
      measure: MeasureSettings(
        moments: moments, draws: 8192, blocks: 64, perDrawSamples: 0, gap: false),
      key: RandomKey(seed: 4)
    ).run(Zoo.requests([("simple", ["k": .integer(k)])]))[0]
  }

  /// The closed form against differences of the expectation over all subsets.
  @Test(arguments: [1, 0.6])
  func theTargetIsTheDerivativeOfTheSubsetExpectation(temperature: Double) throws {
    let problem = try problem("smooth")
    let target = try #require(problem.closedFormGradient(temperature: temperature))
    #expect(!problem.hasIndependentLatents)
    let codes: [[Int32]] = (0..<64).map { (jointCode: Int) -> [Int32] in
      (0..<6).map { Int32(jointCode >> $0 & 1) }
    }.filter { $0.reduce(0, +) == 2 }
    let flat: [Int32] = codes.flatMap { $0 }
    let costs = try problem.oracle.costs(
      at: CodeBlock(shape: problem.shape, draws: codes.count, indices: flat), gradients: false
    ).values
    func value(_ logits: [Double]) -> Double {
      var (total, sum) = (0.0, 0.0)
      for (subset, cost) in zip(codes, costs) {
        var score = 0.0
        for latent in 0..<6 where subset[latent] == 1 {
          score += (logits[2 * latent + 1] - logits[2 * latent]) / temperature
        }
        total += exp(score)
        sum += exp(score) * cost
      }
      return sum / total
    }
    for index in target.indices {
      var (up, down) = (problem.logits.values, problem.logits.values)
      up[index] += 1e-4
      down[index] -= 1e-4
      let gradient = (value(up) - value(down)) / 2e-4
      #expect(abs(gradient - target[index]) < 1e-7)
    }
  }

  @Test func simpleIsExactOnLinearCostsOnly() throws {
    func bias(_ cost: String, _ k: Int) throws -> Double {
      try number(report(problem(cost, k: k), k).get().numbers, .biasSquared).value
    }
    for k in [1, 2, 4] { #expect(try bias("linear", k) < 1e-28) }
    #expect(try bias("quadratic", 2) > 1e-5)
    #expect(try bias("smooth", 2) > 1e-5)
    // Another size answers another question.
    let other = try number(report(problem("linear"), 3).get().numbers, .biasSquared).value
    #expect(other > 1e-5)
  }

  /// |z| < 5 over 5 numbers: false-alarm rate below 0.01 %.
  @Test func exactAgainstSampled() throws {
    let problem = try problem("smooth")
    var agreement = Agreement()
    try agreement.add(
      "simple", exact: report(problem, 2).get().numbers,
      sampled: report(problem, 2, moments: .monteCarlo).get().numbers)
    #expect(agreement.count == 5)
    #expect(agreement.z < 5, "\(agreement.place)")
  }

  @Test func independentDrawsAreNoTarget() throws {
    let result = try report(problem("smooth"), 2, target: .monteCarlo)
    #expect(
      throws: DiscreteError.unsupported(
        "this problem's expectation is not over independent latents, so independent draws do not estimate its gradient; use target kind 'auto' or 'exact'"
      )
    ) { try result.get() }
  }

  @Test func sizesThatDoNotFitAreRefused() throws {
    #expect(throws: DiscreteError.parameter("k must be at most the number of latents, 2")) {
      try problem("linear", latents: 2, k: 3)
    }
    #expect(throws: DiscreteError.self) { try problem("linear", latents: 64, k: 32) }
    #expect(throws: Never.self) { try problem("linear", latents: 64, k: 64) }
    #expect(throws: Never.self) { try problem("linear", latents: 1, k: 1) }
  }
}

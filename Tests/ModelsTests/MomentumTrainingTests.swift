import Discrete
import Foundation
import Models
import TestSupport
import Testing

/// Whole trainings against a loop that is written out: one image, so that the batch is known, and an estimate of
/// nothing at the mode of the distribution. The loss is then the cost at the mode plus the divergence, and its gradient comes
/// from differences in every weight.
@Suite struct MomentumTrainingTests {
  init() { #expect(oneThread == nil) }

  private struct NothingAtTheMode: GradientEstimator {
    var plan = EvaluationPlan(distribution: .mode, values: true)

    func combine(_ row: RowLogits, _ draws: RowDraws, into estimates: inout [Double]) {
      for index in estimates.indices { estimates[index] = 0 }
    }
  }

  private struct Rule: Sendable, CustomTestStringConvertible {
    let testDescription: String
    var momentum = 0.0
    var nesterov = false
    var decay = 0.0
    /// Bound on the norm of the gradient.
    var clip: Double?
    /// Steps over which the rate rises.
    var warmUp = 0
  }

  private static let rules = [
    Rule(testDescription: "plain"),
    Rule(testDescription: "momentum", momentum: 0.9),
    Rule(testDescription: "nesterov", momentum: 0.9, nesterov: true),
    Rule(testDescription: "nesterov and decay", momentum: 0.8, nesterov: true, decay: 0.1),
    Rule(testDescription: "momentum, clipped, rising", momentum: 0.9, clip: 0.5, warmUp: 3),
  ]

  private static let steps = 4
  private static let rate = 0.05

  @Test(arguments: rules) private func theTrainingIsThePlainLoop(_ rule: Rule) throws {
    let image = try ImageData(name: "one", pixelCount: 6, bytes: Array(smallImages().image(2)))
    let start = try CategoricalVAE<Double>(
      settings: VAESettings(latents: 2, categories: 3, rows: 1, hidden1: 7, hidden2: 5, seed: 4),
      images: image)
    var optimiser = OptimiserSettings(
      "sgd",
      parameters: [
        "momentum": .number(rule.momentum), "nesterov": .flag(rule.nesterov),
        "weight-decay": .number(rule.decay),
      ], clip: rule.clip)
    if rule.warmUp > 0 {
      optimiser.schedule = .entry("linear-warm-up", ["steps": .integer(rule.warmUp)])
    }
    let trained = try #require(
      try start.trained(
        TrainingSettings(
          estimator: NothingAtTheMode(), optimiser: optimiser, steps: Self.steps,
          learningRate: Self.rate, batch: 1, seed: 1)
      ) { _, _ in } as? CategoricalVAE<Double>)

    var weights = numbers(start)
    var velocity = [Double](repeating: 0, count: weights.count)
    for step in 0..<Self.steps {
      let mode = try moved(start, weights).logits.row(0).likeliestCodes
      var gradient = try differences(at: weights, step: 1e-4) {
        try loss(moved(start, $0), mode.map { Int($0) })
      }
      if let clip = rule.clip {
        let norm = gradient.reduce(0) { $0 + $1 * $1 }.squareRoot()
        #expect(norm > clip)
        gradient = gradient.map { $0 * clip / norm }
      }
      let rate = Self.rate * (rule.warmUp > 0 ? min(1, Double(step + 1) / Double(rule.warmUp)) : 1)
      for index in weights.indices {
        let derivative = gradient[index] + rule.decay * weights[index]
        velocity[index] = rule.momentum * velocity[index] + derivative
        weights[index] -=
          rate * (rule.nesterov ? derivative + rule.momentum * velocity[index] : velocity[index])
      }
    }
    #expect(relativeDifference(numbers(trained), weights) < 1e-8)
    #expect(relativeDifference(numbers(start), weights) > 1e-2)
  }

  private func numbers(_ problem: CategoricalVAE<Double>) -> [Double] {
    problem.weights.values.flatMap { $0 }
  }

  private func moved(
    _ problem: CategoricalVAE<Double>, _ numbers: [Double]
  ) throws -> CategoricalVAE<Double> {
    var store = problem.weights
    var first = 0
    for (index, tensor) in store.tensors.enumerated() {
      store[index] = Array(numbers[first..<first + tensor.count])
      first += tensor.count
    }
    return try problem.with(weights: store)
  }

  /// The cost at a code, and `sum_d sum_k p log(3 p)`.
  private func loss(_ problem: CategoricalVAE<Double>, _ code: [Int]) throws -> Double {
    let jointCode = 3 * code[0] + code[1]
    let cost = try problem.oracle.costs(ofJointCodes: jointCode..<jointCode + 1, gradients: false)
      .values[0]
    return problem.logits.row(0).probabilities().reduce(cost) { $0 + $1 * log(3 * $1) }
  }
}

import Discrete
import Foundation
import Models
import Networks
import Synchronization
import TestSupport
import Testing

@Suite struct OptimiserTests {
  init() { #expect(oneThread == nil) }

  @Test func adamTakesItsPublishedSteps() throws {
    var adam: Optimiser<Double> = try madeOptimiser(.adam, rate: 0.1, sizes: [1, 2])
    var weights = [1.0, -2.0]
    let gradients = [[0.5, -4.0], [-1.5, 0.25], [0.125, 2.0]]
    var m = [0.0, 0.0]
    var v = [0.0, 0.0]
    var expected = weights
    for (index, gradient) in gradients.enumerated() {
      adam.advance()
      adam.update(&weights, gradient, tensor: 1)
      let step = Double(index + 1)
      for i in 0..<2 {
        m[i] = 0.9 * m[i] + 0.1 * gradient[i]
        v[i] = 0.999 * v[i] + 0.001 * gradient[i] * gradient[i]
        let mean = m[i] / (1 - pow(0.9, step))
        let square = v[i] / (1 - pow(0.999, step))
        expected[i] -= 0.1 * mean / (square.squareRoot() + 1e-8)
      }
      #expect(relativeDifference(weights, expected) < 1e-14)
    }
  }

  @Test func divergenceFromUniformFollowsDifferences() {
    let shape = LayerShape(rows: 2, latents: 2, categories: 3)
    let logits = fixedNumbers(12, seed: 1).map { 2 * $0 }
    let kl = AnalyticKL.evaluate(logits, shape: shape)
    let numeric = differences(at: logits) {
      AnalyticKL.evaluate($0, shape: shape).values.reduce(0, +)
    }
    #expect(relativeDifference(kl.gradient, numeric) < 1e-10)
    let uniform = AnalyticKL.evaluate([Double](repeating: 3, count: 12), shape: shape)
    #expect(uniform.values.allSatisfy { abs($0) < 1e-15 })
    let certain = AnalyticKL.evaluate([0, 0, 800, 0, 900, 0, 0, 0, 0, 0, 0, 0], shape: shape)
    #expect(abs(certain.values[0] - 2 * log(3)) < 1e-14)
    #expect(certain.gradient.allSatisfy { $0.isFinite })
  }

  /// An estimator that always says zero: the encoder then learns from the KL alone.
  private struct Silent: GradientEstimator {
    static let descriptor = EstimatorDescriptor(
      name: "silent", family: .scoreFunction, bias: .biased, summary: "", formula: "",
      exactOn: "", cost: "", source: "", make: { _ in Silent() })
    var plan = EvaluationPlan()
    func combine(_ row: RowLogits, _ draws: RowDraws, into estimates: inout [Double]) {
      for index in estimates.indices { estimates[index] = 0 }
    }
  }

  /// Loss of the first training step of a network, and the network after it.
  private func firstStep(
    _ vae: CategoricalVAE<Double>
  ) throws -> (loss: Double, after: CategoricalVAE<Double>) {
    let loss = Mutex(0.0)
    let after = try vae.trained(
      TrainingSettings(
        estimator: Silent(), steps: 1, learningRate: 1e-6, batch: 8, seed: 5)
    ) { _, value in loss.withLock { $0 = value } }
    return (loss.withLock { $0 }, try #require(after as? CategoricalVAE<Double>))
  }

  /// With the draws fixed, the step's loss is smooth in the decoder's weights and, through the KL
  /// alone, in the encoder's. Adam's first step goes against the sign of each derivative.
  @Test func theFirstStepGoesDownhillInEveryWeight() throws {
    let start = try smallVAE(Double.self)
    let after = try firstStep(start).after
    var checked = 0
    for part in 0..<2 {
      let path = part == 0 ? \CategoricalVAE<Double>.encoder : \.decoder
      for index in 0..<3 {
        let layer = start[keyPath: path].layers[index]
        let gradients = try differences(at: layer.weights + layer.biases, step: 1e-5) {
          var network = start[keyPath: path]
          network.layers[index].weights = Array($0[..<layer.weights.count])
          network.layers[index].biases = Array($0[layer.weights.count...])
          return try firstStep(
            start.with(
              encoder: part == 0 ? network : nil, decoder: part == 1 ? network : nil)
          ).loss
        }
        let moved = after[keyPath: path].layers[index]
        let changes = zip(moved.weights + moved.biases, layer.weights + layer.biases).map {
          $0 - $1
        }
        for (gradient, change) in zip(gradients, changes) where abs(gradient) > 1e-5 {
          #expect(abs(change + 1e-6 * (gradient > 0 ? 1 : -1)) < 1e-8)
          checked += 1
        }
      }
    }
    #expect(checked > 100)
  }
}

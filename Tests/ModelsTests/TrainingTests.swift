import Discrete
import Foundation
import Models
import Synchronization
import TestSupport
import Testing

@Suite struct TrainingTests {
  init() { #expect(oneThread == nil) }

  private func vae() throws -> CategoricalVAE<Float> {
    try CategoricalVAE(
      settings: VAESettings(latents: 3, categories: 4, rows: 10, hidden1: 48, hidden2: 24),
      images: .procedural())
  }

  private func settings(
    _ estimator: any GradientEstimator, steps: Int = 60, rate: Double = 3e-3, seed: UInt64 = 1
  ) -> TrainingSettings {
    TrainingSettings(
      estimator: estimator, steps: steps, learningRate: rate, batch: 32, seed: seed)
  }

  /// Trained problem and the loss of each step.
  private func train(
    _ problem: CategoricalVAE<Float>, _ settings: TrainingSettings
  ) throws -> (problem: CategoricalVAE<Float>, losses: [Double]) {
    let losses = Mutex<[Double]>([])
    let trained = try problem.trained(settings) { step, loss in
      losses.withLock { losses in
        #expect(step == losses.count + 1)
        losses.append(loss)
      }
    }
    return (try #require(trained as? CategoricalVAE<Float>), losses.withLock { $0 })
  }

  @Test(arguments: [0, 1, 2]) func lossFallsAndRunsRepeat(index: Int) throws {
    let estimators: [any GradientEstimator] = [StraightThrough(), LeaveOneOut(), GumbelSoftmax()]
    let start = try vae()
    let first = try train(start, settings(estimators[index]))
    #expect(first.losses.count == 60)
    // From about 784 log 2 = 543 to the level of the mean image, far below.
    let early = first.losses.prefix(5).reduce(0, +)
    let late = first.losses.suffix(5).reduce(0, +)
    #expect(late < 0.6 * early)
    let second = try train(start, settings(estimators[index]))
    #expect(second.losses == first.losses)
    #expect(second.problem.checkpoint() == first.problem.checkpoint())
    #expect(first.problem.logits != start.logits && first.problem.settings == start.settings)
    let other = try train(start, settings(estimators[index], steps: 2, seed: 2))
    #expect(other.losses[1] != first.losses[1])
  }

  @Test func theFirstStepFollowsTheObjective() throws {
    // With all-zero learning the loss of step 1 is the ELBO estimate of the batch; with a tiny
    // rate the next step on the same weights must stay within its change.
    let start = try vae()
    let still = try train(start, settings(LeaveOneOut(), steps: 1, rate: 1e-12))
    let moved = try train(start, settings(LeaveOneOut(), steps: 1, rate: 1e-3))
    #expect(still.losses == moved.losses)
    let change = zip(still.problem.logits.values, start.logits.values).map { abs($0 - $1) }.max()
    #expect((change ?? 1) < 1e-5)
  }

  @Test func checkpointsRestoreEveryBit() throws {
    let start = try vae()
    let trained = try train(start, settings(StraightThrough(), steps: 5)).problem
    let restored = try #require(
      try start.restored(from: trained.checkpoint()) as? CategoricalVAE<Float>)
    #expect(restored.logits == trained.logits)
    #expect(restored.encoder == trained.encoder && restored.decoder == trained.decoder)
    let jointCodes = try restored.oracle.costs(ofJointCodes: 0..<64, gradients: true)
    #expect(try trained.oracle.costs(ofJointCodes: 0..<64, gradients: true) == jointCodes)
  }

  @Test func damagedCheckpointsAreRefused() throws {
    let start = try vae()
    let good = start.checkpoint()
    for position in stride(from: 0, to: good.count, by: good.count / 97) {
      var bad = good
      bad[position] ^= 0x10
      #expect(throws: DiscreteError.self) { try start.restored(from: bad) }
    }
    for count in [0, 7, 8, 35, 36, 43, 44, good.count - 9, good.count - 1] {
      #expect(throws: DiscreteError.self) { try start.restored(from: Array(good[..<count])) }
    }
    #expect(throws: DiscreteError.self) { try start.restored(from: good + [0]) }
    let other = try CategoricalVAE<Float>(
      settings: VAESettings(latents: 4, categories: 3, rows: 10, hidden1: 48, hidden2: 24),
      images: .procedural())
    let text = message { _ = try other.restored(from: good) }
    #expect(
      text
        == "the checkpoint is of another network: it has 3 latents of 4 categories, expected 4 latents of 3 categories"
    )
  }

  /// A network in float64 takes the numbers of one in float32 as they are.
  @Test func checkpointsMayBeOfAnotherPrecision() throws {
    let trained = try train(vae(), settings(StraightThrough(), steps: 2)).problem
    let double = try CategoricalVAE<Double>(
      settings: VAESettings(latents: 3, categories: 4, rows: 10, hidden1: 48, hidden2: 24),
      images: .procedural())
    let restored = try #require(
      try double.restored(from: trained.checkpoint()) as? CategoricalVAE<Double>)
    #expect(restored.weights == trained.weights.converted(to: Double.self))
  }

  @Test func divergenceNamesTheStep() throws {
    let text = message {
      _ = try train(vae(), settings(StraightThrough(), steps: 20, rate: 1e30))
    }
    #expect(text.hasPrefix("training step 2: the "))
    #expect(text.hasSuffix("lower the learning rate"))
  }

  @Test func settingsThatCannotRunAreRefused() throws {
    var none = StraightThrough()
    none.plan.samples = 0
    var cold = StraightThrough()
    cold.plan.distribution = .sample(temperature: 0)
    var pointless = StraightThrough()
    pointless.plan.relaxed = true
    let bad = [
      settings(none), settings(cold), settings(pointless), settings(StraightThrough(), rate: 0),
      settings(StraightThrough(), rate: .nan), settings(StraightThrough(), steps: -1),
      TrainingSettings(
        estimator: StraightThrough(), steps: 1, learningRate: 1e-3, batch: 0, seed: 1),
      TrainingSettings(
        estimator: StraightThrough(), steps: 1, learningRate: 1e-3, batch: 10_001, seed: 1),
    ]
    for settings in bad {
      #expect(throws: DiscreteError.self) { _ = try train(vae(), settings) }
    }
  }
}

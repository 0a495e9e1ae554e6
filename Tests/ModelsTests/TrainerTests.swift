import Discrete
import Foundation
import Models
import TestSupport
import Testing

/// Trainers: their numbers, and snapshots that go on bit for bit.
@Suite struct TrainerTests {
  init() { #expect(oneThread == nil) }

  private func settings(
    _ estimator: any GradientEstimator = StraightThrough(), _ optimiser: OptimiserSettings = .adam,
    rate: Double = 1e-3, batch: Int = 8, seed: UInt64 = 5
  ) -> TrainingSettings {
    TrainingSettings(
      estimator: estimator, optimiser: optimiser, steps: 0, learningRate: rate, batch: batch,
      seed: seed)
  }

  @Test(arguments: allOptimisers, [0, 1, 2])
  func aSnapshotGoesOnBitForBit(optimiser: OptimiserSettings, index: Int) throws {
    let estimators: [any GradientEstimator] = [StraightThrough(), LeaveOneOut(), GumbelSoftmax()]
    let problem = try smallVAE(Float.self)
    let settings = settings(estimators[index], optimiser)
    var whole = try problem.trainer(settings)
    for step in 1...7 { #expect(try whole.advance().step == step) }
    let snapshot = whole.snapshot()
    var resumed = try problem.trainer(settings)
    // Whatever the trainer did before is gone.
    _ = try resumed.advance()
    try resumed.restore(snapshot)
    #expect(resumed.step == 7)
    #expect(resumed.snapshot() == snapshot)
    for _ in 8...20 { #expect(try resumed.advance() == whole.advance()) }
    #expect(resumed.snapshot() == whole.snapshot())
    #expect(try resumed.frozen().checkpoint() == whole.frozen().checkpoint())
  }

  @Test func damagedSnapshotsAreRefused() throws {
    let problem = try smallVAE(Float.self)
    var trainer = try problem.trainer(settings())
    for _ in 0..<3 { _ = try trainer.advance() }
    let good = trainer.snapshot()
    for position in stride(from: 0, to: good.count, by: 7) {
      var bad = good
      bad[position] ^= 0x10
      #expect(throws: DiscreteError.self) { try trainer.restore(bad) }
    }
    for count in [0, 7, 8, 31, 32, 100, good.count - 9, good.count - 1] {
      #expect(throws: DiscreteError.self) { try trainer.restore(Array(good[..<count])) }
    }
    #expect(throws: DiscreteError.self) { try trainer.restore(good + [0]) }
    #expect(trainer.snapshot() == good)
  }

  @Test func snapshotsOfOtherTrainingsAreRefused() throws {
    let problem = try smallVAE(Float.self)
    let snapshot = try problem.trainer(settings()).snapshot()
    let others = [
      settings(StraightThrough(), .sgd), settings(StraightThrough(), .radam), settings(rate: 2e-3),
      settings(batch: 7), settings(seed: 6),
    ]
    for other in others {
      var trainer = try problem.trainer(other)
      let text = message { try trainer.restore(snapshot) }
      #expect(text == "the saved training is of another network or training")
    }
    var wide = try smallVAE(Double.self).trainer(settings())
    #expect(throws: DiscreteError.self) { try wide.restore(snapshot) }
  }

  @Test func theLossIsTheSumOfItsParts() throws {
    let problem = try smallVAE(Double.self)
    var trainer = try problem.trainer(settings(LeaveOneOut()))
    for _ in 0..<5 {
      let step = try trainer.advance()
      #expect(abs(step.loss - step.reconstruction - step.kl) < 1e-12)
      #expect(step.kl > 0 && step.perplexity > 1 && step.perplexity <= 3)
    }
  }

  /// With one row the bias gradient of the encoder's last layer is the logits' gradient itself, and
  /// a step of plain descent moves the biases by the rate times it.
  @Test func theGradientNormIsThatOfTheLogits() throws {
    let problem = try smallVAE(Double.self)
    var trainer = try problem.trainer(
      settings(StraightThrough(), .sgd, rate: 0.5, batch: 1))
    let step = try trainer.advance()
    let after = try #require(try trainer.frozen() as? CategoricalVAE<Double>)
    let moved = zip(
      after.encoder.layers[2].biases, problem.encoder.layers[2].biases
    ).reduce(0.0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
    #expect(abs(step.gradientNorm - moved / 0.5) < 1e-12)
    #expect(step.gradientNorm > 1e-3)
  }

  @Test func perplexityCountsCategoriesInUse() {
    let shape = LayerShape(rows: 2, latents: 2, categories: 4)
    func perplexity(_ logits: [Double]) -> Double { CodePerplexity.mean(logits, shape: shape) }
    let sure: Double = 900
    #expect(abs(perplexity([Double](repeating: 7, count: 16)) - 4) < 1e-12)
    // Both rows certain: of one category in the first latent, of two in the second.
    let certain = [sure, 0, 0, 0, 0, sure, 0, 0, sure, 0, 0, 0, 0, 0, 0, sure]
    #expect(abs(perplexity(certain) - 1.5) < 1e-12)
    // q = (5/8, 1/8, 1/8, 1/8) in both latents: a certain row beside a uniform one.
    let half = [sure, 0, 0, 0, sure, 0, 0, 0] + [Double](repeating: 0, count: 8)
    let certainPart: Double = 0.625 * log(0.625)
    let entropy: Double = -certainPart - 0.375 * log(0.125)
    #expect(abs(perplexity(half) - exp(entropy)) < 1e-12)
  }

  @Test func everyOptimiserTrains() throws {
    let problem = try CategoricalVAE<Float>(
      settings: VAESettings(latents: 3, categories: 4, rows: 4, hidden1: 48, hidden2: 24),
      images: .procedural())
    for (kind, rate) in [(OptimiserSettings.adam, 3e-3), (.radam, 3e-3), (.sgd, 1e-2)] {
      var trainer = try problem.trainer(settings(StraightThrough(), kind, rate: rate, batch: 32))
      let losses = try (0..<60).map { _ in try trainer.advance().loss }
      let early: Double = losses.prefix(5).reduce(0, +)
      let late: Double = losses.suffix(5).reduce(0, +)
      #expect(late < 0.9 * early, "\(kind)")
    }
  }
}

import Discrete
import Foundation
import Models
import TestSupport
import Testing

/// Checkpoints that version 0.1.0 wrote, of networks of 784-4-3 units with two latents of three categories, after
/// five steps of training: they are read, and training still leads to them.
@Suite struct FormerCheckpointTests {
  init() { #expect(oneThread == nil) }

  /// Identity straight-through.
  private struct Identity: GradientEstimator {
    var plan = EvaluationPlan(gradients: true)

    func combine(_ row: RowLogits, _ draws: RowDraws, into estimates: inout [Double]) {
      estimates = draws.gradients
    }
  }

  private static let files = [
    "categorical-vae-st", "categorical-vae-gumbel-softmax", "categorical-vae-reinforce-loo",
    "vq-autoencoder-identity-st",
  ]

  private static let settings = VAESettings(
    latents: 2, categories: 3, rows: 2, hidden1: 4, hidden2: 3, seed: 7)

  private func initial(_ name: String) throws -> Autoencoder<Float> {
    if name.hasPrefix("vq") {
      return try VectorQuantiser(
        settings: VQSettings(network: Self.settings, dimension: 2), images: .procedural())
    }
    return try CategoricalVAE(settings: Self.settings, images: .procedural())
  }

  private func bytes(_ name: String) throws -> [UInt8] {
    let url = try #require(
      Bundle.module.url(forResource: name, withExtension: "weights", subdirectory: "Fixtures"))
    return [UInt8](try Data(contentsOf: url))
  }

  /// Every number of the file stands in its tensor: read here by the offsets alone.
  @Test(arguments: files) func numbersStandWhereTheyStood(_ name: String) throws {
    let bytes = try bytes(name)
    let restored = try #require(try initial(name).restored(from: bytes) as? Autoencoder<Float>)
    let start = name.hasPrefix("vq") ? 40 : 36
    let numbers = stride(from: start, to: bytes.count - 8, by: 4).map { place in
      Float(bitPattern: (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[place + $1]) << (8 * $1) })
    }
    #expect(restored.weights.values.flatMap { $0 } == numbers)
    #expect(try initial(name).weights != restored.weights)
    // And what is written now holds the same.
    let again = try initial(name).restored(from: restored.checkpoint())
    #expect(try #require(again as? Autoencoder<Float>).weights == restored.weights)
  }

  /// The same draws in the same order, to the rounding of another processor.
  @Test(arguments: files) func trainingLeadsThere(_ name: String) throws {
    let estimator: any GradientEstimator =
      switch name {
      case "categorical-vae-st": StraightThrough()
      case "categorical-vae-gumbel-softmax": GumbelSoftmax()
      case "categorical-vae-reinforce-loo": LeaveOneOut()
      default: Identity()
      }
    let start = try initial(name)
    let trained = try #require(
      try start.trained(
        TrainingSettings(
          estimator: estimator, steps: 5, learningRate: 0.01, batch: 16, seed: 1)
      ) { _, _ in } as? Autoencoder<Float>)
    let former = try #require(try start.restored(from: bytes(name)) as? Autoencoder<Float>)
    for (own, (wanted, before)) in zip(
      trained.weights.values, zip(former.weights.values, start.weights.values))
    {
      let far = zip(own, wanted).map { abs($0 - $1) }.max() ?? 0
      let step = zip(before, wanted).map { abs($0 - $1) }.max() ?? 0
      #expect(far < 1e-3 * step)
    }
  }

  @Test func damageIsFound() throws {
    let problem = try initial("categorical-vae-st")
    let good = try bytes("categorical-vae-st")
    for position in stride(from: 8, to: good.count, by: 101) {
      var bad = good
      bad[position] ^= 4
      #expect(throws: DiscreteError.self) { try problem.restored(from: bad) }
    }
    for count in [8, 35, 36, 43, good.count - 1] {
      #expect(throws: DiscreteError.self) { try problem.restored(from: Array(good[..<count])) }
    }
    #expect(
      message { _ = try problem.restored(from: bytes("vq-autoencoder-identity-st")) }
        .hasPrefix("the checkpoint is of another network: tensor 'encoder.3.weight'"))
    let other = try CategoricalVAE<Float>(
      settings: VAESettings(latents: 3, categories: 2, rows: 2, hidden1: 4, hidden2: 3),
      images: .procedural())
    #expect(
      message { _ = try other.restored(from: good) }
        .hasSuffix("it has 2 latents of 3 categories, expected 3 latents of 2 categories"))
  }
}

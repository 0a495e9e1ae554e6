import Discrete
import Foundation
import Models
import Synchronization
import TestSupport
import Testing

/// Identity straight-through: `df/dz` as it is.
private struct Identity: GradientEstimator {
  var plan = EvaluationPlan(gradients: true)

  func combine(_ row: RowLogits, _ draws: RowDraws, into estimates: inout [Double]) {
    estimates = draws.gradients
  }
}

/// Straight-through training of the vector quantiser.
@Suite struct QuantiserTrainingTests {
  init() { #expect(oneThread == nil) }

  private func settings(steps: Int = 60, rate: Double = 1e-3, batch: Int = 32) -> TrainingSettings {
    TrainingSettings(
      estimator: Identity(), steps: steps, learningRate: rate, batch: batch, seed: 1)
  }

  private func quantiser() throws -> VectorQuantiser<Float> {
    try VectorQuantiser(
      settings: VQSettings(
        network: VAESettings(latents: 3, categories: 4, rows: 10, hidden1: 48, hidden2: 24),
        dimension: 2), images: .procedural())
  }

  private func train(
    _ problem: VectorQuantiser<Float>, _ settings: TrainingSettings
  ) throws -> (problem: VectorQuantiser<Float>, losses: [Double]) {
    let losses = Mutex<[Double]>([])
    let trained = try problem.trained(settings) { step, loss in
      losses.withLock { losses in
        #expect(step == losses.count + 1)
        losses.append(loss)
      }
    }
    return (try #require(trained as? VectorQuantiser<Float>), losses.withLock { $0 })
  }

  @Test func lossFallsAndRunsRepeat() throws {
    let start = try quantiser()
    let first = try train(start, settings(rate: 3e-3))
    // From about 784 log 2 = 543 to the level of the mean image.
    let early = first.losses.prefix(5).reduce(0, +)
    let late = first.losses.suffix(5).reduce(0, +)
    #expect(late < 0.75 * early)
    let second = try train(start, settings(rate: 3e-3))
    #expect(second.losses == first.losses)
    #expect(second.problem.checkpoint() == first.problem.checkpoint())
    #expect(first.problem.codes != start.codes)
  }

  /// One image only, so that the batch is known. Adam's first step goes against the sign of each
  /// derivative: of the likelihood at `z_q` for the decoder; of `h(z_q) . z_e` plus the commitment
  /// for the encoder; of the distance for the codes.
  @Test func theFirstStepFollowsTheStraightThroughGradient() throws {
    let image = try ImageData(
      name: "one", pixelCount: 6, bytes: Array(smallImages().image(2)))
    let start = try VectorQuantiser<Double>(
      settings: VQSettings(
        network: VAESettings(latents: 2, categories: 3, rows: 1, hidden1: 7, hidden2: 5, seed: 4),
        dimension: 2), images: image)
    // Codes beside the encodings, and one far from both.
    let codes = [
      start.features[0] + 0.1, start.features[1] - 0.2, start.features[2] - 0.15,
      start.features[3] + 0.05, 9, 9,
    ]
    let problem = try start.with(codes: codes)
    let after = try #require(
      try problem.trained(settings(steps: 1, rate: 1e-6, batch: 1)) { _, _ in }
        as? VectorQuantiser<Double>)

    let h = try problem.bypassGradients().quantised
    let fixed = try #require(problem.quantised)
    let weight = 6.0 / 4
    func distance(_ a: [Double], _ b: [Double]) -> Double {
      zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    }
    func goesDownhill(_ old: [Double], _ new: [Double], _ gradients: [Double]) -> Int {
      var checked = 0
      for index in old.indices where abs(gradients[index]) > 1e-5 {
        let change = new[index] - old[index]
        #expect(abs(change + 1e-6 * (gradients[index] > 0 ? 1 : -1)) < 1e-8)
        checked += 1
      }
      return checked
    }
    var checked = 0
    for index in 0..<3 {
      let layer = problem.encoder.layers[index]
      let weights = layer.weights + layer.biases
      let gradients = try differences(at: weights, step: 1e-5) { weights in
        var encoder = problem.encoder
        encoder.layers[index].weights = Array(weights[..<layer.weights.count])
        encoder.layers[index].biases = Array(weights[layer.weights.count...])
        let z = try problem.with(encoder: encoder).features
        let alongGradient = zip(h, z).reduce(0.0) { $0 + $1.0 * $1.1 }
        return alongGradient + 0.25 * weight * distance(z, fixed)
      }
      let moved = after.encoder.layers[index]
      checked += goesDownhill(weights, moved.weights + moved.biases, gradients)

      let upper = problem.decoder.layers[index]
      let upperWeights = upper.weights + upper.biases
      let upperGradients = differences(at: upperWeights, step: 1e-5) { weights in
        var decoder = problem.decoder
        decoder.layers[index].weights = Array(weights[..<upper.weights.count])
        decoder.layers[index].biases = Array(weights[upper.weights.count...])
        let y = decoder.forward(fixed, rows: 1).output
        return zip(y, image.image(0)).reduce(0.0) { total, pair in
          total + log(1 + exp(pair.0)) - (pair.1 > 127 ? pair.0 : 0)
        }
      }
      let movedUpper = after.decoder.layers[index]
      checked += goesDownhill(upperWeights, movedUpper.weights + movedUpper.biases, upperGradients)
    }
    let codeGradients = zip(codes, problem.features + [0, 0]).enumerated().map { index, pair in
      index < 4 ? 2 * weight * (pair.0 - pair.1) : 0
    }
    checked += goesDownhill(codes, after.codes, codeGradients)
    #expect(Array(after.codes.suffix(2)) == [9, 9])
    #expect(checked > 80)
  }

  @Test func checkpointsRestoreEveryBit() throws {
    let start = try quantiser()
    let trained = try train(start, settings(steps: 5)).problem
    let restored = try #require(
      try start.restored(from: trained.checkpoint()) as? VectorQuantiser<Float>)
    #expect(restored.logits == trained.logits && restored.codes == trained.codes)
    #expect(restored.encoder == trained.encoder && restored.decoder == trained.decoder)
  }

  @Test func damagedCheckpointsAreRefused() throws {
    let start = try quantiser()
    let good = start.checkpoint()
    for position in stride(from: 0, to: good.count, by: good.count / 41) {
      var bad = good
      bad[position] ^= 0x10
      #expect(throws: DiscreteError.self) { try start.restored(from: bad) }
    }
    for count in [0, 7, 8, 39, 40, 47, good.count - 1] {
      #expect(throws: DiscreteError.self) { try start.restored(from: Array(good[..<count])) }
    }
    let other = try VectorQuantiser<Float>(
      settings: VQSettings(
        network: VAESettings(latents: 3, categories: 5, rows: 10, hidden1: 48, hidden2: 24),
        dimension: 2), images: .procedural())
    #expect(
      message { _ = try other.restored(from: good) }
        == "the checkpoint is of another network: it has 3 latents of 4 categories, expected 3 latents of 5 categories"
    )
    let vae = try CategoricalVAE<Float>(
      settings: VAESettings(latents: 3, categories: 4, rows: 10, hidden1: 48, hidden2: 24),
      images: .procedural())
    #expect(
      message { _ = try vae.restored(from: good) }
        .hasPrefix("the checkpoint is of another network: tensor 'encoder.3.weight'"))
  }

  /// Other estimators train it through the soft assignment.
  @Test func otherEstimatorsTrainIt() throws {
    for estimator in [StraightThrough(), LeaveOneOut(), GumbelSoftmax()] as [any GradientEstimator]
    {
      var other = settings(rate: 3e-3)
      other.estimator = estimator
      let losses = try train(quantiser(), other).losses
      let early = losses.prefix(5).reduce(0, +)
      let late = losses.suffix(5).reduce(0, +)
      #expect(late < 0.75 * early, "\(estimator)")
    }
  }

  @Test func settingsThatCannotRunAreRefused() throws {
    #expect(throws: DiscreteError.self) { try train(quantiser(), settings(rate: 0)) }
    #expect(throws: DiscreteError.self) { try train(quantiser(), settings(batch: 10_001)) }
    #expect(
      message { _ = try train(quantiser(), settings(steps: 20, rate: 1e30)) }
        .hasPrefix("training step 2: the "))
  }
}

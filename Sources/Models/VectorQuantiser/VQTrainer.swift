import Discrete
import Foundation
import Networks
import Tensors

/// An optimiser on all weights and codes of a vector-quantised autoencoder (van den Oord et al. 2017).
///
/// Loss of a step: mean over the batch of `f_b(z_q) + w (||sg(z_e) - z_q||^2 + beta ||z_e - sg(z_q)||^2)`
/// with `beta = 0.25` and `w = pixels / (D d)`: a pixel's likelihood and a coordinate's distance
/// weigh the same, as they do where both are means. The encoder gets `df/dz` at `z_q` unchanged and
/// the commitment's gradient; the codes get theirs from the middle term alone. Codes that no latent
/// is nearest to stay where they are.
struct VQTrainer<Scalar: NetworkScalar>: ProblemTrainer {
  private let problem: VectorQuantiser<Scalar>
  private let settings: TrainingSettings
  private let key: RandomKey
  private var encoder: ReLUNetwork<Scalar>
  private var decoder: ReLUNetwork<Scalar>
  private var codebook: Codebook<Scalar>
  private var optimiser: ScheduledOptimiser<Scalar>

  var step: Int { optimiser.step }

  private static var commitment: Double { 0.25 }

  /// `w`
  private var weight: Double {
    Double(problem.images.pixelCount) / Double(problem.settings.activations)
  }

  /// - Throws: `DiscreteError.parameter` for settings that cannot be run, `.unsupported` for an
  ///   estimator that is not the identity straight-through.
  init(_ problem: VectorQuantiser<Scalar>, _ settings: TrainingSettings) throws {
    try settings.check(images: problem.images.count)
    guard settings.estimator.passesGradientUnchanged else {
      throw DiscreteError.unsupported(
        "a vq-autoencoder is trained by the identity straight-through; set train: {estimator: identity-st}"
      )
    }
    self.problem = problem
    self.settings = settings
    key = RandomKey(seed: settings.seed).derived("vq-autoencoder-training")
    encoder = problem.encoder
    decoder = problem.decoder
    codebook = problem.codebook
    optimiser = try settings.optimiser(
      sizes: (encoder.layers + decoder.layers).flatMap { [$0.weights.count, $0.biases.count] }
        + [codebook.entries.count])
  }

  func frozen() throws -> any TrainableProblem {
    try VectorQuantiser(
      settings: problem.settings, images: problem.images, encoder: encoder, decoder: decoder,
      codebook: codebook)
  }

  func snapshot() -> [UInt8] {
    TrainingSnapshot(step: step, tensors: weights + optimiser.arrays).encoded(identity: identity)
  }

  mutating func restore(_ snapshot: [UInt8]) throws {
    let count = weights.count
    let saved = try TrainingSnapshot<Scalar>(
      decoding: snapshot, identity: identity,
      sizes: (weights + optimiser.arrays).map(\.count))
    for index in encoder.layers.indices {
      encoder.layers[index].weights = saved.tensors[2 * index]
      encoder.layers[index].biases = saved.tensors[2 * index + 1]
    }
    let first = 2 * encoder.layers.count
    for index in decoder.layers.indices {
      decoder.layers[index].weights = saved.tensors[first + 2 * index]
      decoder.layers[index].biases = saved.tensors[first + 2 * index + 1]
    }
    codebook.entries = saved.tensors[count - 1]
    try optimiser.take(Array(saved.tensors[count...]), step: saved.step)
  }

  /// Weights and biases of all layers, encoder first, then the codes.
  private var weights: [[Scalar]] {
    (encoder.layers + decoder.layers).flatMap { [$0.weights, $0.biases] } + [codebook.entries]
  }

  /// What a snapshot must agree with: the network's sizes and the settings, but for the estimator.
  private var identity: [UInt64] {
    let network = problem.settings.network
    return [
      problem.images.pixelCount, network.hidden1, network.hidden2, network.latents,
      network.categories, problem.settings.dimension, settings.batch,
    ].map { UInt64($0) } + [
      settings.seed, settings.learningRate.bitPattern,
      ByteFingerprint.fnv1a(Array(settings.optimiser.description.utf8)[...]),
    ]
  }

  /// The step's `kl` is 0: codes are not drawn. Its `gradientNorm` is that at `z_e`, `[B][D][d]`.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  mutating func advance() throws -> TrainingStep {
    let step = step + 1
    let batch = settings.batch
    let rows = Array(0..<batch)
    let pixels = problem.images.pixelCount
    let x = CategoricalVAE<Scalar>.pixels(
      problem.images, key.derived(UInt64(step)).batchRows(settings.batch, of: problem.images.count),
      binarised: problem.settings.network.binarised)
    let pass = encoder.forward(x, rows: batch)
    guard pass.output.allSatisfy(\.isFinite) else { throw divergence("encoding", step) }
    let codes = codebook.nearest(pass.output)
    let points = codebook.vectors(codes)
    let decoded = decoder.forward(points, rows: batch)
    let likelihood = DecoderOracle<Scalar>.likelihood(
      decoded.output, data: x, rows: rows, pixels: pixels)
    let residuals = zip(pass.output, points).map { $0 - $1 }
    let distance = residuals.reduce(0.0) { $0 + Double($1) * Double($1) }
    let loss =
      (likelihood.reduce(0, +) + (1 + Self.commitment) * weight * distance) / Double(batch)
    guard loss.isFinite else { throw divergence("loss", step) }

    let mean = 1 / Scalar(batch)
    let back = decoder.backward(
      DecoderOracle<Scalar>.residual(decoded.output, data: x, rows: rows, pixels: pixels), decoded,
      scale: mean, wantsInput: true)
    let pull = Scalar(2 * Self.commitment * weight)
    let upstream = zip(back.input, residuals).map { mean * ($0 + pull * $1) }
    let codePull = 2 * mean * Scalar(weight)
    var codeGradient = [Scalar](repeating: 0, count: codebook.entries.count)
    let dimension = codebook.dimension
    for (vector, code) in codes.enumerated() {
      for axis in 0..<dimension {
        codeGradient[code * dimension + axis] -= codePull * residuals[vector * dimension + axis]
      }
    }
    let squares = upstream.reduce(0.0) { $0 + Double($1) * Double($1) }
    update(encoder.backward(upstream, pass).layers, back.layers, codeGradient)
    return TrainingStep(
      step: step, loss: loss, reconstruction: likelihood.reduce(0, +) / Double(batch), kl: 0,
      perplexity: CodePerplexity.used(
        codes, latents: problem.settings.network.latents, categories: codebook.count),
      gradientNorm: squares.squareRoot())
  }

  private mutating func update(
    _ encoderGradients: [LayerGradient<Scalar>], _ decoderGradients: [LayerGradient<Scalar>],
    _ codeGradient: [Scalar]
  ) {
    let tensors = optimiser.begin(
      (encoderGradients + decoderGradients).flatMap { [$0.weights, $0.biases] } + [codeGradient])
    for index in encoder.layers.indices {
      optimiser.update(&encoder.layers[index].weights, tensors[2 * index], tensor: 2 * index)
      optimiser.update(
        &encoder.layers[index].biases, tensors[2 * index + 1], tensor: 2 * index + 1)
    }
    let first = 2 * encoder.layers.count
    for index in decoder.layers.indices {
      let tensor = first + 2 * index
      optimiser.update(&decoder.layers[index].weights, tensors[tensor], tensor: tensor)
      optimiser.update(&decoder.layers[index].biases, tensors[tensor + 1], tensor: tensor + 1)
    }
    let last = tensors.count - 1
    optimiser.update(&codebook.entries, tensors[last], tensor: last)
  }

  private func divergence(_ name: String, _ step: Int) -> DiscreteError {
    .notFinite(
      "training step \(step): the \(name) is not finite any more; lower the learning rate")
  }
}

extension GradientEstimator {
  /// Whether an estimate is `df/dz` at one hard point, unchanged: found out by a trial.
  var passesGradientUnchanged: Bool {
    guard plan.gradients, !plan.relaxed else { return false }
    let gradient = [0.375, -0.75, 0.125]
    let samples = max(1, plan.samples)
    let draws = RowDraws(
      count: 1, codes: [[Int32]](repeating: [1], count: samples),
      values: [[Double]](repeating: [0.5], count: samples), gradients: gradient,
      perturbed: [0.25, 1, -0.5], freshNoise: [0.5, 0.25, 1], softGradients: gradient)
    var estimate = [Double](repeating: 0, count: gradient.count)
    combine(
      RowLogits(latents: 1, categories: 3, values: [0.5, 0, -1]), draws, into: &estimate)
    return estimate == gradient
  }
}

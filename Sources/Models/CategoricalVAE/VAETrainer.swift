import Discrete
import Networks
import Tensors

/// An optimiser on all weights of a categorical VAE; the logits' gradient comes from an estimator.
///
/// Loss of a step: mean over the batch of `f_b` at the point the decoder was run at, plus the KL.
struct VAETrainer<Scalar: NetworkScalar>: ProblemTrainer {
  private let problem: CategoricalVAE<Scalar>
  private let settings: TrainingSettings
  private let key: RandomKey
  private var encoder: ReLUNetwork<Scalar>
  private var decoder: ReLUNetwork<Scalar>
  private var optimiser: ScheduledOptimiser<Scalar>

  var step: Int { optimiser.step }

  /// - Throws: `DiscreteError.parameter` for settings that cannot be run, `.unsupported` for a plan
  ///   that asks for no point.
  init(_ problem: CategoricalVAE<Scalar>, _ settings: TrainingSettings) throws {
    try settings.check(images: problem.images.count)
    let plan = settings.estimator.plan
    guard plan.samples >= 1 || plan.relaxed else {
      throw DiscreteError.unsupported("training needs an estimator that draws at least one sample")
    }
    guard plan.probes == nil else {
      throw DiscreteError.unsupported(
        "training needs an estimator without points of its own; use one such as 'st' or 'reinforce-loo'"
      )
    }
    if case .sample(let temperature) = plan.law, !(temperature.isFinite && temperature > 0) {
      throw DiscreteError.parameter(
        "the forward temperature must be above 0, found \(temperature)")
    }
    self.problem = problem
    self.settings = settings
    key = RandomKey(seed: settings.seed).derived("categorical-vae-training")
    encoder = problem.encoder
    decoder = problem.decoder
    optimiser = try settings.optimiser(
      sizes: (encoder.layers + decoder.layers).flatMap { [$0.weights.count, $0.biases.count] })
  }

  func frozen() throws -> any TrainableProblem {
    try CategoricalVAE(
      settings: problem.settings, images: problem.images, encoder: encoder, decoder: decoder)
  }

  func snapshot() -> [UInt8] {
    TrainingSnapshot(step: step, tensors: weights + optimiser.arrays).encoded(identity: identity)
  }

  mutating func restore(_ snapshot: [UInt8]) throws {
    let moments = optimiser.arrays
    let count = weights.count
    let saved = try TrainingSnapshot<Scalar>(
      decoding: snapshot, identity: identity, sizes: (weights + moments).map(\.count))
    for index in 0..<count / 2 {
      setLayer(index, weights: saved.tensors[2 * index], biases: saved.tensors[2 * index + 1])
    }
    try optimiser.take(Array(saved.tensors[count...]), step: saved.step)
  }

  /// Weights and biases of all layers, encoder first.
  private var weights: [[Scalar]] {
    (encoder.layers + decoder.layers).flatMap { [$0.weights, $0.biases] }
  }

  private mutating func setLayer(_ index: Int, weights: [Scalar], biases: [Scalar]) {
    if index < encoder.layers.count {
      encoder.layers[index].weights = weights
      encoder.layers[index].biases = biases
    } else {
      decoder.layers[index - encoder.layers.count].weights = weights
      decoder.layers[index - encoder.layers.count].biases = biases
    }
  }

  /// What a snapshot must agree with: the network's sizes and the settings, but for the estimator.
  private var identity: [UInt64] {
    let sizes = problem.settings
    return [
      problem.images.pixelCount, sizes.hidden1, sizes.hidden2, sizes.latents, sizes.categories,
      settings.batch,
    ].map { UInt64($0) } + [
      settings.seed, settings.learningRate.bitPattern,
      ByteFingerprint.fnv1a(Array(settings.optimiser.description.utf8)[...]),
    ]
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  mutating func advance() throws -> TrainingStep {
    let step = step + 1
    let key = key.derived(UInt64(step))
    let batch = settings.batch
    let shape = problem.shape.with(rows: batch)
    let x = CategoricalVAE<Scalar>.pixels(
      problem.images, key.batchRows(settings.batch, of: problem.images.count),
      binarised: problem.settings.binarised)
    let pass = encoder.forward(x, rows: batch)
    let phi = pass.output.map { Double($0) }
    try checkFinite(phi, "logits", step)

    var draws = BatchDraws(
      phi: phi, shape: shape, estimator: settings.estimator, key: key)
    let decoded = try decode(&draws, x)
    let kl = AnalyticKL.evaluate(phi, shape: shape)
    let cost = decoded.values.reduce(0, +)
    let divergence = kl.values.reduce(0, +)
    let loss = (cost + divergence) / Double(batch)
    try checkFinite([loss], "loss", step)

    let estimate = try draws.combine()
    try checkFinite(estimate, "gradient estimate", step)
    let logitGradient = zip(estimate, kl.gradient).map { ($0 + $1) / Double(batch) }
    let encoderGradients = encoder.backward(logitGradient.map { Scalar($0) }, pass).layers
    update(encoderGradients + decoded.gradients)
    return TrainingStep(
      step: step, loss: loss, reconstruction: cost / Double(batch), kl: divergence / Double(batch),
      perplexity: CodePerplexity.mean(phi, shape: shape),
      gradientNorm: logitGradient.reduce(0) { $0 + $1 * $1 }.squareRoot())
  }

  /// Runs the decoder at the draws: fills values and gradients of `draws`, and returns costs and
  /// decoder gradients (of the mean cost) at the point that is trained on: the first sample, or
  /// the soft point of a relaxed plan.
  private func decode(
    _ draws: inout BatchDraws, _ x: [Scalar]
  ) throws -> (values: [Double], gradients: [LayerGradient<Scalar>]) {
    let plan = settings.estimator.plan
    let batch = settings.batch
    let rows = Array(0..<batch)
    let pixels = problem.images.pixelCount
    func cost(_ pass: ReLUNetwork<Scalar>.Pass) -> [Double] {
      DecoderOracle<Scalar>.likelihood(pass.output, data: x, rows: rows, pixels: pixels)
    }
    func backward(
      _ pass: ReLUNetwork<Scalar>.Pass, input: [Scalar]
    ) -> (layers: [LayerGradient<Scalar>], input: [Scalar]) {
      let delta = DecoderOracle<Scalar>.residual(pass.output, data: x, rows: rows, pixels: pixels)
      return decoder.backward(
        delta, pass, input: input, scale: 1 / Scalar(batch), wantsInput: true)
    }

    var trained: (values: [Double], gradients: [LayerGradient<Scalar>]) = ([], [])
    for sample in draws.codes.indices {
      guard plan.values || sample == 0 else { break }
      if sample == 0 && plan.relaxed && !plan.values && !plan.gradients { break }
      let pass = decoder.forward(
        codes: draws.codes[sample], latents: draws.shape.latents,
        categories: draws.shape.categories)
      let values = cost(pass)
      if plan.values { draws.values.append(values) }
      if sample == 0 && (plan.gradients || !plan.relaxed) {
        let back = backward(pass, input: draws.oneHot().map { Scalar($0) })
        if plan.gradients { draws.gradients = back.input.map { Double($0) } }
        trained = (values, back.layers)
      }
    }
    if plan.relaxed {
      let points = try draws.softPoints().map { Scalar($0) }
      let pass = decoder.forward(points, rows: batch)
      let back = backward(pass, input: points)
      draws.softGradients = back.input.map { Double($0) }
      trained = (cost(pass), back.layers)
    }
    return trained
  }

  private mutating func update(_ gradients: [LayerGradient<Scalar>]) {
    let tensors = optimiser.begin(gradients.flatMap { [$0.weights, $0.biases] })
    for index in gradients.indices {
      let tensor = 2 * index
      if index < encoder.layers.count {
        optimiser.update(&encoder.layers[index].weights, tensors[tensor], tensor: tensor)
        optimiser.update(&encoder.layers[index].biases, tensors[tensor + 1], tensor: tensor + 1)
      } else {
        let layer = index - encoder.layers.count
        optimiser.update(&decoder.layers[layer].weights, tensors[tensor], tensor: tensor)
        optimiser.update(&decoder.layers[layer].biases, tensors[tensor + 1], tensor: tensor + 1)
      }
    }
  }

  private func checkFinite(_ values: [Double], _ name: String, _ step: Int) throws {
    if let bad = values.first(where: { !$0.isFinite }) {
      throw DiscreteError.notFinite(
        "training step \(step): the \(name) became \(bad); lower the learning rate")
    }
  }
}

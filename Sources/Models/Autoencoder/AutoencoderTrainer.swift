import Discrete
import Foundation
import Networks
import Tensors

/// An optimiser on all weights of an autoencoder; the gradient at the logits comes from an estimator.
///
/// Loss of a step: mean over the batch of `f_b` at the trained point (the first sample, or the soft point of a
/// soft forward), plus the divergence from the prior. Under `identity-st` a bottleneck of vectors takes the
/// nearest of them, the encoder is passed the decoder's gradient unchanged, and the loss has the bottleneck's own
/// part with the weight `numbers of a row / features`.
struct AutoencoderTrainer<Scalar: NetworkScalar>: ProblemTrainer {
  private let problem: Autoencoder<Scalar>
  private let settings: TrainingSettings
  private let key: RandomKey
  private var model: Autoencoder<Scalar>.Model
  private var optimiser: ScheduledOptimiser<Scalar>

  var step: Int { optimiser.step }

  /// - Throws: `DiscreteError.parameter` for settings that cannot be run.
  init(_ problem: Autoencoder<Scalar>, _ settings: TrainingSettings) throws {
    try settings.check(images: problem.data.count)
    self.problem = problem
    self.settings = settings
    key = RandomKey(seed: settings.seed).derived("autoencoder-training")
    model = problem.model
    optimiser = try settings.optimiser(tensors: model.store().tensors)
  }

  func frozen() throws -> any TrainableProblem {
    try Autoencoder(settings: problem.settings, data: problem.data, model: model)
  }

  private var identity: [String: String] {
    [
      "kind": "autoencoder-training", "batch": "\(settings.batch)", "seed": "\(settings.seed)",
      "learning-rate": "\(settings.learningRate)", "optimiser": settings.optimiser.description,
    ]
  }

  func snapshot() -> [UInt8] {
    var metadata = identity
    metadata["step"] = "\(step)"
    guard let store = try? model.store() else { preconditionFailure("tensors of one name") }
    return CheckedTensors.encoded(store.namedTensors + optimiser.state, metadata)
  }

  mutating func restore(_ snapshot: [UInt8]) throws {
    let file = try CheckedTensors.decoded(snapshot, what: "saved training")
    guard identity.allSatisfy({ file.metadata[$0] == $1 }),
      let step = file.metadata["step"].flatMap(Int.init)
    else { throw DiscreteError.shape("the saved training is of another training") }
    var store = try model.store()
    let names = Set(store.tensors.map(\.name))
    do {
      try store.load(file.tensors.filter { names.contains($0.name) })
      var restored = optimiser
      try restored.restore(step: step, file.tensors.filter { !names.contains($0.name) })
      optimiser = restored
    } catch {
      throw DiscreteError.shape("the saved training is of another network: \(error)")
    }
    model.take(store)
  }

  mutating func advance() throws -> TrainingStep {
    let step = step + 1
    let key = key.derived(UInt64(step))
    let batch = settings.batch
    let x = problem.data.rows(
      key.batchRows(settings.batch, of: problem.data.count), binarised: problem.settings.binarised,
      Scalar.self)
    let pass = model.encoder.forward(x, rows: batch, model.encoderWeights)
    try checkFinite(pass.output.map { Double($0) }, "output of the encoder", step)
    let quantised =
      settings.estimator.passesGradientUnchanged ? model.bottleneck.quantisation(pass.output) : nil
    let result =
      try quantised.map { try passedThrough($0, x, pass, step) }
      ?? estimated(x, pass, key, step)
    guard result.gradients.allSatisfy({ $0.allSatisfy(\.isFinite) }) else {
      throw DiscreteError.notFinite(
        "training step \(step): a gradient is not finite any more; lower the learning rate")
    }
    var store = try model.store()
    optimiser.apply(result.gradients, to: &store)
    model.take(store)
    var report = result.report
    report.step = step
    return report
  }

  private typealias Result = (report: TrainingStep, gradients: [[Scalar]])

  /// The gradient at the logits by the estimator, drawn as measuring draws.
  private func estimated(
    _ x: [Scalar], _ pass: ProgramPass<Scalar>, _ key: RandomKey, _ step: Int
  ) throws -> Result {
    let batch = settings.batch
    let bottleneck = model.bottleneck
    let shape = problem.shape.with(rows: batch)
    let phi = bottleneck.logits(pass.output)
    let layer = BatchProblem(
      logits: try Logits(shape: shape, values: phi),
      oracle: ProgramOracle(shape: shape, model: model, data: x))
    let plan = settings.estimator.plan(for: shape)
    let source = DrawSource(problem: layer, key: key.derived("draws"))
    let rows = try source.prepared(
      settings.estimator,
      try source.draw(0..<1, law: plan.law, needs: GroupNeeds([plan])), range: 0..<1)
    let estimate = try rows.enumerated().flatMap { row, draws in
      try settings.estimator.checkedEstimates(layer.logits.row(row), draws, centred: false)
    }
    try checkFinite(estimate, "gradient estimate", step)
    let trained = try decode(points(rows, layer), x, rows: Array(0..<batch))
    let divergence = bottleneck.divergence(phi, shape: shape)
    let kl = divergence?.values.reduce(0, +) ?? 0
    let cost = trained.values.reduce(0, +)
    let loss = (cost + kl) / Double(batch)
    try checkFinite([loss], "loss", step)
    let gradient = estimate.indices.map {
      (estimate[$0] + (divergence?.gradient[$0] ?? 0)) / Double(batch)
    }
    let lower = bottleneck.pullBack(gradient, pass.output)
    let codes =
      lower.parameters.isEmpty
      ? [] : [zip(trained.codes, lower.parameters).map { $0 + Scalar($1) }]
    return (
      TrainingStep(
        step: step, loss: loss, reconstruction: cost / Double(batch), kl: kl / Double(batch),
        perplexity: CodePerplexity.mean(phi, shape: shape),
        gradientNorm: gradient.reduce(0) { $0 + $1 * $1 }.squareRoot(),
        more: bottleneck.series(phi, shape: shape)),
      model.encoder.parameterGradients(
        lower.features.map { Scalar($0) }, pass, model.encoderWeights) + trained.decoder + codes
    )
  }

  /// The gradient at the nearest vectors, passed to the features.
  private func passedThrough(
    _ quantised: Quantisation<Scalar>, _ x: [Scalar], _ pass: ProgramPass<Scalar>, _ step: Int
  ) throws -> Result {
    let batch = settings.batch
    let rows = Array(0..<batch)
    let columns = problem.data.shape.count
    let mean = 1 / Scalar(batch)
    let weight = Double(columns) / Double(model.bottleneck.features)
    let decoded = model.decoder.forward(quantised.embedded, rows: batch, model.decoderWeights)
    let cost = model.likelihood.values(decoded.output, data: x, rows: rows, columns: columns)
      .reduce(0, +)
    let loss = (cost + weight * quantised.loss) / Double(batch)
    try checkFinite([loss], "loss", step)
    let back = model.decoder.pullBack(
      model.likelihood.residual(decoded.output, data: x, rows: rows, columns: columns), decoded,
      model.decoderWeights, scale: mean)
    let pull = Scalar(weight)
    let upstream = zip(back.input, quantised.features).map { mean * ($0 + pull * $1) }
    return (
      TrainingStep(
        step: step, loss: loss, reconstruction: cost / Double(batch), kl: 0,
        perplexity: CodePerplexity.used(
          quantised.codes, latents: model.bottleneck.latents,
          categories: model.bottleneck.categories),
        gradientNorm: upstream.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot(),
        more: quantised.series),
      model.encoder.parameterGradients(upstream, pass, model.encoderWeights) + back.parameters
        + [quantised.parameters.map { mean * pull * $0 }]
    )
  }

  /// The points that the decoder is trained at, `[rows][D][K]`.
  private func points(_ rows: [RowDraws], _ layer: BatchProblem) throws -> [Scalar] {
    let plan = settings.estimator.plan(for: layer.shape)
    return try rows.enumerated().flatMap { row, draws -> [Scalar] in
      if plan.relaxed {
        guard
          let soft = try settings.estimator.checkedSoftPoints(layer.logits.row(row), draws)
        else {
          throw DiscreteError.unsupported("the estimator asks for soft points but names none")
        }
        return soft.map { Scalar($0) }
      }
      var point = [Scalar](repeating: 0, count: layer.shape.width)
      for (latent, code) in (draws.codes.first ?? []).enumerated() {
        point[latent * layer.shape.categories + Int(code)] = 1
      }
      return point
    }
  }

  /// Costs at points, and the gradients of the mean cost in the decoder and the bottleneck.
  private func decode(
    _ points: [Scalar], _ x: [Scalar], rows: [Int]
  ) throws -> (values: [Double], decoder: [[Scalar]], codes: [Scalar]) {
    let columns = problem.data.shape.count
    let pass = model.decoder.forward(
      model.bottleneck.embed(points), rows: rows.count, model.decoderWeights)
    let mean = 1 / Scalar(rows.count)
    let back = model.decoder.pullBack(
      model.likelihood.residual(pass.output, data: x, rows: rows, columns: columns), pass,
      model.decoderWeights, scale: mean)
    let codes = model.bottleneck.embedPullBack(back.input, points, wantsParameters: true).parameters
    return (
      model.likelihood.values(pass.output, data: x, rows: rows, columns: columns),
      back.parameters, codes.map { mean * $0 }
    )
  }

  private func checkFinite(_ values: [Double], _ name: String, _ step: Int) throws {
    if let bad = values.first(where: { !$0.isFinite }) {
      throw DiscreteError.notFinite(
        "training step \(step): the \(name) became \(bad); lower the learning rate")
    }
  }
}

/// The layer of one batch of a training.
private struct BatchProblem: DiscreteProblem {
  let logits: Logits
  let oracle: any CostOracle
}

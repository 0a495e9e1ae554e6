import Discrete
import Foundation
import Networks
import Tensors

/// An optimiser on all weights of an autoencoder; the gradient at the logits comes from an estimator.
///
/// Loss of a step: mean over the batch of `f_b` at the trained point (the first sample, or the soft point of a
/// soft forward), plus the divergence from the prior. Under `identity-st` a bottleneck of vectors takes the
/// nearest of them, the encoder is passed the decoder's gradient unchanged, and the loss has the bottleneck's own
/// part with the weight `numbers of a row / features`: a number's likelihood and a coordinate's distance weigh the
/// same, as they do where both are means.
struct AutoencoderTrainer<Scalar: NetworkScalar>: ProblemTrainer {
  private let problem: Autoencoder<Scalar>
  private let settings: TrainingSettings
  /// Of layers of a batch.
  private let plan: EvaluationPlan
  /// Whether the encoder is passed the decoder's gradient at the nearest vectors.
  private let passesThrough: Bool
  private let key: RandomKey
  private var model: AutoencoderModel<Scalar>
  private var optimiser: ScheduledOptimiser<Scalar>

  var step: Int { optimiser.step }

  /// - Throws: `DiscreteError.parameter` for settings that cannot be run, `.unsupported` for a plan
  ///   that asks for no point.
  init(_ problem: Autoencoder<Scalar>, _ settings: TrainingSettings) throws {
    try settings.check(rows: problem.data.count)
    plan = settings.estimator.plan(for: problem.shape.with(rows: settings.batch))
    guard plan.samples >= 1 || plan.relaxed || plan.probes != nil else {
      throw DiscreteError.unsupported("training needs an estimator that draws at least one sample")
    }
    if case .sample(let temperature) = plan.distribution, !(temperature.isFinite && temperature > 0)
    {
      throw DiscreteError.parameter(
        "the forward temperature must be above 0, found \(temperature)")
    }
    passesThrough =
      problem.model.bottleneck.quantises && settings.estimator.passesGradientUnchanged
    self.problem = problem
    self.settings = settings
    key = RandomKey(seed: settings.seed).derived("\(problem.settings.kind.name)-training")
    model = problem.model
    optimiser = try settings.optimiser(tensors: model.store.tensors)
  }

  func frozen() throws -> any TrainableProblem {
    try Autoencoder(settings: problem.settings, data: problem.data, model: model)
  }

  /// What a snapshot must agree with beside names and shapes of the tensors: the settings, but for the estimator.
  private var identity: [String: String] {
    [
      "batch": "\(settings.batch)", "seed": "\(settings.seed)",
      "learning-rate": "\(settings.learningRate)", "optimiser": settings.optimiser.description,
      "precision": "\(Scalar.self)", Checkpoint.layer: model.layer,
    ]
  }

  private var kind: String { "\(problem.settings.kind.name) training" }

  func snapshot() -> [UInt8] {
    Checkpoint.encoded(
      model.store.namedTensors + optimiser.state, kind: kind,
      identity.merging(["step": "\(step)"]) { $1 })
  }

  mutating func restore(_ snapshot: [UInt8]) throws {
    let file = try Checkpoint.decoded(snapshot, what: "saved training")
    let other = "the saved training is of another network or training"
    guard identity.allSatisfy({ file.metadata[$0] == $1 }), file.metadata["kind"] == kind,
      let step = file.metadata["step"].flatMap(Int.init)
    else { throw DiscreteError.shape(other) }
    var store = model.store
    var restored = optimiser
    let names = Set(store.tensors.map(\.name))
    do {
      try store.load(file.tensors.filter { names.contains($0.name) })
      try restored.restore(step: step, file.tensors.filter { !names.contains($0.name) })
    } catch {
      throw DiscreteError.shape("\(other): \(error)")
    }
    optimiser = restored
    model.take(store)
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  mutating func advance() throws -> TrainingStep {
    let step = step + 1
    let key = key.derived(UInt64(step))
    let x = problem.data.rows(
      key.batchRows(settings.batch, of: problem.data.count), binarised: problem.settings.binarised,
      Scalar.self)
    let pass = model.encoder.forward(x, rows: settings.batch, model.encoderWeights)
    try checkFinite([pass.output], "output of the encoder", step)
    let weight = Double(problem.data.shape.count) / Double(model.bottleneck.features)
    let quantised =
      passesThrough
      ? model.bottleneck.quantisation(pass.output, weight: weight, rows: settings.batch) : nil
    var result =
      try quantised.map { try passedThrough($0, x, pass, step) }
      ?? estimated(x, pass, key, step)
    try checkFinite(result.gradients, "gradient", step)
    Self.update(&model, by: &optimiser, result.gradients)
    result.report.step = step
    return result.report
  }

  private static func update(
    _ model: inout AutoencoderModel<Scalar>, by optimiser: inout ScheduledOptimiser<Scalar>,
    _ gradients: [[Scalar]]
  ) {
    let bounded = optimiser.begin(gradients)
    model.change { optimiser.update(&$0, bounded[$1], tensor: $1) }
  }

  private typealias Result = (report: TrainingStep, gradients: [[Scalar]])

  /// The gradient at the logits by the estimator.
  private func estimated(
    _ x: [Scalar], _ pass: ProgramPass<Scalar>, _ key: RandomKey, _ step: Int
  ) throws -> Result {
    let batch = settings.batch
    let bottleneck = model.bottleneck
    let shape = problem.shape.with(rows: batch)
    let phi = bottleneck.logits(pass.output)
    let oracle = BatchOracle(shape: shape, model: model, data: x, plan: plan)
    let layer = BatchProblem(logits: try Logits(shape: shape, values: phi), oracle: oracle)
    let source = DrawSource(
      problem: layer, key: key.derived("draws"), streams: problem.settings.kind.draws)
    let rows = try source.prepared(
      settings.estimator,
      try source.draw(0..<1, distribution: plan.distribution, needs: GroupNeeds([plan])),
      range: 0..<1)
    let trained = try oracle.trained(at: .codes(rows.flatMap { $0.codes.first ?? [] }))
    let divergence = bottleneck.divergence(phi, shape: shape)
    let kl = divergence?.values.reduce(0, +) ?? 0
    let cost = trained.values.reduce(0, +)
    let loss = (cost + kl) / Double(batch)
    try checkFinite(loss, "loss", step)
    let estimate = try rows.enumerated().flatMap { row, draws in
      try settings.estimator.checkedEstimates(layer.logits.row(row), draws, centred: false)
    }
    if let bad = estimate.first(where: { !$0.isFinite }) {
      try checkFinite(bad, "gradient estimate", step)
    }
    let gradient = estimate.indices.map {
      (estimate[$0] + (divergence?.gradient[$0] ?? 0)) / Double(batch)
    }
    let lower = bottleneck.pullBack(gradient, pass.output)
    let codes =
      lower.parameters.isEmpty
      ? [] : [zip(trained.bottleneck, lower.parameters).map { $0 + Scalar($1) }]
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

  /// The gradient at the nearest vectors, passed to the features. Codes are not drawn: the step's `kl` is 0, and
  /// its `gradientNorm` that at the features.
  private func passedThrough(
    _ quantised: Quantisation<Scalar>, _ x: [Scalar], _ pass: ProgramPass<Scalar>, _ step: Int
  ) throws -> Result {
    let batch = settings.batch
    let decoded = model.costs(model.decode(embedded: quantised.embedded), data: x)
    let cost = decoded.values.reduce(0, +)
    let loss = (cost + quantised.loss) / Double(batch)
    try checkFinite(loss, "loss", step)
    let mean = 1 / Scalar(batch)
    let upstream = zip(decoded.back.input, quantised.features).map { mean * ($0 + $1) }
    return (
      TrainingStep(
        step: step, loss: loss, reconstruction: cost / Double(batch), kl: 0,
        perplexity: CodePerplexity.used(
          quantised.codes, latents: model.bottleneck.latents,
          categories: model.bottleneck.categories),
        gradientNorm: upstream.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot(),
        more: quantised.series),
      model.encoder.parameterGradients(upstream, pass, model.encoderWeights)
        + decoded.back.parameters + [quantised.parameters]
    )
  }

  private func checkFinite(_ arrays: [[Scalar]], _ name: String, _ step: Int) throws {
    for array in arrays where !Scalar.allFinite(array) {
      try checkFinite(
        array.first { !$0.isFinite }.map { Double($0) } ?? .nan, name, step)
    }
  }

  private func checkFinite(_ value: Double, _ name: String, _ step: Int) throws {
    guard !value.isFinite else { return }
    throw DiscreteError.notFinite(
      "training step \(step): the \(name) became \(value); lower the learning rate")
  }
}

/// The layer of one batch of a training.
private struct BatchProblem: DiscreteProblem {
  let logits: Logits
  let oracle: any CostOracle
}

extension GradientEstimator {
  /// Whether an estimate is `df/dz` at one hard point, unchanged: found out by a trial.
  fileprivate var passesGradientUnchanged: Bool {
    guard plan.gradients, !plan.relaxed, plan.probes == nil else { return false }
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

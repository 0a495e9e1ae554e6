import Discrete
import Networks
import Tensors

/// An autoencoder of any programs with a bottleneck of categories, frozen at some weights.
///
/// Encoder program, bottleneck, decoder program, likelihood and data: `phi = logits(encoder(x_b))`,
/// `f_b(z) = likelihood(decoder(embed(z)), x_b)`.
public struct Autoencoder<Scalar: NetworkScalar>: DiscreteProblem {
  public let settings: AutoencoderSettings
  let data: DataSet
  let model: AutoencoderModel<Scalar>
  public let logits: Logits
  /// `x` of the measured batch, `[rows][numbers]`.
  let batch: [Scalar]
  /// The encoder's pass over it.
  let pass: ProgramPass<Scalar>
  /// By the kernels of dense ReLU networks, where the programs are such.
  package let decoderOracle: DecoderOracle<Scalar>?
  private let denseFeatures: EncoderPullback<Scalar>?

  /// A network at its initial weights: those of `Program.start`, with as many active inputs of the decoder as
  /// there are latents where it sees one-hot blocks. A codebook is picked from encodings of the data.
  ///
  /// - Throws: `DiscreteError.parameter` for programs that do not fit, and a batch outside the data.
  init(
    settings: AutoencoderSettings, bottleneck: any Bottleneck<Scalar>,
    likelihood: any Likelihood, data: DataSet
  ) throws {
    try settings.check(data, likelihood)
    let encoder = try AutoencoderSettings.program(
      "encoder", settings.encoder, input: data.shape, outputs: bottleneck.features)
    let decoder = try AutoencoderSettings.program(
      "decoder", settings.decoder, input: .flat(bottleneck.embedding), outputs: data.shape.count)
    try settings.checkMemory(bottleneck, encoder, decoder)
    let key = RandomKey(seed: settings.seed).derived(settings.kind.name)
    var model = AutoencoderModel(
      encoder: encoder, decoder: decoder,
      encoderWeights: try encoder.start(Scalar.self, name: "encoder", key: key),
      decoderWeights: try decoder.start(
        Scalar.self, name: "decoder", key: key,
        activeInputs: bottleneck.isIdentity ? bottleneck.latents : nil),
      bottleneck: bottleneck, likelihood: likelihood)
    let weights = model.encoderWeights
    model.bottleneck.start(key: key.derived("codebook")) { rows, uniform in
      let first = Int(Double(uniform) * Double(data.count))
      let x = data.rows(
        (0..<rows).map { (first + $0) % data.count }, binarised: settings.binarised, Scalar.self)
      return encoder.forward(x, rows: rows, weights).output
    }
    try self.init(settings: settings, data: data, model: model)
  }

  /// A network of given weights; runs the encoder once on the measured batch.
  ///
  /// - Throws: `DiscreteError.notFinite` for logits that are not finite.
  init(settings: AutoencoderSettings, data: DataSet, model: AutoencoderModel<Scalar>) throws {
    let bottleneck = model.bottleneck
    let shape = LayerShape(
      rows: settings.rows, latents: bottleneck.latents, categories: bottleneck.categories)
    let x = data.rows(
      Array(settings.offset..<settings.offset + settings.rows), binarised: settings.binarised,
      Scalar.self)
    let pass = model.encoder.forward(x, rows: settings.rows, model.encoderWeights)
    let phi = bottleneck.logits(pass.output)
    guard phi.allSatisfy(\.isFinite) else {
      throw DiscreteError.notFinite(bottleneck.overflow)
    }
    self.settings = settings
    self.data = data
    self.model = model
    self.pass = pass
    batch = x
    logits = try Logits(shape: shape, values: phi)
    decoderOracle = model.denseDecoder.map { DecoderOracle(shape: shape, decoder: $0, data: x) }
    denseFeatures = model.denseEncoder(pass).map {
      EncoderPullback(shape: model.featureShape(rows: settings.rows), encoder: $0, pass: $1)
    }
  }

  public var oracle: any CostOracle {
    if Shortcuts.densePrograms.isOn, let decoderOracle { return decoderOracle }
    return ProgramOracle(shape: shape, model: model, data: batch)
  }

  public var pullback: (any ParameterPullback)? {
    guard !model.bottleneck.isIdentity else { return featurePullback }
    return BottleneckPullback(
      shape: shape, bottleneck: model.bottleneck, features: features, encoder: featurePullback)
  }

  /// What the encoder makes of the measured batch, `[rows][features]`.
  package var features: [Scalar] { pass.output }

  /// The Jacobian of `weights -> features`.
  var featurePullback: any ParameterPullback {
    if Shortcuts.densePrograms.isOn, let denseFeatures { return denseFeatures }
    return ProgramPullback(model: model, pass: pass)
  }

  public var inputs: [String: String] { ["data": data.name] }

  /// The data set in use: `mnist-test`, `procedural`, or the name of a file or of a caller's own.
  public var dataName: String { data.name }

  /// All numbers: the encoder's, the decoder's, and the bottleneck's as `codebook.codes`.
  public var weights: ParameterStore<Scalar> { model.store }

  /// The same network with other numbers of the same names and shapes.
  ///
  /// - Throws: `DiscreteError.shape` for other tensors, `.notFinite` for logits that are not finite.
  public func with(weights: ParameterStore<Scalar>) throws -> Autoencoder {
    var own = model
    guard weights.tensors == model.store.tensors else {
      throw DiscreteError.shape("these weights are of another network")
    }
    own.take(weights)
    return try Autoencoder(settings: settings, data: data, model: own)
  }
}

import Discrete
import Networks
import Tensors

/// An autoencoder of any programs with a bottleneck of categories, frozen at some weights.
///
/// Encoder program, bottleneck, decoder program, likelihood and data: `phi = logits(encoder(x_b))`,
/// `f_b(z) = likelihood(decoder(embed(z)), x_b)`.
public struct Autoencoder<Scalar: NetworkScalar>: DiscreteProblem {
  /// Programs and their numbers.
  struct Model: Sendable {
    let encoder: Program
    let decoder: Program
    var encoderWeights: ParameterStore<Scalar>
    var decoderWeights: ParameterStore<Scalar>
    var bottleneck: any Bottleneck<Scalar>
    let likelihood: any Likelihood
  }

  let settings: AutoencoderSettings
  let data: DataSet
  let model: Model
  public let logits: Logits
  private let programOracle: ProgramOracle<Scalar>
  private let programPullback: ProgramPullback<Scalar>
  /// The same by the kernels of dense ReLU networks, where the programs are such.
  private let denseOracle: DecoderOracle<Scalar>?
  private let densePullback: EncoderPullback<Scalar>?

  /// Most weights of both programs, 256 MiB in float32, and most numbers that a batch leaves in them.
  private static var weightLimit: Int { 1 << 26 }

  /// A network at its initial weights: those of `Program.start`, with as many active inputs of the decoder as
  /// there are latents where it sees one-hot blocks. A codebook is picked from encodings of the data.
  ///
  /// - Throws: `DiscreteError.parameter` for programs that do not fit, and a batch outside the data.
  init(
    settings: AutoencoderSettings, bottleneck: any Bottleneck<Scalar>,
    likelihood: any Likelihood, data: DataSet
  ) throws {
    try settings.check(data)
    if !settings.binarised, let domain = likelihood.domain,
      !(domain.contains(data.range.lowerBound) && domain.contains(data.range.upperBound))
    {
      throw DiscreteError.parameter(
        "this likelihood is of numbers from \(domain.lowerBound) to \(domain.upperBound), and the data are from \(data.range.lowerBound) to \(data.range.upperBound); set binarise: threshold, or use likelihood gaussian or l1"
      )
    }
    let encoder = try AutoencoderSettings.program(
      "encoder", settings.encoder, input: data.shape, outputs: bottleneck.features)
    let decoder = try AutoencoderSettings.program(
      "decoder", settings.decoder, input: .flat(bottleneck.embedding), outputs: data.shape.count)
    try Self.checkMemory(settings, bottleneck, encoder, decoder)
    let key = RandomKey(seed: settings.seed).derived("autoencoder")
    let isOneHot = bottleneck.embedding == bottleneck.latents * bottleneck.categories
    var model = Model(
      encoder: encoder, decoder: decoder,
      encoderWeights: try encoder.start(Scalar.self, name: "encoder", key: key),
      decoderWeights: try decoder.start(
        Scalar.self, name: "decoder", key: key,
        activeInputs: isOneHot ? bottleneck.latents : nil),
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
  init(settings: AutoencoderSettings, data: DataSet, model: Model) throws {
    self.settings = settings
    self.data = data
    self.model = model
    let bottleneck = model.bottleneck
    let shape = LayerShape(
      rows: settings.rows, latents: bottleneck.latents, categories: bottleneck.categories)
    let x = data.rows(
      Array(settings.offset..<settings.offset + settings.rows), binarised: settings.binarised,
      Scalar.self)
    let pass = model.encoder.forward(x, rows: settings.rows, model.encoderWeights)
    let phi = bottleneck.logits(pass.output)
    guard phi.allSatisfy(\.isFinite) else {
      throw DiscreteError.notFinite("the logits of the measured batch are not finite")
    }
    logits = try Logits(shape: shape, values: phi)
    programOracle = ProgramOracle(shape: shape, model: model, data: x)
    programPullback = ProgramPullback(shape: shape, model: model, pass: pass)
    denseOracle = model.denseDecoder.map { DecoderOracle(shape: shape, decoder: $0, data: x) }
    densePullback = model.denseEncoder.map {
      EncoderPullback(shape: shape, encoder: $0, pass: $0.forward(x, rows: settings.rows))
    }
  }

  private static func checkMemory(
    _ settings: AutoencoderSettings, _ bottleneck: any Bottleneck<Scalar>, _ encoder: Program,
    _ decoder: Program
  ) throws {
    let width = bottleneck.latents * bottleneck.categories
    guard width <= VAESettings.widthLimit else {
      throw DiscreteError.parameter(
        "latents x categories must be at most \(VAESettings.widthLimit), found \(width)")
    }
    let weights = encoder.parameterCount + decoder.parameterCount + bottleneck.parameters.count
    guard weights <= weightLimit else {
      throw DiscreteError.parameter(
        "these programs have \(weights) weights, and at most \(weightLimit) are built; use smaller operations"
      )
    }
    let numbers = Double(settings.rows) * Double(encoder.activationCount + decoder.activationCount)
    guard numbers <= Double(weightLimit) else {
      throw DiscreteError.parameter(
        "\(settings.rows) rows leave \(Int(numbers)) numbers in these programs, and at most \(weightLimit) are held; lower rows, or use smaller operations"
      )
    }
  }

  public var oracle: any CostOracle {
    if Shortcuts.densePrograms.isOn, let denseOracle { return denseOracle }
    return programOracle
  }

  public var pullback: (any ParameterPullback)? {
    if Shortcuts.densePrograms.isOn, let densePullback { return densePullback }
    return programPullback
  }

  public var inputs: [String: String] { ["data": data.name] }
}

extension Program {
  /// Numbers of a row between all operations.
  var activationCount: Int {
    operations.reduce(inputShape.count) { $0 + $1.outputShape.count }
  }
}

import Discrete
import Networks
import Tensors

/// An autoencoder with a vector quantiser, frozen at some weights.
///
/// Encoder pixels - hidden1 - hidden2 - D d gives `z_e`; the nearest code of a codebook `[K][d]`
/// that all latents share gives `z_q`; decoder D d - hidden2 - hidden1 - pixels gives Bernoulli
/// logits `y`. Cost of row `b`: `sum_j softplus(y_j) - x_b . y`.
///
/// As a layer of categories: `phi[b,d,k] = -||z_e - e_k||^2 / (2 s^2)`, cost at one-hot codes and
/// at mixtures `sum_k p_k e_k`. Its objective is the expected cost under the soft assignment of
/// width `s`, and the mode of its law is the quantiser.
public struct VectorQuantiser<Scalar: NetworkScalar>: QuantisedProblem {
  public let settings: VQSettings
  public let encoder: ReLUNetwork<Scalar>
  public let decoder: ReLUNetwork<Scalar>
  public let codebook: Codebook<Scalar>
  public let logits: Logits
  /// `z_e` of the measured batch, `[B][D][d]`.
  public let activations: [Scalar]
  /// The cost of mixtures of codes with its own type.
  public let decoderOracle: DecoderOracle<Scalar>
  /// The Jacobian of the logits with its own type.
  public let quantiserPullback: QuantiserPullback<Scalar>
  let images: ImageData

  /// A network at its initial weights: those of the categorical VAE, `2 / (D d)` for the decoder's
  /// first layer; codes are encodings of images that the key picks.
  ///
  /// - Throws: `DiscreteError.parameter` for sizes that make no network or a batch outside the
  ///   data.
  public init(settings: VQSettings, images: ImageData) throws {
    try settings.check(count: images.count)
    // Beside the weights: the codes, and the decoder's first layer on mixtures of them.
    let network = settings.network
    try network.checkMemory(
      pixels: images.pixelCount, outputs: settings.activations,
      more: network.categories * settings.dimension
        + network.latents * network.categories * network.hidden2)
    let key = RandomKey(seed: settings.network.seed).derived("vq-autoencoder")
    func layer(_ name: String, _ inputs: Int, _ outputs: Int, gain: Double) -> DenseLayer<Scalar> {
      DenseLayer(
        inputs: inputs, outputs: outputs, deviation: (gain / Double(inputs)).squareRoot(),
        key: key.derived(name))
    }
    let pixels = images.pixelCount
    let (hidden1, hidden2) = (settings.network.hidden1, settings.network.hidden2)
    let encoder = ReLUNetwork(layers: [
      layer("encoder.1", pixels, hidden1, gain: 2),
      layer("encoder.2", hidden1, hidden2, gain: 2),
      layer("encoder.3", hidden2, settings.activations, gain: 1),
    ])
    let decoder = ReLUNetwork(layers: [
      layer("decoder.1", settings.activations, hidden2, gain: 2),
      layer("decoder.2", hidden2, hidden1, gain: 2),
      layer("decoder.3", hidden1, pixels, gain: 1),
    ])
    try self.init(
      settings: settings, images: images, encoder: encoder, decoder: decoder,
      codebook: Self.initialCodes(settings, images, encoder, key: key.derived("codebook")))
  }

  /// Encodings of images.
  private static func initialCodes(
    _ settings: VQSettings, _ images: ImageData, _ encoder: ReLUNetwork<Scalar>, key: RandomKey
  ) -> Codebook<Scalar> {
    Codebook.picked(
      count: settings.network.categories, dimension: settings.dimension,
      latents: settings.network.latents, key: key
    ) { rows, uniform in
      let first = Int(Double(uniform) * Double(images.count))
      let data = CategoricalVAE<Scalar>.pixels(
        images, (0..<rows).map { (first + $0) % images.count },
        binarised: settings.network.binarised)
      return encoder.forward(data, rows: rows).output
    }
  }

  /// A network of given weights; runs the encoder once on the measured batch.
  ///
  /// - Throws: `DiscreteError.parameter` as above, `.shape` for layers or codes of other sizes than
  ///   `settings` and the images ask for, `.notFinite` for logits that are not finite.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public init(
    settings: VQSettings, images: ImageData, encoder: ReLUNetwork<Scalar>,
    decoder: ReLUNetwork<Scalar>, codebook: Codebook<Scalar>
  ) throws {
    try settings.check(count: images.count)
    let network = settings.network
    let sizes = [images.pixelCount, network.hidden1, network.hidden2, settings.activations]
    for (name, part, sizes) in [
      ("encoder", encoder, sizes), ("decoder", decoder, sizes.reversed()),
    ] {
      let found = part.layers.map(\.inputs) + part.layers.suffix(1).map(\.outputs)
      guard found == sizes else {
        throw DiscreteError.shape("the \(name) needs layers of \(sizes) units, found \(found)")
      }
    }
    guard codebook.count == network.categories, codebook.dimension == settings.dimension else {
      throw DiscreteError.shape(
        "the codebook needs \(network.categories) codes of \(settings.dimension) coordinates")
    }
    let shape = LayerShape(
      rows: network.rows, latents: network.latents, categories: network.categories)
    let data = CategoricalVAE<Scalar>.pixels(
      images, Array(network.offset..<network.offset + network.rows), binarised: network.binarised)
    let pass = encoder.forward(data, rows: network.rows)
    let scale = -0.5 / (settings.width * settings.width)
    let phi = codebook.squaredDistances(pass.output).map { scale * $0 }
    guard phi.allSatisfy(\.isFinite) else {
      throw DiscreteError.notFinite(
        "the squared distances to the codes over 2 s^2 are not finite; raise s")
    }
    self.settings = settings
    self.images = images
    self.encoder = encoder
    self.decoder = decoder
    self.codebook = codebook
    activations = pass.output
    logits = try Logits(shape: shape, values: phi)
    var mixing = decoder
    mixing.layers[0] = codebook.folded(decoder.layers[0])
    decoderOracle = DecoderOracle(shape: shape, decoder: mixing, data: data)
    let latentShape = LayerShape(
      rows: network.rows, latents: network.latents, categories: settings.dimension)
    quantiserPullback = QuantiserPullback(
      shape: shape, encoder: EncoderPullback(shape: latentShape, encoder: encoder, pass: pass),
      activations: pass.output, codebook: codebook, width: settings.width)
  }

  public var oracle: any CostOracle { decoderOracle }
  public var inputs: [String: String] { ["data": images.name] }
  public var pullback: (any ParameterPullback)? { quantiserPullback }
  public var activationPullback: any ParameterPullback { quantiserPullback.encoder }

  /// `z_q` of the measured batch, `[B][D][d]`.
  public var quantised: [Scalar] { codebook.vectors(codebook.nearest(activations)) }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func bypassGradients() throws -> BypassGradients {
    let rows = Array(0..<settings.network.rows)
    func gradient(_ points: [Scalar]) throws -> [Double] {
      let pass = decoder.forward(points, rows: rows.count)
      let delta = DecoderOracle<Scalar>.residual(
        pass.output, data: decoderOracle.data, rows: rows, pixels: images.pixelCount)
      let gradient = decoder.inputGradient(delta, pass).map { Double($0) }
      guard gradient.allSatisfy(\.isFinite) else {
        throw DiscreteError.notFinite("a gradient at the decoder's input is not finite")
      }
      return gradient
    }
    return BypassGradients(
      quantised: try gradient(quantised), bypassed: try gradient(activations))
  }
}

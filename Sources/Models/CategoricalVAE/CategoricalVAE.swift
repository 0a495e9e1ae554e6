import Discrete
import Networks
import Tensors

/// A variational autoencoder with a factorised categorical code, frozen at some weights.
///
/// Encoder pixels - hidden1 - hidden2 - D K gives the logits `phi[B][D][K]` of the measured batch;
/// decoder D K - hidden2 - hidden1 - pixels gives Bernoulli logits `y(z)`. Cost of row `b`:
/// `f_b(z) = sum_j softplus(y_j) - x_b . y`, the negative log-likelihood of image `x_b`. The KL to
/// the uniform prior depends on `phi` analytically; it enters training only.
public struct CategoricalVAE<Scalar: NetworkScalar>: DiscreteProblem {
  public let settings: VAESettings
  public let encoder: ReLUNetwork<Scalar>
  public let decoder: ReLUNetwork<Scalar>
  public let logits: Logits
  /// The decoder's cost with its own type.
  public let decoderOracle: DecoderOracle<Scalar>
  /// The encoder's Jacobian with its own type.
  public let encoderPullback: EncoderPullback<Scalar>
  let images: ImageData

  /// A network at its initial weights: normal with variance `2 / inputs` before a ReLU (He et al.
  /// 2015), `1 / inputs` for the two output layers (LeCun et al. 1998), `2 / D` for the decoder's
  /// first layer, of whose inputs exactly `D` are one; biases zero.
  ///
  /// - Throws: `DiscreteError.parameter` for sizes that make no network or a batch outside the
  ///   data.
  public init(settings: VAESettings, images: ImageData) throws {
    try settings.check(count: images.count)
    try settings.checkMemory(
      pixels: images.pixelCount, outputs: settings.latents * settings.categories)
    let key = RandomKey(seed: settings.seed).derived("categorical-vae")
    func layer(_ name: String, _ inputs: Int, _ outputs: Int, variance: Double) -> DenseLayer<
      Scalar
    > {
      DenseLayer(
        inputs: inputs, outputs: outputs, deviation: variance.squareRoot(), key: key.derived(name))
    }
    let pixels = images.pixelCount
    let width = settings.latents * settings.categories
    let (hidden1, hidden2) = (settings.hidden1, settings.hidden2)
    let encoder = ReLUNetwork(layers: [
      layer("encoder.1", pixels, hidden1, variance: 2 / Double(pixels)),
      layer("encoder.2", hidden1, hidden2, variance: 2 / Double(hidden1)),
      layer("encoder.3", hidden2, width, variance: 1 / Double(hidden2)),
    ])
    let decoder = ReLUNetwork(layers: [
      layer("decoder.1", width, hidden2, variance: 2 / Double(settings.latents)),
      layer("decoder.2", hidden2, hidden1, variance: 2 / Double(hidden2)),
      layer("decoder.3", hidden1, pixels, variance: 1 / Double(hidden1)),
    ])
    try self.init(settings: settings, images: images, encoder: encoder, decoder: decoder)
  }

  /// A network of given weights; runs the encoder once on the measured batch.
  ///
  /// - Throws: `DiscreteError.parameter` as above, `.shape` for layers of other sizes than
  ///   `settings` and the images ask for, `.notFinite` for logits that are not finite.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public init(
    settings: VAESettings, images: ImageData, encoder: ReLUNetwork<Scalar>,
    decoder: ReLUNetwork<Scalar>
  ) throws {
    try settings.check(count: images.count)
    let width = settings.latents * settings.categories
    let sizes = [images.pixelCount, settings.hidden1, settings.hidden2, width]
    try Self.check(encoder, sizes: sizes, name: "encoder")
    try Self.check(decoder, sizes: sizes.reversed(), name: "decoder")
    let shape = LayerShape(
      rows: settings.rows, latents: settings.latents, categories: settings.categories)
    let data = Self.pixels(
      images, Array(settings.offset..<settings.offset + settings.rows),
      binarised: settings.binarised)
    let pass = encoder.forward(data, rows: settings.rows)
    self.settings = settings
    self.images = images
    self.encoder = encoder
    self.decoder = decoder
    logits = try Logits(shape: shape, values: pass.output.map(Double.init))
    decoderOracle = DecoderOracle(shape: shape, decoder: decoder, data: data)
    encoderPullback = EncoderPullback(shape: shape, encoder: encoder, pass: pass)
  }

  private static func check(
    _ network: ReLUNetwork<Scalar>, sizes: [Int], name: String
  ) throws {
    let found = network.layers.map(\.inputs) + network.layers.suffix(1).map(\.outputs)
    guard found == sizes else {
      throw DiscreteError.shape("the \(name) needs layers of \(sizes) units, found \(found)")
    }
  }

  public var oracle: any CostOracle { decoderOracle }
  public var inputs: [String: String] { ["data": dataName] }
  public var pullback: (any ParameterPullback)? { encoderPullback }

  /// The data set in use: `mnist-test`, `procedural`, or the name a caller gave.
  public var dataName: String { images.name }

  /// Pixels of the images `indices`, `[indices][pixels]`, in `[0, 1]`.
  static func pixels(_ images: ImageData, _ indices: [Int], binarised: Bool) -> [Scalar] {
    var pixels: [Scalar] = []
    pixels.reserveCapacity(indices.count * images.pixelCount)
    for index in indices {
      for byte in images.image(index) {
        pixels.append(binarised ? (byte > 127 ? 1 : 0) : Scalar(byte) / 255)
      }
    }
    return pixels
  }
}

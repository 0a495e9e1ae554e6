import Discrete

/// Sizes, data rows, initialisation and smoothing of a vector-quantised autoencoder.
public struct VQSettings: Sendable, Equatable {
  /// Latents `D`, codes `K` (as categories), batch, hidden units, key.
  public var network: VAESettings
  /// Coordinates `d` of one latent and of one code.
  public var dimension: Int
  /// Width `s` of the soft assignment, in units of the encodings.
  public var width: Double

  public init(network: VAESettings, dimension: Int = 4, width: Double = 1) {
    self.network = network
    self.dimension = dimension
    self.width = width
  }

  /// Coordinates `D d` of one row's `z_e`.
  public var activations: Int { network.latents * dimension }

  /// - Throws: `DiscreteError.parameter` for sizes that make no network, or a batch outside the
  ///   `count` images of the data.
  func check(count: Int) throws {
    try network.check(count: count)
    guard dimension >= 1, dimension <= VAESettings.widthLimit,
      activations <= VAESettings.widthLimit
    else {
      throw DiscreteError.parameter(
        "latents x dimension must be from 1 to \(VAESettings.widthLimit), found \(network.latents) x \(dimension)"
      )
    }
    guard width.isFinite, width > 0 else {
      throw DiscreteError.parameter("s must be a number above 0, found \(width)")
    }
  }
}

/// An autoencoder of images with a vector quantiser.
///
/// Encoder pixels - hidden1 - hidden2 - D d gives `z_e`; the nearest code of a codebook `[K][d]` that all latents
/// share gives `z_q`; decoder D d - hidden2 - hidden1 - pixels gives Bernoulli logits.
///
/// As a layer of categories: `phi[b,d,k] = -||z_e - e_k||^2 / (2 s^2)`, cost at one-hot codes and at mixtures
/// `sum_k p_k e_k`. Its objective is the expected cost under the soft assignment of width `s`, and the mode of its
/// distribution is the quantiser. Measuring holds the codes fixed.
public typealias VectorQuantiser = Autoencoder

extension Autoencoder {
  /// - Throws: `DiscreteError.parameter` for sizes that make no network or a batch outside the data.
  public init(settings: VQSettings, images: ImageData) throws {
    try settings.check(count: images.count)
    let network = settings.network
    // Beside the weights: the codes, and the decoder's first layer on mixtures of them.
    try network.checkMemory(
      pixels: images.pixelCount, outputs: settings.activations,
      more: network.categories * settings.dimension
        + network.latents * network.categories * network.hidden2)
    try self.init(
      settings: network.programs(.vectorQuantiser),
      bottleneck: VQBottleneck(
        latents: network.latents, categories: network.categories, dimension: settings.dimension,
        width: settings.width, commitment: 0.25, isHeld: true),
      likelihood: BernoulliLikelihood(),
      data: DataSet(images, height: 1, width: images.pixelCount))
  }
}

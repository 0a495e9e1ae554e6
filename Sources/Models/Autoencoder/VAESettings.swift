import Discrete
import Networks

/// Sizes, data rows and initialisation of a categorical VAE.
public struct VAESettings: Sendable, Equatable {
  public var latents: Int
  public var categories: Int
  /// Images of the measured batch.
  public var rows: Int
  /// First image of the measured batch.
  public var offset: Int
  /// Units of the encoder's first and the decoder's second hidden layer.
  public var hidden1: Int
  /// Units of the encoder's second and the decoder's first hidden layer.
  public var hidden2: Int
  /// Key of the initial weights.
  public var seed: UInt64
  /// Pixels become 1 above one half and 0 otherwise; false keeps grey values in `[0, 1]`.
  public var binarised: Bool

  public init(
    latents: Int = 4, categories: Int = 8, rows: Int = 100, offset: Int = 0, hidden1: Int = 512,
    hidden2: Int = 256, seed: UInt64 = 1, binarised: Bool = true
  ) {
    self.latents = latents
    self.categories = categories
    self.rows = rows
    self.offset = offset
    self.hidden1 = hidden1
    self.hidden2 = hidden2
    self.seed = seed
    self.binarised = binarised
  }

  /// Largest `D K`.
  static let widthLimit = 16_384

  /// Most weights of a network, 256 MiB in float32, and most activations of the measured batch.
  static let weightLimit = 1 << 26

  /// Whether a network of these sizes is built: its weights, and the activations of the batch.
  ///
  /// - Parameters:
  ///   - outputs: units of the encoder's last layer.
  ///   - more: numbers beside the weights of both networks, such as codes.
  /// - Throws: `DiscreteError.parameter`, before anything is built.
  func checkMemory(pixels: Int, outputs: Int, more: Int = 0) throws {
    // Floating point, because the products of user-given sizes may not fit an integer.
    let units = [pixels, hidden1, hidden2, outputs].map { Double($0) }
    let weights = 2 * zip(units, units.dropFirst()).reduce(0) { $0 + $1.0 * $1.1 } + Double(more)
    guard weights <= Double(Self.weightLimit) else {
      throw DiscreteError.parameter(
        "these layers have \(Int(weights)) weights, and at most \(Self.weightLimit) are built; lower hidden-1, hidden-2, latents or categories"
      )
    }
    let activations = Double(rows) * units.reduce(0, +)
    guard activations <= Double(Self.weightLimit) else {
      throw DiscreteError.parameter(
        "\(rows) rows have \(Int(activations)) activations in these layers, and at most \(Self.weightLimit) are held; lower rows, hidden-1 or hidden-2"
      )
    }
  }

  /// - Throws: `DiscreteError.parameter` for sizes that make no network, or a batch outside the
  ///   `count` images of the data.
  func check(count: Int) throws {
    let sizes = [latents, rows, hidden1, hidden2]
    guard sizes.allSatisfy({ $0 >= 1 && $0 <= 1 << 20 }), categories >= 2, categories <= 1 << 20
    else {
      throw DiscreteError.parameter(
        "latents, rows and hidden units must be at least 1 and categories at least 2")
    }
    guard latents * categories <= Self.widthLimit else {
      throw DiscreteError.parameter(
        "latents x categories must be at most \(Self.widthLimit), found \(latents * categories)")
    }
    guard offset >= 0, offset < count, rows <= count - offset else {
      throw DiscreteError.parameter(
        "offset \(offset) and rows \(rows) reach beyond the \(count) images; lower one of them")
    }
  }
}

/// A variational autoencoder of images with a factorised categorical code.
///
/// Encoder pixels - hidden1 - hidden2 - D K gives the logits; decoder D K - hidden2 - hidden1 - pixels gives
/// Bernoulli logits; ReLU between layers. The KL to the uniform prior depends on the logits analytically; it
/// enters training only.
public typealias CategoricalVAE = Autoencoder

extension Autoencoder {
  /// - Throws: `DiscreteError.parameter` for sizes that make no network or a batch outside the data.
  public init(settings: VAESettings, images: ImageData) throws {
    try settings.check(count: images.count)
    try settings.checkMemory(
      pixels: images.pixelCount, outputs: settings.latents * settings.categories)
    try self.init(
      settings: settings.programs(.categoricalVAE),
      bottleneck: CategoricalBottleneck(latents: settings.latents, categories: settings.categories),
      likelihood: BernoulliLikelihood(),
      data: DataSet(images, height: 1, width: images.pixelCount))
  }
}

extension VAESettings {
  /// As settings of the autoencoder.
  func programs(_ kind: AutoencoderKind) -> AutoencoderSettings {
    func hidden(_ units: [Int]) -> [OperationSpec] {
      units.flatMap { [OperationSpec("dense", $0), OperationSpec("relu")] }
    }
    return AutoencoderSettings(
      kind: kind, encoder: hidden([hidden1, hidden2]), decoder: hidden([hidden2, hidden1]),
      rows: rows, offset: offset, seed: seed, binarised: binarised)
  }
}

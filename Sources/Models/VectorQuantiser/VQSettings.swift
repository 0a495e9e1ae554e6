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

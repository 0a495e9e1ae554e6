import Discrete

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

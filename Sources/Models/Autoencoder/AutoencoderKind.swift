import Discrete

/// A name that settings of the autoencoder go by: the keys of its weights and trainings begin with it.
struct AutoencoderKind: Sendable, Equatable {
  let name: String
  /// What trainings are drawn by.
  let draws: DrawStreams

  static let autoencoder = AutoencoderKind(name: "autoencoder", draws: .measuring)
  static let categoricalVAE = AutoencoderKind(name: "categorical-vae", draws: .firstTrainings)
  static let vectorQuantiser = AutoencoderKind(name: "vq-autoencoder", draws: .firstTrainings)
}

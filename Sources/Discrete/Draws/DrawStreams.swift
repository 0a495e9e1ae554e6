/// The sites of the random streams that draws are made of.
public struct DrawStreams: Sendable, Equatable {
  /// The uniforms of the first sample of an estimate; those of the others follow.
  package let samples: Int
  /// The noise of the forward, given its codes.
  package let perturbation: Int
  package let freshNoise: Int
  /// The own uniforms of estimators that choose their points.
  package let probes: Int
  /// Noise given the codes goes by the logarithms of their probabilities, otherwise by the log-softmax
  /// of the logits: they differ in the last bits.
  package let takesLogarithms: Bool

  /// Those of every measurement. Estimates have at most 64 samples.
  public static let measuring = DrawStreams(
    samples: 0, perturbation: 64, freshNoise: 65, probes: 66, takesLogarithms: false)

  /// Those that `categorical-vae` and `vq-autoencoder` have been trained by from the first: trained weights
  /// keep their bits.
  package static let firstTrainings = DrawStreams(
    samples: 2, perturbation: 0, freshNoise: 1, probes: 1 << 16, takesLogarithms: true)
}

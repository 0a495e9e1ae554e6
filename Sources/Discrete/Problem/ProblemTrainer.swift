/// What one training step saw, in nats per row of the batch: at the weights before its update.
public struct TrainingStep: Sendable, Equatable {
  /// Number of the step, from 1.
  public var step: Int
  /// Mean over the batch of the cost at the trained point plus the KL: an estimate of the negative
  /// ELBO.
  public var loss: Double
  /// Mean cost over the batch: the negative log-likelihood at the trained point.
  public var reconstruction: Double
  /// Mean over the batch of the KL divergence from the prior, summed over latents.
  public var kl: Double
  /// `exp` of the entropy of the batch-averaged distribution of a latent, averaged over latents: the number
  /// of categories in use, from 1 to K.
  public var perplexity: Double
  /// Euclidean norm of the gradient of the mean loss with respect to the logits, `[B][D][K]`, as
  /// the estimator gives it, the KL's exact part included.
  public var gradientNorm: Double
  /// What this kind of problem records beside these, each name once.
  public var more: [SeriesValue]

  public init(
    step: Int, loss: Double, reconstruction: Double, kl: Double, perplexity: Double,
    gradientNorm: Double, more: [SeriesValue] = []
  ) {
    self.step = step
    self.loss = loss
    self.reconstruction = reconstruction
    self.kl = kl
    self.perplexity = perplexity
    self.gradientNorm = gradientNorm
    self.more = more
  }
}

/// Training in progress. A trainer that is restored from a snapshot goes on with the same bits as
/// the one that the snapshot was taken of.
public protocol ProblemTrainer {
  /// Steps done.
  var step: Int { get }

  /// Does one step.
  ///
  /// - Throws: `DiscreteError.notFinite` naming the step at which numbers left the finite range;
  ///   the trainer is of no use afterwards.
  mutating func advance() throws -> TrainingStep

  /// The problem with the weights of this moment.
  /// - Throws: `DiscreteError.notFinite` if they give logits that are not finite.
  func frozen() throws -> any TrainableProblem

  /// Everything that the next steps depend on beside the settings: weights, moments and the number
  /// of steps, with a format version and a checksum.
  func snapshot() -> [UInt8]

  /// Takes up all that a snapshot holds.
  /// - Throws: `DiscreteError.shape` if it is damaged, or of another network or training.
  mutating func restore(_ snapshot: [UInt8]) throws
}

/// One training of one problem, without its length: the steps of a shorter training are the first
/// steps of a longer one, so both are the same record.
public struct TrainingRecord: Sendable, Equatable {
  /// The content hash of what its numbers depend on. The views show its first 12 characters.
  public var hash: String
  /// The label of the problem.
  public var problem: String
  /// The kind of the estimator that trains.
  public var estimator: String
  /// That estimator with its settings.
  public var estimatorLabel: String
  /// The name of the optimiser.
  public var optimiser: String
  /// The step size.
  public var learningRate: Double
  /// Rows per step.
  public var batch: Int
  /// The key of batches and draws; stored exactly, as decimal text.
  public var seed: UInt64
  /// What the hash was taken of, as JSON text.
  public var resolvedJSON: String
  /// The last step that the study asks for.
  public var steps: Int

  /// A training record.
  public init(
    hash: String, problem: String, estimator: String, estimatorLabel: String, optimiser: String,
    learningRate: Double, batch: Int, seed: UInt64, resolvedJSON: String, steps: Int
  ) {
    self.hash = hash
    self.problem = problem
    self.estimator = estimator
    self.estimatorLabel = estimatorLabel
    self.optimiser = optimiser
    self.learningRate = learningRate
    self.batch = batch
    self.seed = seed
    self.resolvedJSON = resolvedJSON
    self.steps = steps
  }
}

/// One cell: one estimator on one problem with one set of weights against one target.
///
/// A cell is independent of the study that asks for it: two studies that resolve to the same cell
/// share its hash and therefore its result.
public struct CellRecord: Sendable, Equatable {
  /// The content hash of the resolved cell. The views show its first 12 characters.
  public var hash: String
  /// A short label of the problem, e.g. "categorical-vae 8x4 mnist".
  public var problem: String
  /// The resolved problem as JSON text.
  public var problemJSON: String
  /// The weights of the model: "initial", "trained:st:200" and so on.
  public var weights: String
  /// Optimiser steps behind the weights: 0 for the initial ones, `nil` where this is not known.
  public var step: Int?
  /// The hash of the training that led to the weights; `nil` for untrained ones.
  public var training: String?
  /// The kind of the estimator, e.g. "st".
  public var estimator: String
  /// The estimator with its settings, e.g. "st(tau=0.5)".
  public var estimatorLabel: String
  /// The resolved estimator as JSON text.
  public var estimatorJSON: String
  /// The forward temperature, where the estimator has one.
  public var tauForward: Double?
  /// The backward temperature, where the estimator has one.
  public var tauBackward: Double?
  /// How the target was got that the bias is measured against; empty until the cell is measured. What
  /// is stored is that of the result.
  public var target: String
  /// The sampling distribution of the target: "own" or "unit".
  public var targetDistribution: String
  /// The root seed; stored exactly, as decimal text.
  public var seed: UInt64
  /// The resolved cell as JSON text: what the hash was taken of.
  public var resolvedJSON: String

  /// A cell record.
  public init(
    hash: String, problem: String, problemJSON: String, weights: String, step: Int? = nil,
    training: String? = nil, estimator: String, estimatorLabel: String, estimatorJSON: String,
    tauForward: Double?, tauBackward: Double?,
    target: String, targetDistribution: String, seed: UInt64, resolvedJSON: String
  ) {
    self.hash = hash
    self.problem = problem
    self.problemJSON = problemJSON
    self.weights = weights
    self.step = step
    self.training = training
    self.estimator = estimator
    self.estimatorLabel = estimatorLabel
    self.estimatorJSON = estimatorJSON
    self.tauForward = tauForward
    self.tauBackward = tauBackward
    self.target = target
    self.targetDistribution = targetDistribution
    self.seed = seed
    self.resolvedJSON = resolvedJSON
  }
}

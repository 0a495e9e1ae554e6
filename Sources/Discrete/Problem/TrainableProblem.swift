/// How to train a model's weights before they are frozen and measured.
public struct TrainingSettings: Sendable {
  /// The estimator of the logit gradient. The decoder's gradient is ordinary backpropagation.
  public var estimator: any GradientEstimator
  public var optimiser: OptimiserSettings
  /// Optimiser steps of `trained(_:progress:)`; a step does not depend on how many follow.
  public var steps: Int
  public var learningRate: Double
  /// Rows per step.
  public var batch: Int
  /// Key of batch order and draws; independent of the measurement's key.
  public var seed: UInt64

  public init(
    estimator: any GradientEstimator, optimiser: OptimiserSettings = .adam, steps: Int,
    learningRate: Double, batch: Int, seed: UInt64
  ) {
    self.estimator = estimator
    self.optimiser = optimiser
    self.steps = steps
    self.learningRate = learningRate
    self.batch = batch
    self.seed = seed
  }
}

/// A problem whose weights can be trained, saved and restored.
public protocol TrainableProblem: DiscreteProblem {
  /// A trainer at step 0, with the weights of this problem.
  ///
  /// - Throws: `DiscreteError.parameter` for settings that cannot be run;
  ///   `DiscreteError.unsupported` for an estimator whose plan training cannot serve.
  func trainer(_ settings: TrainingSettings) throws -> any ProblemTrainer

  /// Bytes of all weights, from which the memory of a training is foretold. The default is 0.
  var weightBytes: Double { get }

  /// Rows of the data, of which a batch has at most as many; nil where it is not known. The default is nil.
  var dataRows: Int? { get }

  /// All weights, in a self-describing binary form with a checksum.
  func checkpoint() -> [UInt8]

  /// The same problem with the weights of a checkpoint.
  /// - Throws: `DiscreteError.shape` if the checkpoint is damaged or of another network.
  func restored(from checkpoint: [UInt8]) throws -> any TrainableProblem
}

extension TrainableProblem {
  public var weightBytes: Double { 0 }
  public var dataRows: Int? { nil }

  /// The same problem with trained weights.
  ///
  /// - Parameter progress: called after each step with the step number (from 1) and the batch's
  ///   mean loss (negative ELBO estimate).
  /// - Throws: as `trainer(_:)`; `DiscreteError.notFinite` if the loss diverges.
  public func trained(
    _ settings: TrainingSettings, progress: @Sendable (_ step: Int, _ loss: Double) -> Void
  ) throws -> any TrainableProblem {
    var trainer = try trainer(settings)
    while trainer.step < settings.steps {
      let step = try trainer.advance()
      progress(step.step, step.loss)
    }
    return try trainer.frozen()
  }
}

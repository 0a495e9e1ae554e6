import Discrete

extension CategoricalVAE: TrainableProblem {
  /// - Throws: `DiscreteError.parameter` for settings that cannot be run; `.notFinite` naming the
  ///   step at which training diverged; `.unsupported` for an estimator that it cannot serve.
  public func trained(
    _ settings: TrainingSettings, progress: @Sendable (_ step: Int, _ loss: Double) -> Void
  ) throws -> any TrainableProblem {
    var trainer = try VAETrainer(self, settings)
    return try trainer.run(progress: progress)
  }

  public func checkpoint() -> [UInt8] { VAECheckpoint.encode(self) }

  public func restored(from checkpoint: [UInt8]) throws -> any TrainableProblem {
    try VAECheckpoint.decode(checkpoint, like: self)
  }
}

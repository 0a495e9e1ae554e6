import Discrete

extension CategoricalVAE: TrainableProblem {
  /// - Throws: `DiscreteError.parameter` for settings that cannot be run; `.unsupported` for an
  ///   estimator that training cannot serve.
  public func trainer(_ settings: TrainingSettings) throws -> any ProblemTrainer {
    try VAETrainer(self, settings)
  }

  public var dataRows: Int? { images.count }

  public var weightBytes: Double { encoder.weightBytes + decoder.weightBytes }

  public func checkpoint() -> [UInt8] { VAECheckpoint.encode(self) }

  public func restored(from checkpoint: [UInt8]) throws -> any TrainableProblem {
    try VAECheckpoint.decode(checkpoint, like: self)
  }
}

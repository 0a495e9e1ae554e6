import Discrete

extension VectorQuantiser: TrainableProblem {
  /// - Throws: `DiscreteError.parameter` for settings that cannot be run; `.unsupported` for an
  ///   estimator other than the identity straight-through.
  public func trainer(_ settings: TrainingSettings) throws -> any ProblemTrainer {
    try VQTrainer(self, settings)
  }

  public var dataRows: Int? { images.count }

  public var weightBytes: Double { encoder.weightBytes + decoder.weightBytes }

  public func checkpoint() -> [UInt8] { VQCheckpoint.encode(self) }

  public func restored(from checkpoint: [UInt8]) throws -> any TrainableProblem {
    try VQCheckpoint.decode(checkpoint, like: self)
  }
}

import Discrete
import Networks

extension Autoencoder: TrainableProblem {
  /// - Throws: `DiscreteError.parameter` for settings that cannot be run; `.unsupported` for an
  ///   estimator that asks for no point.
  public func trainer(_ settings: TrainingSettings) throws -> any ProblemTrainer {
    try AutoencoderTrainer(self, settings)
  }

  public var dataRows: Int? { data.count }

  public var weightBytes: Double { Double(model.count * MemoryLayout<Scalar>.size) }

  /// All weights as a safetensors file, with a checksum in its metadata.
  public func checkpoint() -> [UInt8] {
    Checkpoint.encoded(
      weights.namedTensors, kind: settings.kind.name, [Checkpoint.layer: model.layer])
  }

  /// The network with the weights of a safetensors file of any program, or of a checkpoint of version 0.1.0; numbers
  /// of another precision are rounded to the nearest.
  ///
  /// - Throws: `DiscreteError.shape` for damaged bytes or other tensors.
  public func restored(from checkpoint: [UInt8]) throws -> any TrainableProblem {
    let file = try Checkpoint.decoded(checkpoint, what: "checkpoint")
    let other = "the checkpoint is of another network: "
    if let layer = file.metadata[Checkpoint.layer], layer != model.layer {
      throw DiscreteError.shape(other + "it has \(layer), expected \(model.layer)")
    }
    var store = weights
    do {
      try store.load(file.tensors)
    } catch {
      throw DiscreteError.shape(other + "\(error)")
    }
    return try with(weights: store)
  }
}

import Discrete
import Networks

extension Autoencoder: TrainableProblem {
  /// - Throws: `DiscreteError.parameter` for settings that cannot be run.
  public func trainer(_ settings: TrainingSettings) throws -> any ProblemTrainer {
    try AutoencoderTrainer(self, settings)
  }

  public var dataRows: Int? { data.count }

  public var weightBytes: Double {
    let numbers =
      model.encoderWeights.count + model.decoderWeights.count + model.bottleneck.parameters.count
    return Double(numbers * MemoryLayout<Scalar>.size)
  }

  /// All weights as a safetensors file, with a checksum in its metadata.
  public func checkpoint() -> [UInt8] {
    guard let store = try? model.store() else { preconditionFailure("tensors of one name") }
    return CheckedTensors.encoded(store.namedTensors, ["kind": "autoencoder"])
  }

  public func restored(from checkpoint: [UInt8]) throws -> any TrainableProblem {
    let file = try CheckedTensors.decoded(checkpoint, what: "checkpoint")
    var store = try model.store()
    do {
      try store.load(file.tensors)
    } catch {
      throw DiscreteError.shape("the checkpoint does not fit: \(error)")
    }
    var own = model
    own.take(store)
    return try Autoencoder(settings: settings, data: data, model: own)
  }
}

extension Autoencoder.Model {
  /// All numbers: the encoder's, the decoder's, and the bottleneck's as `codebook.codes`.
  func store() throws -> ParameterStore<Scalar> {
    do {
      var stores = [encoderWeights, decoderWeights]
      if !bottleneck.parameters.isEmpty {
        stores.append(
          try ParameterStore(
            [
              StoredTensor(
                name: "codebook.codes", group: "codebook", shape: bottleneck.parameterShape)
            ], values: [bottleneck.parameters]))
      }
      return try ParameterStore(joining: stores)
    } catch {
      throw DiscreteError.shape("\(error)")
    }
  }

  /// Takes the numbers of such a store.
  mutating func take(_ store: ParameterStore<Scalar>) {
    let (first, second) = (encoderWeights.tensors.count, decoderWeights.tensors.count)
    for index in 0..<first { encoderWeights[index] = store[index] }
    for index in 0..<second { decoderWeights[index] = store[first + index] }
    if store.tensors.count > first + second { bottleneck.parameters = store[first + second] }
  }
}

/// Safetensors files whose metadata hold a checksum of all numbers.
enum CheckedTensors {
  private static let sum = "fnv1a"

  static func encoded(_ tensors: [NamedTensor], _ metadata: [String: String]) -> [UInt8] {
    var metadata = metadata
    metadata[sum] = checksum(tensors)
    guard let bytes = try? SafetensorsFile(tensors: tensors, metadata: metadata).encoded() else {
      preconditionFailure("tensors of one name")
    }
    return bytes
  }

  /// - Throws: `DiscreteError.shape` for damaged bytes.
  static func decoded(_ bytes: [UInt8], what: String) throws -> SafetensorsFile {
    let file: SafetensorsFile
    do {
      file = try SafetensorsFile(decoding: bytes)
    } catch {
      throw DiscreteError.shape("this is no \(what): \(error)")
    }
    if let stored = file.metadata[sum], stored != checksum(file.tensors) {
      throw DiscreteError.shape("the \(what) is damaged (its checksum differs)")
    }
    return file
  }

  /// Of names and numbers, whatever their order.
  private static func checksum(_ tensors: [NamedTensor]) -> String {
    let bytes = tensors.sorted { $0.name < $1.name }.flatMap { tensor in
      Array(tensor.name.utf8) + Double.littleEndianBytes(tensor.values(as: Double.self))
    }
    return String(ByteFingerprint.fnv1a(bytes[...]), radix: 16)
  }
}

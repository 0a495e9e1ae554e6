import Discrete
import Networks

/// Weights, or a training in progress, as a safetensors file with a checksum in its metadata.
enum Checkpoint {
  /// What the tensors are, and the 64-bit FNV-1a hash of the file without the hash, in hexadecimal.
  private static let (kind, sum) = ("kind", "fnv1a")
  /// What the code is, as `AutoencoderModel.layer` says it: no tensor shows it.
  static let layer = "layer"

  /// - Parameter kind: of the model or training; names no tensor.
  static func encoded(
    _ tensors: [NamedTensor], kind: String, _ metadata: [String: String] = [:]
  ) -> [UInt8] {
    var file = SafetensorsFile(
      tensors: tensors, metadata: metadata.merging([Self.kind: kind]) { $1 })
    do {
      file.metadata[sum] = try checksum(file)
      return try file.encoded()
    } catch {
      preconditionFailure("tensors of one name")
    }
  }

  /// Reads such a file, one of another program without our metadata, or one of version 0.1.0.
  ///
  /// - Parameter what: `checkpoint` or `saved training`, for messages.
  /// - Throws: `DiscreteError.shape` for damaged bytes.
  static func decoded(_ bytes: [UInt8], what: String) throws -> SafetensorsFile {
    if let former = try FormerWeights(bytes) {
      return SafetensorsFile(tensors: former.tensors, metadata: [layer: former.layer])
    }
    var file: SafetensorsFile
    do {
      file = try SafetensorsFile(decoding: bytes)
    } catch {
      throw DiscreteError.shape("this is no \(what): \(error)")
    }
    let isOurs = file.metadata[kind] != nil
    let stored = file.metadata.removeValue(forKey: sum)
    if isOurs || stored != nil {
      guard stored == (try? checksum(file)) else {
        throw DiscreteError.shape("the \(what) is damaged (its checksum differs)")
      }
    }
    return file
  }

  private static func checksum(_ file: SafetensorsFile) throws -> String {
    String(ByteFingerprint.fnv1a(try file.encoded()[...]), radix: 16)
  }
}

import Discrete

/// The weights of a categorical VAE as bytes.
///
/// Layout, all numbers little-endian: 8 bytes magic, then 32-bit words: format version, bytes per
/// number, pixels, hidden1, hidden2, latents, categories; then weights and biases of encoder and
/// decoder in layer order; then the 64-bit FNV-1a hash of everything before it.
enum VAECheckpoint {
  private static let magic = Array("GFCATVAE".utf8)
  private static let version: UInt32 = 1
  private static let headerWords = 7
  private static let hashBytes = 8

  static func encode<Scalar: NetworkScalar>(_ problem: CategoricalVAE<Scalar>) -> [UInt8] {
    var bytes = magic + UInt32.littleEndianBytes(header(problem))
    for layer in problem.encoder.layers + problem.decoder.layers {
      bytes += Scalar.littleEndianBytes(layer.weights)
      bytes += Scalar.littleEndianBytes(layer.biases)
    }
    return bytes + UInt64.littleEndianBytes([ByteFingerprint.fnv1a(bytes[...])])
  }

  /// The problem with the weights in `bytes`.
  ///
  /// - Throws: `DiscreteError.shape` if the bytes are damaged or of another network.
  static func decode<Scalar: NetworkScalar>(
    _ bytes: [UInt8], like problem: CategoricalVAE<Scalar>
  ) throws -> CategoricalVAE<Scalar> {
    let bodyStart = magic.count + headerWords * 4
    guard bytes.count >= bodyStart + hashBytes, bytes.starts(with: magic) else {
      throw DiscreteError.shape("this is not a checkpoint of a categorical VAE; train again")
    }
    let bodyEnd = bytes.count - hashBytes
    let stored = UInt64.values(littleEndianBytes: Array(bytes[bodyEnd...]))
    guard stored == [ByteFingerprint.fnv1a(bytes[..<bodyEnd])] else {
      throw DiscreteError.shape("the checkpoint is damaged (its checksum differs); train again")
    }
    let found = UInt32.values(littleEndianBytes: Array(bytes[magic.count..<bodyStart]))
    let expected = header(problem)
    guard found[0] == version else {
      throw DiscreteError.shape(
        "the checkpoint has format version \(found[0]), this program reads \(version); train again")
    }
    guard found == expected else {
      throw DiscreteError.shape(
        "the checkpoint is of another network: \(words(found)); expected \(words(expected))")
    }
    let numbers = Scalar.values(littleEndianBytes: Array(bytes[bodyStart..<bodyEnd]))
    let layers = problem.encoder.layers + problem.decoder.layers
    let count = layers.reduce(0) { $0 + $1.parameterCount }
    guard bodyEnd - bodyStart == count * Int(expected[1]) else {
      throw DiscreteError.shape("the checkpoint does not hold \(count) numbers; train again")
    }
    guard numbers.allSatisfy(\.isFinite) else {
      throw DiscreteError.shape("the checkpoint holds numbers that are not finite; train again")
    }
    var position = 0
    func take(_ count: Int) -> [Scalar] {
      defer { position += count }
      return Array(numbers[position..<position + count])
    }
    let restored = layers.map { layer in
      var layer = layer
      layer.weights = take(layer.weights.count)
      layer.biases = take(layer.biases.count)
      return layer
    }
    let encoderCount = problem.encoder.layers.count
    return try CategoricalVAE(
      settings: problem.settings, images: problem.images,
      encoder: ReLUNetwork(layers: Array(restored[..<encoderCount])),
      decoder: ReLUNetwork(layers: Array(restored[encoderCount...])))
  }

  private static func header<Scalar: NetworkScalar>(
    _ problem: CategoricalVAE<Scalar>
  ) -> [UInt32] {
    let settings = problem.settings
    return [
      version, UInt32(MemoryLayout<Scalar>.size), UInt32(problem.images.pixelCount),
      UInt32(settings.hidden1), UInt32(settings.hidden2), UInt32(settings.latents),
      UInt32(settings.categories),
    ]
  }

  private static func words(_ header: [UInt32]) -> String {
    "\(header[1] * 8) bit, \(header[2]) pixels, hidden \(header[3]) and \(header[4]), \(header[5]) latents of \(header[6]) categories"
  }
}

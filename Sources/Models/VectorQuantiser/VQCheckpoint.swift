import Discrete
import Networks

/// The weights of a vector-quantised autoencoder as bytes: see `WeightBytes`. Header words: format
/// version, bytes per number, pixels, hidden1, hidden2, latents, codes, dimension. Numbers: weights
/// and biases of encoder and decoder in layer order, then the codes. The width `s` is no weight.
enum VQCheckpoint {
  private static let version: UInt32 = 1

  static func encode<Scalar: NetworkScalar>(_ problem: VectorQuantiser<Scalar>) -> [UInt8] {
    bytes(of: problem).encode(
      (problem.encoder.layers + problem.decoder.layers).flatMap { [$0.weights, $0.biases] }
        + [problem.codebook.entries])
  }

  /// The problem with the weights in `bytes`.
  ///
  /// - Throws: `DiscreteError.shape` if the bytes are damaged or of another network.
  static func decode<Scalar: NetworkScalar>(
    _ bytes: [UInt8], like problem: VectorQuantiser<Scalar>
  ) throws -> VectorQuantiser<Scalar> {
    var encoder = problem.encoder
    var decoder = problem.decoder
    let count =
      (encoder.layers + decoder.layers).reduce(problem.codebook.entries.count) {
        $0 + $1.parameterCount
      }
    let all: [Scalar] = try Self.bytes(of: problem).decode(bytes, count: count)
    var numbers = all[...]
    for index in encoder.layers.indices { encoder.layers[index].take(from: &numbers) }
    for index in decoder.layers.indices { decoder.layers[index].take(from: &numbers) }
    var codebook = problem.codebook
    codebook.entries = Array(numbers)
    return try VectorQuantiser(
      settings: problem.settings, images: problem.images, encoder: encoder, decoder: decoder,
      codebook: codebook)
  }

  private static func bytes<Scalar: NetworkScalar>(
    of problem: VectorQuantiser<Scalar>
  ) -> WeightBytes {
    let network = problem.settings.network
    return WeightBytes(
      magic: "GFVQAUTO", owner: "a vq-autoencoder",
      header: [
        version, UInt32(MemoryLayout<Scalar>.size), UInt32(problem.images.pixelCount),
        UInt32(network.hidden1), UInt32(network.hidden2), UInt32(network.latents),
        UInt32(network.categories), UInt32(problem.settings.dimension),
      ],
      describe: {
        "\($0[1] * 8) bit, \($0[2]) pixels, hidden \($0[3]) and \($0[4]), \($0[5]) latents, \($0[6]) codes of \($0[7]) coordinates"
      })
  }
}

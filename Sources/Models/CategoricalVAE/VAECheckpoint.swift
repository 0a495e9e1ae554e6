import Discrete
import Networks

/// The weights of a categorical VAE as bytes: see `WeightBytes`. Header words: format version,
/// bytes per number, pixels, hidden1, hidden2, latents, categories. Numbers: weights and biases of
/// encoder and decoder in layer order.
enum VAECheckpoint {
  private static let version: UInt32 = 1

  static func encode<Scalar: NetworkScalar>(_ problem: CategoricalVAE<Scalar>) -> [UInt8] {
    bytes(of: problem).encode(
      (problem.encoder.layers + problem.decoder.layers).flatMap { [$0.weights, $0.biases] })
  }

  /// The problem with the weights in `bytes`.
  ///
  /// - Throws: `DiscreteError.shape` if the bytes are damaged or of another network.
  static func decode<Scalar: NetworkScalar>(
    _ bytes: [UInt8], like problem: CategoricalVAE<Scalar>
  ) throws -> CategoricalVAE<Scalar> {
    var encoder = problem.encoder
    var decoder = problem.decoder
    let count = (encoder.layers + decoder.layers).reduce(0) { $0 + $1.parameterCount }
    let all: [Scalar] = try Self.bytes(of: problem).decode(bytes, count: count)
    var numbers = all[...]
    for index in encoder.layers.indices { encoder.layers[index].take(from: &numbers) }
    for index in decoder.layers.indices { decoder.layers[index].take(from: &numbers) }
    return try CategoricalVAE(
      settings: problem.settings, images: problem.images, encoder: encoder, decoder: decoder)
  }

  private static func bytes<Scalar: NetworkScalar>(
    of problem: CategoricalVAE<Scalar>
  ) -> WeightBytes {
    let settings = problem.settings
    return WeightBytes(
      magic: "GFCATVAE", owner: "a categorical VAE",
      header: [
        version, UInt32(MemoryLayout<Scalar>.size), UInt32(problem.images.pixelCount),
        UInt32(settings.hidden1), UInt32(settings.hidden2), UInt32(settings.latents),
        UInt32(settings.categories),
      ],
      describe: {
        "\($0[1] * 8) bit, \($0[2]) pixels, hidden \($0[3]) and \($0[4]), \($0[5]) latents of \($0[6]) categories"
      })
  }
}

import Discrete
import Networks

/// The weights of a checkpoint as version 0.1.0 wrote them for `categorical-vae` and `vq-autoencoder`.
///
/// Layout, all numbers little-endian: 8 bytes magic; 32-bit words: format version (1), bytes per number,
/// pixels, hidden-1, hidden-2, latents, categories and, of a quantiser, dimension; weights and biases of
/// encoder and decoder in layer order, then the codes; the 64-bit FNV-1a hash of everything before it.
struct FormerWeights {
  let tensors: [NamedTensor]
  /// As `AutoencoderModel.layer` says it.
  let layer: String

  private static let forms: [(magic: String, words: Int)] = [("GFCATVAE", 7), ("GFVQAUTO", 8)]

  /// Nil for bytes that do not begin as such a file.
  ///
  /// - Throws: `DiscreteError.shape` for a damaged one.
  init?(_ bytes: [UInt8]) throws {
    guard let form = Self.forms.first(where: { bytes.starts(with: $0.magic.utf8) }) else {
      return nil
    }
    let start = 8 + 4 * form.words
    let end = bytes.count - 8
    guard end >= start,
      UInt64.values(littleEndianBytes: Array(bytes[end...])) == [
        ByteFingerprint.fnv1a(bytes[..<end])
      ]
    else {
      throw DiscreteError.shape("the checkpoint is damaged (its checksum differs); train again")
    }
    let words = UInt32.values(littleEndianBytes: Array(bytes[8..<start])).map { Int($0) }
    guard words[0] == 1, words[1] == 4 || words[1] == 8 else {
      throw DiscreteError.shape("the checkpoint has format version \(words[0]); train again")
    }
    let wrong = DiscreteError.shape(
      "the checkpoint does not hold the numbers of its sizes; train again")
    // Products of two sizes are then far from an overflow.
    guard words.allSatisfy({ $0 <= TensorShape.largest }) else { throw wrong }
    let shapes = Self.shapes(Array(words[2...]))
    guard
      let stored = try? shapes.map({ try StoredTensor(name: $0.name, group: "", shape: $0.shape) })
    else { throw wrong }
    let body = Array(bytes[start..<end])
    guard stored.reduce(0, { $0 + $1.count }) * words[1] == body.count else { throw wrong }
    layer = "\(words[5]) latents of \(words[6]) categories"
    var first = 0
    tensors = stored.map { tensor in
      let own = Array(body[first..<first + tensor.count * words[1]])
      first += own.count
      return NamedTensor(
        tensor.name, shape: tensor.shape,
        words[1] == 4
          ? .single(Float.values(littleEndianBytes: own))
          : .double(Double.values(littleEndianBytes: own)))
    }
  }

  /// - Parameter sizes: pixels, hidden-1, hidden-2, latents, categories and, of a quantiser, dimension.
  private static func shapes(_ sizes: [Int]) -> [(name: String, shape: [Int])] {
    let units = Array(sizes[..<3]) + [sizes[3] * sizes[sizes.count - 1]]
    var shapes: [(name: String, shape: [Int])] = []
    for (part, units) in [("encoder", units), ("decoder", units.reversed())] {
      for (index, (inputs, outputs)) in zip(units, units.dropFirst()).enumerated() {
        shapes.append(("\(part).\(index + 1).weight", [inputs, outputs]))
        shapes.append(("\(part).\(index + 1).bias", [outputs]))
      }
    }
    if sizes.count == 6 { shapes.append(("codebook.codes", [sizes[4], sizes[5]])) }
    return shapes
  }
}

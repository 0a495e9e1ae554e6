import Discrete
import Networks

/// The weights of a network as bytes.
///
/// Layout, all numbers little-endian: 8 bytes magic; 32-bit header words, of which the first is the
/// format version and the second the bytes per number; the numbers; the 64-bit FNV-1a hash of
/// everything before it.
struct WeightBytes {
  /// Eight characters.
  let magic: String
  /// What the weights are of, with its article, for messages.
  let owner: String
  let header: [UInt32]
  /// The sizes in a header, in words.
  let describe: ([UInt32]) -> String

  private static let hashBytes = 8

  func encode<Scalar: NetworkScalar>(_ tensors: [[Scalar]]) -> [UInt8] {
    var bytes = Array(magic.utf8) + UInt32.littleEndianBytes(header)
    for tensor in tensors { bytes += Scalar.littleEndianBytes(tensor) }
    return bytes + UInt64.littleEndianBytes([Self.hash(bytes[...])])
  }

  /// The `count` numbers in `bytes`.
  ///
  /// - Throws: `DiscreteError.shape` if the bytes are damaged or of another network.
  func decode<Scalar: NetworkScalar>(_ bytes: [UInt8], count: Int) throws -> [Scalar] {
    let bodyStart = magic.utf8.count + header.count * 4
    guard bytes.count >= bodyStart + Self.hashBytes, bytes.starts(with: magic.utf8) else {
      throw DiscreteError.shape("this is not a checkpoint of \(owner); train again")
    }
    let bodyEnd = bytes.count - Self.hashBytes
    let stored = UInt64.values(littleEndianBytes: Array(bytes[bodyEnd...]))
    guard stored == [Self.hash(bytes[..<bodyEnd])] else {
      throw DiscreteError.shape("the checkpoint is damaged (its checksum differs); train again")
    }
    let found = UInt32.values(littleEndianBytes: Array(bytes[magic.utf8.count..<bodyStart]))
    guard found[0] == header[0] else {
      throw DiscreteError.shape(
        "the checkpoint has format version \(found[0]), this program reads \(header[0]); train again"
      )
    }
    guard found == header else {
      throw DiscreteError.shape(
        "the checkpoint is of another network: \(describe(found)); expected \(describe(header))")
    }
    let numbers = Scalar.values(littleEndianBytes: Array(bytes[bodyStart..<bodyEnd]))
    guard bodyEnd - bodyStart == count * Int(header[1]) else {
      throw DiscreteError.shape("the checkpoint does not hold \(count) numbers; train again")
    }
    guard numbers.allSatisfy(\.isFinite) else {
      throw DiscreteError.shape("the checkpoint holds numbers that are not finite; train again")
    }
    return numbers
  }

  /// FNV-1a, 64 bit: finds damage, not tampering.
  private static func hash(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    bytes.withUnsafeBufferPointer { bytes in
      var hash: UInt64 = 0xCBF2_9CE4_8422_2325
      for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
      return hash
    }
  }
}

extension DenseLayer {
  /// Takes the layer's weights and biases from the front of `numbers`.
  mutating func take(from numbers: inout ArraySlice<Scalar>) {
    weights = Array(numbers.prefix(weights.count))
    numbers = numbers.dropFirst(weights.count)
    biases = Array(numbers.prefix(biases.count))
    numbers = numbers.dropFirst(biases.count)
  }
}

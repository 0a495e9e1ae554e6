import Discrete
import Networks

/// Tensors of a training in progress as bytes.
///
/// Layout, all numbers little-endian: 8 bytes magic, then 64-bit words: format version, bytes per
/// number, number of identity words, the identity words, steps done, number of numbers; then the
/// numbers of all tensors; then the 64-bit FNV-1a hash of everything before it.
struct TrainingSnapshot<Scalar: NetworkScalar> {
  /// Steps done.
  let step: Int
  let tensors: [[Scalar]]

  private static var magic: [UInt8] { Array("GFTRAINS".utf8) }
  private static var version: UInt64 { 1 }
  private static var hashBytes: Int { 8 }

  init(step: Int, tensors: [[Scalar]]) {
    self.step = step
    self.tensors = tensors
  }

  /// - Parameter identity: what tells this network and training from others.
  func encoded(identity: [UInt64]) -> [UInt8] {
    let count = tensors.reduce(0) { $0 + $1.count }
    var bytes = Self.magic + UInt64.littleEndianBytes(Self.head(identity))
    bytes += UInt64.littleEndianBytes([UInt64(step), UInt64(count)])
    bytes.reserveCapacity(bytes.count + count * MemoryLayout<Scalar>.size + Self.hashBytes)
    for tensor in tensors { bytes += Scalar.littleEndianBytes(tensor) }
    return bytes + UInt64.littleEndianBytes([ByteFingerprint.fnv1a(bytes[...])])
  }

  /// Reads what `encoded` wrote.
  ///
  /// - Parameter sizes: element counts of the tensors.
  /// - Throws: `DiscreteError.shape` for bytes that are damaged or of another identity or size.
  init(decoding bytes: [UInt8], identity: [UInt64], sizes: [Int]) throws {
    let expected = Self.head(identity)
    let headEnd = Self.magic.count + expected.count * 8
    let bodyStart = headEnd + 16
    guard bytes.count >= bodyStart + Self.hashBytes, bytes.starts(with: Self.magic) else {
      throw DiscreteError.shape("this is not a saved training")
    }
    let bodyEnd = bytes.count - Self.hashBytes
    guard
      UInt64.values(littleEndianBytes: Array(bytes[bodyEnd...]))
        == [ByteFingerprint.fnv1a(bytes[..<bodyEnd])]
    else { throw DiscreteError.shape("the saved training is damaged (its checksum differs)") }
    let head = UInt64.values(littleEndianBytes: Array(bytes[Self.magic.count..<bodyStart]))
    guard head[0] == Self.version else {
      throw DiscreteError.shape(
        "the saved training has format version \(head[0]), this program reads \(Self.version)")
    }
    let count = sizes.reduce(0, +)
    guard Array(head[..<expected.count]) == expected, head.last == UInt64(count),
      bodyEnd - bodyStart == count * MemoryLayout<Scalar>.size,
      let step = Int(exactly: head[expected.count])
    else { throw DiscreteError.shape("the saved training is of another network or training") }
    let numbers = Scalar.values(littleEndianBytes: Array(bytes[bodyStart..<bodyEnd]))
    var position = 0
    self.step = step
    tensors = sizes.map { size in
      defer { position += size }
      return Array(numbers[position..<position + size])
    }
  }

  private static func head(_ identity: [UInt64]) -> [UInt64] {
    [version, UInt64(MemoryLayout<Scalar>.size), UInt64(identity.count)] + identity
  }
}

import Foundation

/// Writes arrays in NumPy's formats, for tests.
enum NumPyBytes {
  struct Form: Sendable {
    var type = "<f8"
    var fortranOrder = false
    var version: UInt8 = 1
  }

  /// A `.npy` file of `[samples][coordinates]`, coordinates of shape `axes` in C order.
  static func samples(_ rows: [[Double]], axes: [Int], _ form: Form = Form()) -> Data {
    array(rows.flatMap(\.self), shape: [rows.count] + axes, form)
  }

  /// A `.npy` file of numbers in C order.
  static func array(_ values: [Double], shape: [Int], _ form: Form = Form()) -> Data {
    let text =
      "{'descr': '\(form.type)', 'fortran_order': \(form.fortranOrder ? "True" : "False"), 'shape': \(tuple(shape)), }"
    var data = Data()
    for place in order(shape, fortran: form.fortranOrder) {
      data += bytes(values[place], form.type)
    }
    return header(text, version: form.version) + data
  }

  /// Magic, version, length and the header text, padded to 64 bytes as NumPy does.
  static func header(_ text: String, version: UInt8 = 1) -> Data {
    let lengthBytes = version == 1 ? 2 : 4
    var padded = Array(text.utf8)
    while (8 + lengthBytes + padded.count + 1) % 64 != 0 { padded.append(0x20) }
    padded.append(0x0A)
    let length = (0..<lengthBytes).map { UInt8(truncatingIfNeeded: padded.count >> (8 * $0)) }
    return Data([0x93] + Array("NUMPY".utf8) + [version, 0] + length + padded)
  }

  static func tuple(_ shape: [Int]) -> String {
    shape.count == 1 ? "(\(shape[0]),)" : "(\(shape.map(String.init).joined(separator: ", ")))"
  }

  static func bytes(_ value: Double, _ type: String) -> Data {
    let little: [UInt8] =
      type.hasSuffix("4")
      ? withUnsafeBytes(of: Float(value).bitPattern.littleEndian) { Array($0) }
      : withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) }
    return Data(type.hasPrefix(">") ? little.reversed() : little)
  }

  /// Places in C order of the elements as the file holds them.
  private static func order(_ shape: [Int], fortran: Bool) -> [Int] {
    let count = shape.reduce(1, *)
    guard fortran else { return Array(0..<count) }
    return (0..<count).map { element in
      var rest = element
      var place = 0
      var stride = count
      for axis in shape {
        stride /= axis
        place += rest % axis * stride
        rest /= axis
      }
      return place
    }
  }
}

/// Writes ZIP archives, for tests.
struct ZipBytes {
  struct Member {
    var name: String
    var data: Data
    var method: UInt16 = 0
    var flags: UInt16 = 0
    /// Bytes stored in place of the compressed ones.
    var stored: Data?
    var checksum: UInt32?
    /// Size stated in the directory.
    var size: UInt32?
  }

  static func archive(_ members: [Member]) -> Data {
    var data = Data()
    var directory = Data()
    for member in members {
      let stored =
        member.stored ?? (member.method == 8 ? deflated(member.data) : member.data)
      let checksum = member.checksum ?? crc(member.data)
      let size = member.size ?? UInt32(member.data.count)
      let common =
        little(member.flags) + little(member.method) + little(UInt32(0)) + little(checksum)
        + little(UInt32(stored.count)) + little(size) + little(UInt16(member.name.utf8.count))
      directory +=
        Data([0x50, 0x4B, 1, 2, 20, 0, 20, 0]) + common + Data(count: 12)
        + little(UInt32(data.count)) + Data(member.name.utf8)
      data += Data([0x50, 0x4B, 3, 4, 20, 0]) + common + Data(count: 2) + Data(member.name.utf8)
      data += stored
    }
    let count = little(UInt16(members.count))
    return data + directory + Data([0x50, 0x4B, 5, 6, 0, 0, 0, 0]) + count + count
      + little(UInt32(directory.count)) + little(UInt32(data.count)) + Data(count: 2)
  }

  /// Raw deflate in blocks without compression.
  static func deflated(_ data: Data) -> Data {
    let bytes = Array(data)
    var result = Data()
    var start = 0
    repeat {
      let end = min(start + 1000, bytes.count)
      let length = UInt16(end - start)
      result += Data([end == bytes.count ? 1 : 0]) + little(length) + little(~length)
      result += Data(bytes[start..<end])
      start = end
    } while start < bytes.count
    return result
  }

  private static func little<Number: FixedWidthInteger>(_ value: Number) -> Data {
    withUnsafeBytes(of: value.littleEndian) { Data($0) }
  }

  private static func crc(_ data: Data) -> UInt32 {
    var value: UInt32 = 0xFFFF_FFFF
    for byte in data {
      value ^= UInt32(byte)
      for _ in 0..<8 { value = value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1 }
    }
    return ~value
  }
}

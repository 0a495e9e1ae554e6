/// Named tensors in the safetensors layout.
///
/// 8 bytes, little-endian: the length of the header; the header in JSON, padded with spaces to a
/// multiple of 8 bytes: `{"name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}, ...}`
/// and, if there is any, `"__metadata__"` with strings; then the numbers, little-endian, row-major,
/// without gaps. Equal contents give equal bytes: tensors stand sorted by name.
public struct SafetensorsFile: Sendable, Equatable {
  public var tensors: [NamedTensor]
  public var metadata: [String: String]

  /// Longest header that is read: 100 MB.
  public static let longestHeader = 100_000_000

  public init(tensors: [NamedTensor] = [], metadata: [String: String] = [:]) {
    self.tensors = tensors
    self.metadata = metadata
  }

  /// The tensor of a name, or nil.
  public subscript(name: String) -> NamedTensor? { tensors.first { $0.name == name } }

  /// The bytes of the file; `Float` as F32, `Double` as F64.
  ///
  /// - Throws: `NetworkError.file` for a name that is reserved or comes twice.
  public func encoded() throws -> [UInt8] {
    let sorted = tensors.sorted { Array($0.name.utf8).lexicographicallyPrecedes($1.name.utf8) }
    var names: Set<String> = []
    var entries: [String] = []
    if !metadata.isEmpty {
      let pairs = metadata.sorted {
        Array($0.key.utf8).lexicographicallyPrecedes($1.key.utf8)
      }
      let strings = pairs.map { "\(Self.quoted($0.key)):\(Self.quoted($0.value))" }
      entries.append("\"\(SafetensorsHeader.metadataKey)\":{\(strings.joined(separator: ","))}")
    }
    var data: [UInt8] = []
    for tensor in sorted {
      guard tensor.name != SafetensorsHeader.metadataKey else {
        throw NetworkError.file("a tensor cannot be named '\(tensor.name)'")
      }
      guard names.insert(tensor.name).inserted else {
        throw NetworkError.file("there are two tensors named '\(tensor.name)'")
      }
      let start = data.count
      let type: String
      switch tensor.numbers {
      case .single(let values):
        type = "F32"
        data += Float.littleEndianBytes(values)
      case .double(let values):
        type = "F64"
        data += Double.littleEndianBytes(values)
      }
      let shape = tensor.shape.map(String.init).joined(separator: ",")
      entries.append(
        "\(Self.quoted(tensor.name)):{\"dtype\":\"\(type)\",\"shape\":[\(shape)],\"data_offsets\":[\(start),\(data.count)]}"
      )
    }
    var header = Array("{\(entries.joined(separator: ","))}".utf8)
    header += [UInt8](repeating: 0x20, count: (8 - header.count % 8) % 8)
    return UInt64.littleEndianBytes([UInt64(header.count)]) + header + data
  }

  /// Reads F64, F32, F16 and BF16 tensors, which come sorted by their place in the file. Numbers
  /// may be NaN or infinite. Memory: the numbers, 16-bit ones widened, and a few copies of the
  /// largest tensor while it is read.
  ///
  /// - Throws: `NetworkError.file` with place and cause for any damage.
  public init(decoding bytes: [UInt8]) throws {
    guard bytes.count >= 8 else {
      throw NetworkError.file(
        "a safetensors file begins with 8 bytes of header length, found \(bytes.count) bytes")
    }
    let length = UInt64.values(littleEndianBytes: Array(bytes[..<8]))[0]
    guard length <= UInt64(Self.longestHeader) else {
      throw NetworkError.file(
        "the header length is \(length) bytes, at most \(Self.longestHeader) are read; this is no safetensors file"
      )
    }
    let start = 8 + Int(length)
    guard start <= bytes.count else {
      throw NetworkError.file(
        "the header should have \(length) bytes, but the file ends after \(bytes.count - 8)")
    }
    let header = try SafetensorsHeader(bytes[8..<start])
    metadata = header.metadata
    let data = bytes[start...]
    try header.check(dataCount: data.count)
    tensors = header.entries.map { entry in
      let own = Array(data[start + entry.start..<start + entry.end])
      return NamedTensor(entry.name, shape: entry.shape, entry.type.numbers(own))
    }
  }

  /// The metadata of a file without its tensors: the header alone is read.
  ///
  /// - Throws: `NetworkError.file` for a header that is broken or longer than the file.
  public static func metadata(of bytes: some RandomAccessCollection<UInt8>) throws -> [String:
    String]
  {
    let head = Array(bytes.prefix(8))
    guard head.count == 8 else {
      throw NetworkError.file("a safetensors file begins with 8 bytes of header length")
    }
    let length = UInt64.values(littleEndianBytes: head)[0]
    guard length <= UInt64(longestHeader), Int(length) <= bytes.count - 8 else {
      throw NetworkError.file("the header should have \(length) bytes, more than there are")
    }
    return try SafetensorsHeader(Array(bytes.dropFirst(8).prefix(Int(length)))[...]).metadata
  }

  /// A JSON string.
  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}

/// A number type of tensors in a file.
enum SafetensorsType: String, CaseIterable {
  case double = "F64"
  case single = "F32"
  case half = "F16"
  case brain = "BF16"

  /// Bytes of a number.
  var size: Int {
    switch self {
    case .double: 8
    case .single: 4
    case .half, .brain: 2
    }
  }

  func numbers(_ bytes: [UInt8]) -> NamedTensor.Numbers {
    switch self {
    case .double: .double(Double.values(littleEndianBytes: bytes))
    case .single: .single(Float.values(littleEndianBytes: bytes))
    case .half: .single(UInt16.values(littleEndianBytes: bytes).map(Self.widened))
    case .brain:
      .single(
        UInt16.values(littleEndianBytes: bytes).map { Float(bitPattern: UInt32($0) << 16) })
    }
  }

  /// The number of an IEEE half: 1 bit sign, 5 bits exponent, 10 bits fraction.
  private static func widened(_ half: UInt16) -> Float {
    let sign = UInt32(half & 0x8000) << 16
    let exponent = UInt32(half >> 10) & 0x1F
    let fraction = UInt32(half) & 0x3FF
    switch exponent {
    case 0:
      return Float(sign: sign == 0 ? .plus : .minus, exponent: -24, significand: Float(fraction))
    case 0x1F: return Float(bitPattern: sign | 0x7F80_0000 | fraction << 13)
    default: return Float(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
    }
  }
}

/// The header of a safetensors file.
struct SafetensorsHeader {
  struct Entry {
    let name: String
    let type: SafetensorsType
    let shape: [Int]
    /// Where the tensor's bytes begin and end among the data.
    let start: Int
    let end: Int
  }

  static let metadataKey = "__metadata__"

  /// Sorted by their place.
  private(set) var entries: [Entry] = []
  private(set) var metadata: [String: String] = [:]

  /// - Throws: `NetworkError.file` with the byte of the header for broken JSON, names that come
  ///   twice, unknown or missing fields and unknown number types.
  init(_ bytes: ArraySlice<UInt8>) throws {
    var reader = HeaderReader(bytes)
    var seen: Set<String> = []
    try reader.object { reader, name in
      guard seen.insert(name).inserted else {
        throw NetworkError.file("the header has two entries named '\(name)'")
      }
      if name == Self.metadataKey {
        var keys: Set<String> = []
        try reader.object { reader, key in
          guard keys.insert(key).inserted else {
            throw NetworkError.file("the metadata have two entries named '\(key)'")
          }
          metadata[key] = try reader.string()
        }
      } else {
        entries.append(try Self.entry(name, &reader))
      }
    }
    try reader.finish()
    entries.sort { ($0.start, $0.end, $0.name) < ($1.start, $1.end, $1.name) }
  }

  private static func entry(_ name: String, _ reader: inout HeaderReader) throws -> Entry {
    var type: SafetensorsType?
    var shape: [Int]?
    var offsets: [Int]?
    var fields: Set<String> = []
    try reader.object { reader, field in
      guard fields.insert(field).inserted else {
        throw NetworkError.file("tensor '\(name)' has two fields '\(field)'")
      }
      switch field {
      case "dtype":
        let text = try reader.string()
        guard let known = SafetensorsType(rawValue: text) else {
          let all = SafetensorsType.allCases.map(\.rawValue).joined(separator: ", ")
          throw NetworkError.file(
            "tensor '\(name)' has numbers of type '\(text)'; the types that are read are \(all)")
        }
        type = known
      case "shape": shape = try reader.integers()
      case "data_offsets": offsets = try reader.integers()
      default: throw NetworkError.file("tensor '\(name)' has an unknown field '\(field)'")
      }
    }
    guard let type, let shape, let offsets else {
      throw NetworkError.file("tensor '\(name)' lacks one of dtype, shape, data_offsets")
    }
    guard offsets.count == 2, offsets[0] <= offsets[1] else {
      throw NetworkError.file("tensor '\(name)' has the data_offsets \(offsets), no range")
    }
    let found = offsets[1] - offsets[0]
    let expected = shape.reduce(Optional(type.size)) { product, size in
      guard let (value, overflow) = product?.multipliedReportingOverflow(by: size) else {
        return nil
      }
      return overflow ? nil : value
    }
    guard let expected, expected == found else {
      throw NetworkError.file(
        "tensor '\(name)' of shape \(shape) and type \(type.rawValue) has \(found) bytes, expected \(expected.map(String.init) ?? "more than can be counted")"
      )
    }
    return Entry(name: name, type: type, shape: shape, start: offsets[0], end: offsets[1])
  }

  /// - Throws: `NetworkError.file` where the tensors do not cover the data without gap and overlap.
  func check(dataCount: Int) throws {
    var position = 0
    for entry in entries {
      guard entry.start == position else {
        throw NetworkError.file(
          "tensor '\(entry.name)' begins at byte \(entry.start) of the data, expected \(position): the tensors \(entry.start < position ? "overlap" : "leave a gap")"
        )
      }
      position = entry.end
    }
    guard position == dataCount else {
      throw NetworkError.file(
        "the tensors have \(position) bytes, but \(dataCount) follow the header")
    }
  }
}

/// The header of one NumPy array: number format, order of the axes and shape.
package struct NumPyHeader: Sendable, Equatable {
  package let element: NumPyElement
  /// Whether the first axis is the fastest.
  package let fortranOrder: Bool
  package let shape: [Int]
  /// Bytes before the data.
  package let length: Int
  /// Product of the shape; the byte count fits an `Int`.
  package let count: Int

  package static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)
  /// Longest header text accepted; NumPy's own are below 200 bytes for plain arrays.
  private static let longest = 1 << 20
  private static let names = ["descr", "fortran_order", "shape"]

  /// Reads the header of format version 1.0, 2.0 or 3.0.
  ///
  /// - Parameter takesBytes: whether uint8 is read beside floats.
  /// - Throws: `ModelFileError` with the place in the header.
  package init(
    _ source: any ByteSource, file: String, takesBytes: Bool = false
  ) throws {
    func failure(_ place: String, _ what: String, _ hint: String) -> ModelFileError {
      ModelFileError(file: file, place: place, what: what, hint: hint)
    }
    let again = "write the file again with np.save"
    func bytes(_ range: Range<Int>, _ what: String) throws -> [UInt8] {
      guard range.upperBound <= source.count else {
        throw failure(
          "byte \(source.count)",
          "the file ends in \(what), which needs \(range.upperBound) bytes", again)
      }
      return try source.bytes(range)
    }
    let start = try source.bytes(0..<min(Self.magic.count, source.count))
    guard start == Self.magic else {
      throw failure(
        "byte 0", "this is no NumPy file: it does not start with \\x93NUMPY",
        "write arrays with np.save or np.savez")
    }
    let version = try bytes(6..<8, "the version number")
    guard (1...3).contains(version[0]), version[1] == 0 else {
      throw failure(
        "byte 6", "format version \(version[0]).\(version[1]) is not known",
        "versions 1.0, 2.0 and 3.0 are read")
    }
    let fieldEnd = version[0] == 1 ? 10 : 12
    let field = try bytes(8..<fieldEnd, "the header's length")
    let text = field.reversed().reduce(0) { $0 << 8 | Int($1) }
    guard text <= Self.longest else {
      throw failure(
        "byte 8", "the header claims \(text) bytes (limit \(Self.longest))", again)
    }
    length = fieldEnd + text
    let members = try HeaderLiteral.members(
      try bytes(fieldEnd..<length, "the header"), file: file, start: fieldEnd)
    for name in Self.names where !members.contains(where: { $0.name == name }) {
      throw failure("header", "'\(name)' is missing", again)
    }
    for member in members where !Self.names.contains(member.name) {
      throw failure("header", "'\(member.name)' is not known", again)
    }
    func value(_ name: String) -> HeaderValue {
      members.first { $0.name == name }?.value ?? .list
    }
    switch value("descr") {
    case .text(let descriptor):
      element = try NumPyElement(
        descriptor: descriptor, file: file, place: "header, descr", takesBytes: takesBytes)
    case .list:
      throw failure(
        "header, descr", "expected float32 or float64, found a structured array",
        "save one field, as in np.save(path, x[\"name\"])")
    case let other:
      throw failure("header, descr", "expected a text, found \(other.kind)", again)
    }
    guard case .flag(let fortran) = value("fortran_order") else {
      throw failure(
        "header, fortran_order", "expected True or False, found \(value("fortran_order").kind)",
        again)
    }
    fortranOrder = fortran
    guard case .integers(let lengths) = value("shape") else {
      throw failure("header, shape", "expected a tuple, found \(value("shape").kind)", again)
    }
    guard lengths.count <= 64 else {
      throw failure("header, shape", "the array has \(lengths.count) axes (limit 64)", again)
    }
    shape = lengths
    var total = (partialValue: element.bytes, overflow: false)
    // Lengths of 0 first: an empty array has no overflow.
    for length in lengths.sorted() where !total.overflow {
      total = total.partialValue.multipliedReportingOverflow(by: length)
    }
    guard !total.overflow else {
      throw failure(
        "header, shape", "an array of shape \(Self.text(lengths)) has more than 2^63 bytes", again)
    }
    count = total.partialValue / element.bytes
  }

  /// A shape as Python shows it.
  package static func text(_ shape: [Int]) -> String {
    shape.count == 1 ? "(\(shape[0]),)" : "(\(shape.map(String.init).joined(separator: ", ")))"
  }
}

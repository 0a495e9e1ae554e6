/// Reads the part of JSON that safetensors headers are made of: objects, strings, and lists of
/// whole numbers that are not negative. Nothing nests without end, and every error has its byte.
struct HeaderReader {
  private let bytes: ArraySlice<UInt8>
  private var position: Int

  init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    position = bytes.startIndex
  }

  /// Reads an object; `member` reads the value behind each key.
  mutating func object(_ member: (inout HeaderReader, String) throws -> Void) throws {
    try expect("{")
    if takes("}") { return }
    repeat {
      let key = try string()
      try expect(":")
      try member(&self, key)
    } while takes(",")
    try expect("}")
  }

  /// A list of whole numbers.
  mutating func integers() throws -> [Int] {
    try expect("[")
    var numbers: [Int] = []
    if takes("]") { return numbers }
    repeat { numbers.append(try integer()) } while takes(",")
    try expect("]")
    return numbers
  }

  /// A string, its escapes resolved.
  mutating func string() throws -> String {
    try expect("\"")
    let start = position
    var text: [UInt8] = []
    while let byte = next() {
      switch byte {
      case UInt8(ascii: "\""):
        guard let string = String(validating: text, as: UTF8.self) else {
          throw error("is not UTF-8 in the string before it", at: position)
        }
        return string
      case UInt8(ascii: "\\"): text += try escape()
      case ..<0x20: throw error("has a control character in a string", at: position - 1)
      default: text.append(byte)
      }
    }
    throw error("begins a string without end", at: start - 1)
  }

  /// Only white space may be left.
  mutating func finish() throws {
    skipSpace()
    guard position == bytes.endIndex else { throw error("does not belong there", at: position) }
  }

  /// The bytes of the character that an escape stands for.
  private mutating func escape() throws -> [UInt8] {
    let start = position - 1
    switch next() {
    case UInt8(ascii: "\""): return [0x22]
    case UInt8(ascii: "\\"): return [0x5C]
    case UInt8(ascii: "/"): return [0x2F]
    case UInt8(ascii: "b"): return [0x08]
    case UInt8(ascii: "f"): return [0x0C]
    case UInt8(ascii: "n"): return [0x0A]
    case UInt8(ascii: "r"): return [0x0D]
    case UInt8(ascii: "t"): return [0x09]
    case UInt8(ascii: "u"):
      var units = [try hexadecimal(start)]
      if 0xD800..<0xDC00 ~= units[0] {
        guard next() == UInt8(ascii: "\\"), next() == UInt8(ascii: "u") else {
          throw error("begins an unknown escape", at: start)
        }
        units.append(try hexadecimal(start))
      }
      guard let text = String(validating: units, as: UTF16.self) else {
        throw error("begins an unknown escape", at: start)
      }
      return Array(text.utf8)
    default: throw error("begins an unknown escape", at: start)
    }
  }

  private mutating func hexadecimal(_ start: Int) throws -> UInt16 {
    var value: UInt16 = 0
    for _ in 0..<4 {
      guard let byte = next(), let digit = Character(UnicodeScalar(byte)).hexDigitValue else {
        throw error("begins an unknown escape", at: start)
      }
      value = value << 4 | UInt16(digit)
    }
    return value
  }

  private mutating func integer() throws -> Int {
    skipSpace()
    let start = position
    var value = 0
    while position < bytes.endIndex, case 0x30...0x39 = bytes[position] {
      let (ten, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, carry) = ten.addingReportingOverflow(Int(bytes[position] - 0x30))
      guard !overflow, !carry else { throw error("begins too large a number", at: start) }
      value = sum
      position += 1
    }
    let digits = position - start
    guard digits > 0, digits == 1 || bytes[start] != UInt8(ascii: "0") else {
      throw error("is no whole number of at least 0", at: start)
    }
    return value
  }

  private mutating func expect(_ character: Unicode.Scalar) throws {
    guard takes(character) else { throw error("should be '\(character)'", at: position) }
  }

  /// Steps over white space and the character, if it is next.
  private mutating func takes(_ character: Unicode.Scalar) -> Bool {
    skipSpace()
    guard position < bytes.endIndex, bytes[position] == UInt8(ascii: character) else {
      return false
    }
    position += 1
    return true
  }

  private mutating func next() -> UInt8? {
    guard position < bytes.endIndex else { return nil }
    position += 1
    return bytes[position - 1]
  }

  private mutating func skipSpace() {
    while position < bytes.endIndex {
      switch bytes[position] {
      case 0x20, 0x09, 0x0A, 0x0D: position += 1
      default: return
      }
    }
  }

  private func error(_ what: String, at place: Int) -> NetworkError {
    let found =
      place < bytes.endIndex
      ? "found \(UnicodeScalar(bytes[place]).escaped(asASCII: true))" : "the header ends there"
    return .file("the header is broken: byte \(place - bytes.startIndex) \(what), \(found)")
  }
}

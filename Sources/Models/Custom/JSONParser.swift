/// Reads a JSON document. Errors name line and column.
struct JSONParser {
  private let file: String
  private let bytes: [UInt8]
  private var position = 0

  /// Deepest nesting read; deeper documents are refused rather than overflow the stack.
  private static let depthLimit = 64

  /// - Throws: `ModelFileError` if `bytes` is not one JSON value.
  static func parse(_ bytes: [UInt8], file: String) throws -> JSONValue {
    var parser = JSONParser(file: file, bytes: bytes)
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { parser.position = 3 }
    let value = try parser.value(depth: 0)
    parser.skipSpace()
    guard parser.position == bytes.count else {
      throw parser.failure("there is more text after the end of the JSON value")
    }
    return value
  }

  private init(file: String, bytes: [UInt8]) {
    self.file = file
    self.bytes = bytes
  }

  private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func skipSpace() {
    while let byte = next, byte == 0x20 || (0x09...0x0D).contains(byte) { position += 1 }
  }

  private mutating func value(depth: Int) throws -> JSONValue {
    guard depth < Self.depthLimit else { throw failure("lists are nested too deeply") }
    skipSpace()
    guard let byte = next else { throw failure("the file ends in the middle of a value") }
    switch byte {
    case UInt8(ascii: "{"): return try object(depth: depth)
    case UInt8(ascii: "["): return try array(depth: depth)
    case UInt8(ascii: "\""): return .text(try text())
    default: return try word()
    }
  }

  private mutating func object(depth: Int) throws -> JSONValue {
    var members: [(name: String, value: JSONValue)] = []
    position += 1
    skipSpace()
    if take("}") { return .object(members) }
    repeat {
      skipSpace()
      guard next == UInt8(ascii: "\"") else { throw failure("expected a name in quotes") }
      let start = position
      let name = try text()
      if members.contains(where: { $0.name == name }) {
        position = start
        throw failure("'\(name)' is given twice")
      }
      skipSpace()
      guard take(":") else { throw failure("expected ':' after '\(name)'") }
      members.append((name, try value(depth: depth + 1)))
      skipSpace()
    } while take(",")
    guard take("}") else { throw failure("expected ',' or '}'") }
    return .object(members)
  }

  private mutating func array(depth: Int) throws -> JSONValue {
    var elements: [JSONValue] = []
    position += 1
    skipSpace()
    if take("]") { return .array(elements) }
    repeat {
      elements.append(try value(depth: depth + 1))
      skipSpace()
    } while take(",")
    guard take("]") else { throw failure("expected ',' or ']'") }
    return .array(elements)
  }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard next == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  /// A number or one of the bare words.
  private mutating func word() throws -> JSONValue {
    let start = position
    while let byte = next, Self.isWord(byte) { position += 1 }
    let word = String(decoding: bytes[start..<position], as: UTF8.self)
    switch word {
    case "null": return .null
    case "true": return .flag(true)
    case "false": return .flag(false)
    case "NaN": return .number(.nan)
    case "Infinity": return .number(.infinity)
    case "-Infinity": return .number(-.infinity)
    default:
      let digits: Set<UInt8> = Set("+-.eE0123456789".utf8)
      if word.utf8.allSatisfy(digits.contains), let number = Double(word) {
        return .number(number)
      }
      position = start
      let shown = word.isEmpty ? String(decoding: bytes[start...start], as: UTF8.self) : word
      throw failure("expected a JSON value, found '\(shown)'")
    }
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "+"), UInt8(ascii: "-"),
      UInt8(ascii: "."), UInt8(ascii: "_"):
      true
    default: false
    }
  }

  private mutating func text() throws -> String {
    position += 1
    var units: [UInt8] = []
    while let byte = next {
      position += 1
      switch byte {
      case UInt8(ascii: "\""): return String(decoding: units, as: UTF8.self)
      case UInt8(ascii: "\\"): units += Array(String(try escaped()).utf8)
      case 0..<0x20: throw failure("a text runs over the end of its line")
      default: units.append(byte)
      }
    }
    throw failure("the file ends in the middle of a text")
  }

  private mutating func escaped() throws -> Character {
    guard let byte = next else { throw failure("the file ends in the middle of a text") }
    position += 1
    switch byte {
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"):
      return Character(Unicode.Scalar(byte))
    case UInt8(ascii: "u"):
      let high = try hexUnit()
      if (0xD800..<0xDC00).contains(high), take("\\"), take("u") {
        let low = try hexUnit()
        guard (0xDC00..<0xE000).contains(low) else { throw failure("a broken \\u escape") }
        let code = 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00)
        return Unicode.Scalar(code).map(Character.init) ?? "\u{FFFD}"
      }
      return Unicode.Scalar(high).map(Character.init) ?? "\u{FFFD}"
    default: throw failure("an unknown escape in a text")
    }
  }

  private mutating func hexUnit() throws -> UInt32 {
    let end = position + 4
    guard end <= bytes.count,
      let unit = UInt32(String(decoding: bytes[position..<end], as: UTF8.self), radix: 16)
    else { throw failure("a broken \\u escape") }
    position = end
    return unit
  }

  private func failure(_ what: String) -> ModelFileError {
    let before = bytes[..<min(position, bytes.count)]
    let line = before.reduce(1) { $0 + ($1 == 0x0A ? 1 : 0) }
    let lineStart = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
    return ModelFileError(
      file: file, place: "line \(line), column \(position - lineStart + 1)",
      what: "this is not valid JSON: \(what)")
  }
}

import Discrete

/// Reads a JSON document (RFC 8259), `NaN` and `Infinity` besides. Errors name line and column.
///
/// Memory is bounded: at most `sizeLimit` bytes, `numberLimit` numbers in lists of numbers alone, which
/// are kept as such, and `partLimit` other values.
struct JSONParser {
  /// Longest document, in bytes.
  static let sizeLimit = 1 << 27

  private let file: String
  private let bytes: [UInt8]
  /// Names that the outermost object may have; any where nil.
  private let known: [String]?
  private var position = 0
  /// Values that are not numbers in lists of numbers alone, so far.
  private var parts = 0
  private var numberCount = 0

  /// Deepest nesting read; deeper documents are refused rather than overflow the stack.
  private static let depthLimit = 64
  private static let partLimit = 1 << 21
  private static let numberLimit = 1 << 25
  /// Most members of one object.
  private static let memberLimit = 10_000

  /// - Parameter known: names that the outermost object may have; the first other one ends the
  ///   reading.
  /// - Throws: `ModelFileError` if `bytes` is not one JSON value.
  static func parse(_ bytes: [UInt8], file: String, known: [String]? = nil) throws -> JSONValue {
    var parser = JSONParser(file: file, bytes: bytes, known: known)
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { parser.position = 3 }
    if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
      throw parser.failure("the file is UTF-16", hint: "save it as UTF-8")
    }
    let value = try parser.value(depth: 0)
    parser.skipSpace()
    guard parser.position == bytes.count else {
      throw parser.failure("there is more text after the end of the JSON value")
    }
    return value
  }

  private init(file: String, bytes: [UInt8], known: [String]?) {
    self.file = file
    self.bytes = bytes
    self.known = known
  }

  private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func skipSpace() {
    while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
      position += 1
    }
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

  private mutating func count() throws {
    parts += 1
    guard parts <= Self.partLimit else {
      throw failure(
        "the document has more than \(Self.partLimit) lists, objects, texts and flags",
        hint: "is this the right file?")
    }
  }

  private mutating func object(depth: Int) throws -> JSONValue {
    var members: [(name: String, value: JSONValue)] = []
    var seen: Set<String> = []
    position += 1
    skipSpace()
    if take("}") { return .object(members) }
    repeat {
      skipSpace()
      guard next == UInt8(ascii: "\"") else { throw failure("expected a name in quotes") }
      let start = position
      let name = try text()
      func refusal(_ what: String, _ hint: String = "") -> ModelFileError {
        position = start
        return failure(what, hint: hint)
      }
      guard seen.insert(name).inserted else { throw refusal("'\(name)' is given twice") }
      guard seen.count <= Self.memberLimit else {
        throw refusal("an object has more than \(Self.memberLimit) names")
      }
      if depth == 0, let known, !known.contains(name) {
        // As for an object that is read whole.
        let document = JSONField(file: file, place: "", value: .object([(name, .null)]))
        try document.allowOnly(known)
      }
      try count()
      skipSpace()
      guard take(":") else { throw failure("expected ':' after '\(name)'") }
      members.append((name, try value(depth: depth + 1)))
      skipSpace()
    } while take(",")
    guard take("}") else { throw failure("expected ',' or '}'") }
    return .object(members)
  }

  /// A list; one of numbers alone is kept as numbers.
  private mutating func array(depth: Int) throws -> JSONValue {
    var numbers: [Double] = []
    var elements: [JSONValue] = []
    position += 1
    skipSpace()
    if take("]") { return .array([]) }
    repeat {
      let element = try value(depth: depth + 1)
      if case .number(let number) = element, elements.isEmpty {
        numbers.append(number)
        numberCount += 1
        guard numberCount <= Self.numberLimit else {
          throw failure(
            "the document has more than \(Self.numberLimit) numbers",
            hint: "is this the right file?")
        }
      } else {
        try count()
        if elements.isEmpty {
          elements = numbers.map(JSONValue.number)
          numbers = []
        }
        elements.append(element)
      }
      skipSpace()
    } while take(",")
    guard take("]") else { throw failure("expected ',' or ']'") }
    return elements.isEmpty ? .numbers(numbers) : .array(elements)
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
      let form = JSONNumber(bytes[start..<position])
      if form == .decimal, let number = Double(word), number.isFinite {
        if number != 0 || !JSONNumber.hasDigits(bytes[start..<position]) { return .number(number) }
        position = start
        throw failure(
          "\(word.prefix(40)) is too small for a number", hint: "write 0 if it is meant")
      }
      position = start
      if form == .decimal {
        throw failure("\(word.prefix(40)) is too large for a number", hint: "write a smaller one")
      }
      if case .foreign(let what, let hint) = form { throw failure(what, hint: hint) }
      throw failure("expected a JSON value, found '\(word.isEmpty ? character : word)'")
    }
  }

  /// The character at the place.
  private var character: String {
    var end = position + 1
    while end < bytes.count, bytes[end] & 0xC0 == 0x80, end < position + 4 { end += 1 }
    return String(decoding: bytes[position..<end], as: UTF8.self)
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
    let start = position
    position += 1
    var units: [UInt8] = []
    while let byte = next {
      position += 1
      switch byte {
      case UInt8(ascii: "\""):
        if let text = String(validating: units, as: UTF8.self) { return text }
        position = start
        throw failure("a text is not UTF-8", hint: "save the file as UTF-8")
      case UInt8(ascii: "\\"): units += Array(String(try escaped()).utf8)
      case 0x0A, 0x0D: throw failure("a text runs over the end of its line")
      case 0..<0x20:
        position -= 1
        throw failure(
          "a control character in a text",
          hint: "write it as \\u00" + (byte < 0x10 ? "0" : "") + String(byte, radix: 16))
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
      let unit = try hexUnit()
      var code = unit
      if (0xD800..<0xDC00).contains(unit), take("\\"), take("u") {
        let low = try hexUnit()
        guard (0xDC00..<0xE000).contains(low) else { throw failure("a broken \\u escape") }
        code = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00)
      }
      // Half of a pair is no character.
      guard let scalar = Unicode.Scalar(code) else { throw failure("a broken \\u escape") }
      return Character(scalar)
    default: throw failure("an unknown escape in a text")
    }
  }

  private mutating func hexUnit() throws -> UInt32 {
    let end = position + 4
    guard end <= bytes.count,
      bytes[position..<end].allSatisfy({ UInt8(ascii: "+") != $0 && UInt8(ascii: "-") != $0 }),
      let unit = UInt32(String(decoding: bytes[position..<end], as: UTF8.self), radix: 16)
    else { throw failure("a broken \\u escape") }
    position = end
    return unit
  }

  private func failure(_ what: String, hint: String = "") -> ModelFileError {
    let before = bytes[..<min(position, bytes.count)]
    let line = before.reduce(1) { $0 + ($1 == 0x0A ? 1 : 0) }
    let lineStart = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
    return ModelFileError(
      file: file, place: "line \(line), column \(position - lineStart + 1)",
      what: "this is not valid JSON: \(what)", hint: hint)
  }
}

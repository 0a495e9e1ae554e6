/// A value in the header of a NumPy file.
enum HeaderValue: Equatable {
  case text(String)
  case flag(Bool)
  case integers([Int])
  /// A list, as the type of a structured array is.
  case list

  var kind: String {
    switch self {
    case .text: "a text"
    case .flag: "True or False"
    case .integers: "a tuple"
    case .list: "a list"
    }
  }
}

/// Reads the header of a NumPy file: a Python dictionary of texts, flags and tuples of whole
/// numbers. Source: the format description of `numpy.lib.format`.
struct HeaderLiteral {
  private let bytes: [UInt8]
  private let file: String
  /// Place of the first byte in the file.
  private let start: Int
  private var position = 0

  /// - Throws: `ModelFileError` with the byte where reading stopped.
  static func members(
    _ bytes: [UInt8], file: String, start: Int
  ) throws -> [(name: String, value: HeaderValue)] {
    var literal = HeaderLiteral(bytes: bytes, file: file, start: start)
    return try literal.dictionary()
  }

  private init(bytes: [UInt8], file: String, start: Int) {
    self.bytes = bytes
    self.file = file
    self.start = start
  }

  private func failure(_ what: String) -> ModelFileError {
    ModelFileError(
      file: file, place: "header, byte \(start + position)", what: what,
      hint: "write the file with np.save")
  }

  private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func skipSpace() {
    while let byte = next, [0x20, 0x09, 0x0A, 0x0C, 0x0D].contains(byte) { position += 1 }
  }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    skipSpace()
    guard next == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func dictionary() throws -> [(name: String, value: HeaderValue)] {
    var members: [(name: String, value: HeaderValue)] = []
    guard take("{") else { throw failure("the header is no Python dictionary") }
    while !take("}") {
      let place = position
      let name = try text("a name in quotes")
      guard !members.contains(where: { $0.name == name }) else {
        position = place
        throw failure("'\(name)' is given twice")
      }
      guard take(":") else { throw failure("expected ':' after '\(name)'") }
      members.append((name, try value(of: name)))
      if take(",") { continue }
      guard take("}") else { throw failure("expected ',' or '}' after the value of '\(name)'") }
      break
    }
    skipSpace()
    guard next == nil else { throw failure("there is more text after the dictionary") }
    return members
  }

  private mutating func value(of name: String) throws -> HeaderValue {
    skipSpace()
    switch next {
    case UInt8(ascii: "'"), UInt8(ascii: "\""): return .text(try text("a text"))
    case UInt8(ascii: "("): return .integers(try tuple(of: name))
    case UInt8(ascii: "["):
      try skipList()
      return .list
    default:
      for (word, flag) in [("True", true), ("False", false)]
      where bytes[position...].starts(with: word.utf8) {
        position += word.utf8.count
        return .flag(flag)
      }
      throw failure("the value of '\(name)' is no text, flag or tuple")
    }
  }

  private mutating func text(_ expected: String) throws -> String {
    skipSpace()
    guard let quote = next, quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") else {
      throw failure("expected \(expected)")
    }
    position += 1
    guard let end = bytes[position...].firstIndex(of: quote) else {
      throw failure("a text does not end")
    }
    // What Python reads in another way is refused.
    guard !bytes[position..<end].contains(where: { $0 == UInt8(ascii: "\\") || $0 < 0x20 }),
      let text = String(validating: bytes[position..<end], as: UTF8.self)
    else { throw failure("a text with an escape, a control character or without UTF-8") }
    position = end + 1
    return text
  }

  /// `()`, `(3,)`, `(3, 4)`; long integers of old writers end in `L`.
  private mutating func tuple(of name: String) throws -> [Int] {
    var numbers: [Int] = []
    var comma = false
    position += 1
    while !take(")") {
      guard numbers.isEmpty || comma else { throw failure("expected ',' or ')' in '\(name)'") }
      numbers.append(try integer(of: name))
      comma = take(",")
    }
    guard numbers.count != 1 || comma else {
      throw failure("the value of '\(name)' is a number, not a tuple")
    }
    return numbers
  }

  private mutating func integer(of name: String) throws -> Int {
    skipSpace()
    let first = position
    while let byte = next, (0x30...0x39).contains(byte) { position += 1 }
    let digits = String(decoding: bytes[first..<position], as: UTF8.self)
    guard !digits.isEmpty else { throw failure("expected a length in '\(name)'") }
    guard digits.count == 1 || !digits.hasPrefix("0") else {
      position = first
      throw failure("a length in '\(name)' begins with 0")
    }
    guard let number = Int(digits) else {
      position = first
      throw failure("the length \(digits.prefix(40)) in '\(name)' is beyond 2^63")
    }
    if next == UInt8(ascii: "L") { position += 1 }
    return number
  }

  /// Skips a list up to its matching bracket, texts included.
  private mutating func skipList() throws {
    var depth = 0
    while let byte = next {
      if byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"") {
        _ = try text("a text")
        continue
      }
      position += 1
      if byte == UInt8(ascii: "[") { depth += 1 }
      if byte == UInt8(ascii: "]") { depth -= 1 }
      if depth == 0 { return }
    }
    throw failure("a list does not end")
  }
}

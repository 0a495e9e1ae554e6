import Discrete
import Foundation
import ResultStore

/// JSON with sorted keys and shortest round-trip numbers: the same content gives the same bytes,
/// and with them the same content hash.
public indirect enum CanonicalJSON: Encodable, Sendable, Equatable {
  case object([String: CanonicalJSON])
  case array([CanonicalJSON])
  case text(String)
  case number(Double)
  case integer(Int)
  case unsigned(UInt64)
  case flag(Bool)

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .object(let value): try container.encode(value)
    case .array(let value): try container.encode(value)
    case .text(let value): try container.encode(value)
    case .number(let value): try container.encode(value)
    case .integer(let value): try container.encode(value)
    case .unsigned(let value): try container.encode(value)
    case .flag(let value): try container.encode(value)
    }
  }

  /// The canonical text: what `JSONEncoder` makes of the value with sorted keys and plain slashes,
  /// in a tenth of the time. Hashes of stored cells hang on every byte of it.
  /// - Throws: `EncodingError` for a number that is not finite.
  public func rendered() throws -> String {
    var text = ""
    try append(to: &text)
    return text
  }

  /// SHA-256 of the canonical text, in lower-case hexadecimal.
  public func contentHash() throws -> String {
    Studies.contentHash(of: try rendered())
  }

  private func append(to text: inout String) throws {
    switch self {
    case .object(let members):
      text += "{"
      for (index, member) in members.sorted(by: { $0.key < $1.key }).enumerated() {
        if index > 0 { text += "," }
        Self.append(quoted: member.key, to: &text)
        text += ":"
        try member.value.append(to: &text)
      }
      text += "}"
    case .array(let items):
      text += "["
      for (index, item) in items.enumerated() {
        if index > 0 { text += "," }
        try item.append(to: &text)
      }
      text += "]"
    case .text(let value): Self.append(quoted: value, to: &text)
    case .number(let value):
      guard value.isFinite else {
        throw EncodingError.invalidValue(
          value, .init(codingPath: [], debugDescription: "JSON has no number \(value)"))
      }
      let digits = value.description
      text += digits.hasSuffix(".0") ? digits.dropLast(2) : digits[...]
    case .integer(let value): text += String(value)
    case .unsigned(let value): text += String(value)
    case .flag(let value): text += value ? "true" : "false"
    }
  }

  private static func append(quoted value: String, to text: inout String) {
    text += "\""
    if value.utf8.allSatisfy({ $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") })
    {
      text += value
    } else {
      for scalar in value.unicodeScalars { append(escaped: scalar, to: &text) }
    }
    text += "\""
  }

  private static func append(escaped scalar: Unicode.Scalar, to text: inout String) {
    switch scalar {
    case "\"": text += "\\\""
    case "\\": text += "\\\\"
    case "\u{8}": text += "\\b"
    case "\u{c}": text += "\\f"
    case "\n": text += "\\n"
    case "\r": text += "\\r"
    case "\t": text += "\\t"
    case _ where scalar.value < 0x20:
      text += scalar.value < 0x10 ? "\\u000" : "\\u00"
      text += String(scalar.value, radix: 16)
    default: text.unicodeScalars.append(scalar)
    }
  }
}

/// SHA-256 of the text's UTF-8, in lower-case hexadecimal.
func contentHash(of text: String) -> String {
  SHA256.hexadecimal(of: text.utf8)
}

/// SHA-256 in lower-case hexadecimal.
func contentHash(of data: Data) -> String { SHA256.hexadecimal(of: data) }

extension CanonicalJSON {
  /// The JSON form of a parameter's value.
  init(_ value: ParameterValue) {
    switch value {
    case .number(let number): self = .number(number)
    case .integer(let integer): self = .integer(integer)
    case .text(let text): self = .text(text)
    case .flag(let flag): self = .flag(flag)
    case .list(let values): self = .array(values.map { CanonicalJSON($0) })
    case .entry(let kind, let parameters):
      var members = parameters.mapValues { CanonicalJSON($0) }
      members["kind"] = .text(kind)
      self = .object(members)
    }
  }

  /// All parameters by name.
  init(_ parameters: ResolvedParameters) {
    var members: [String: CanonicalJSON] = [:]
    for name in parameters.identifying {
      if let value = parameters[name] { members[name] = CanonicalJSON(value) }
    }
    self = .object(members)
  }
}

extension CanonicalJSON {
  /// An optimiser: its name alone where all is at its default.
  init(_ optimiser: OptimiserSettings) {
    guard !optimiser.parameters.isEmpty || optimiser.schedule != nil || optimiser.clip != nil else {
      self = .text(optimiser.kind)
      return
    }
    var members = optimiser.parameters.mapValues { CanonicalJSON($0) }
    members["kind"] = .text(optimiser.kind)
    if let schedule = optimiser.schedule { members["schedule"] = CanonicalJSON(schedule) }
    if let clip = optimiser.clip { members["clip"] = .number(clip) }
    self = .object(members)
  }
}

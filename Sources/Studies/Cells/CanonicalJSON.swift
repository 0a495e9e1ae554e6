import Crypto
import Discrete
import Foundation

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

  /// The canonical text.
  /// - Throws: `EncodingError` for a number that is not finite.
  public func rendered() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }

  /// SHA-256 of the canonical text, in lower-case hexadecimal.
  public func contentHash() throws -> String {
    Studies.contentHash(of: Data(try rendered().utf8))
  }
}

/// SHA-256 in lower-case hexadecimal.
func contentHash(of data: Data) -> String {
  SHA256.hash(data: data).map { byte in
    let digits = String(byte, radix: 16)
    return digits.count == 1 ? "0" + digits : digits
  }.joined()
}

extension CanonicalJSON {
  /// The JSON form of a parameter's value.
  init(_ value: ParameterValue) {
    switch value {
    case .number(let number): self = .number(number)
    case .integer(let integer): self = .integer(integer)
    case .text(let text): self = .text(text)
    case .flag(let flag): self = .flag(flag)
    }
  }

  /// All parameters by name.
  init(_ parameters: ResolvedParameters) {
    var members: [String: CanonicalJSON] = [:]
    for name in parameters.names {
      if let value = parameters[name] { members[name] = CanonicalJSON(value) }
    }
    self = .object(members)
  }
}

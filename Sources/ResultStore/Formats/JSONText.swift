import Discrete

/// Pieces of JSON text.
enum JSONText {
  /// A string in quotes; characters that a terminal would not show are escaped.
  static func string(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case _ where VisibleText.isHidden(scalar):
        for unit in String(scalar).utf16 {
          result += "\\u" + Hexadecimal.text([UInt8(unit >> 8), UInt8(unit & 0xFF)])
        }
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }

  /// A number in shortest exact form. JSON has no nan and no infinity; they become the strings
  /// "nan", "inf" and "-inf".
  static func number(_ value: Double) -> String {
    value.isFinite ? value.description : "\"\(value.description)\""
  }

  static func value(_ value: QueryValue) -> String {
    switch value {
    case .null: return "null"
    case .integer(let integer): return String(integer)
    case .real(let real): return number(real)
    case .text(let text): return string(text)
    case .blob(let bytes): return "\"\(Hexadecimal.text(bytes))\""
    }
  }

  /// A value with its name, as a member of an object.
  @Sendable static func member(_ column: String, _ value: QueryValue) -> String {
    "\(string(column)): \(self.value(value))"
  }
}

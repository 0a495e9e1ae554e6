/// How an unquoted scalar reads as a number.
enum NumberForm: Equatable {
  /// Digits with an optional sign.
  case integer
  /// With a decimal point or an exponent.
  case decimal
  /// Infinity or not-a-number in any spelling.
  case notFinite
  /// A spelling of another convention, with what it probably means.
  case foreign(name: String, meant: String?)
  case none

  init(_ text: String) {
    let body = text.drop { $0 == "-" || $0 == "+" }
    guard text.count - body.count <= 1 else {
      self = .none
      return
    }
    let sign = text.hasPrefix("-") ? "-" : ""
    let lower = body.lowercased()
    if ["inf", ".inf", "infinity", "nan", ".nan"].contains(lower) {
      self = .notFinite
    } else if lower.hasPrefix("0x"), lower.count > 2, lower.dropFirst(2).allSatisfy(\.isHexDigit) {
      let value = Int(lower.dropFirst(2), radix: 16)
      self = .foreign(name: "hexadecimal", meant: value.map { sign + String($0) })
    } else if lower.hasPrefix("0o"), let value = Int(lower.dropFirst(2), radix: 8) {
      self = .foreign(name: "octal", meant: sign + String(value))
    } else if let plain = Self.plainForm(body) {
      let cleaned = body.drop { $0 == "0" }
      let leadingZero = body.hasPrefix("0") && body.dropFirst().first?.isNumber == true
      let digits = cleaned.first?.isNumber == true ? String(cleaned) : "0" + cleaned
      self = leadingZero ? .foreign(name: "leading zero", meant: sign + digits) : plain
    } else if body.contains("_"), Self.plainForm(body.filter { $0 != "_" }[...]) != nil {
      self = .foreign(name: "underscore", meant: sign + body.filter { $0 != "_" })
    } else if Self.plainForm(body.map { $0 == "," ? "." : String($0) }.joined()[...]) != nil {
      self = .foreign(
        name: "decimal comma", meant: sign + body.map { $0 == "," ? "." : String($0) }.joined())
    } else {
      self = .none
    }
  }

  /// `integer` or `decimal` for digits, a point with a digit beside it, and an exponent.
  private static func plainForm(_ body: Substring) -> NumberForm? {
    var rest = body
    func digits() -> Int {
      let run = rest.prefix { $0.isASCII && $0.isNumber }
      rest = rest.dropFirst(run.count)
      return run.count
    }
    var count = digits()
    var form = NumberForm.integer
    if rest.first == "." {
      rest = rest.dropFirst()
      count += digits()
      form = .decimal
    }
    guard count > 0 else { return nil }
    if rest.first == "e" || rest.first == "E" {
      rest = rest.dropFirst()
      if rest.first == "-" || rest.first == "+" { rest = rest.dropFirst() }
      guard digits() > 0 else { return nil }
      form = .decimal
    }
    return rest.isEmpty ? form : nil
  }
}

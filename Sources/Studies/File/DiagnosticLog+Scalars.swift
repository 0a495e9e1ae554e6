import Discrete
import Tensors

/// Typed reading of single values. Each function reports what is wrong and then returns nil.
extension DiagnosticLog {
  /// A number that `kind` accepts. Whole numbers are numbers too.
  mutating func number(
    _ node: DocumentNode, _ name: String, kind: ParameterKind, hint: String
  ) -> Double? {
    guard let text = numeral(node, name, allowed: kind.allowed, hint: hint) else { return nil }
    guard let value = Double(text), value.isFinite else {
      error(
        "out-of-range", "'\(name)' is too large for a number: '\(MessageText.shortened(text))'",
        at: node,
        hint: hint)
      return nil
    }
    if value == 0, text.prefix(while: { $0 != "e" && $0 != "E" }).contains(where: Self.isDigit1to9)
    {
      error(
        "out-of-range", "'\(name)' is too small for a number: '\(MessageText.shortened(text))'",
        at: node,
        hint: kind.accepts(.number(0)) ? "write 0 if 0 is meant" : hint)
      return nil
    }
    guard kind.accepts(.number(value)) else {
      outOfRange(node, name, allowed: kind.allowed, text: text, hint: hint)
      return nil
    }
    return value
  }

  /// A whole number in `range`.
  mutating func integer<Value: FixedWidthInteger>(
    _ node: DocumentNode, _ name: String, in range: ClosedRange<Value>, hint: String
  ) -> Value? {
    let allowed =
      range.upperBound == .max
      ? "a whole number of at least \(range.lowerBound)"
      : "a whole number from \(range.lowerBound) to \(range.upperBound)"
    guard let text = numeral(node, name, allowed: allowed, hint: hint) else { return nil }
    if NumberForm(text) == .decimal {
      let number = Double(text) ?? .nan
      if number.rounded() == number, Value(exactly: number) == nil {
        outOfRange(node, name, allowed: allowed, text: text, hint: hint)
        return nil
      }
      let whole = Value(exactly: number).map { "write \($0)" }
      error(
        "not-whole", "'\(name)' must be a whole number, found '\(MessageText.shortened(text))'",
        at: node,
        hint: whole ?? hint)
      return nil
    }
    guard let value = Value(text) else {
      error(
        "out-of-range", "'\(name)' is out of range: '\(MessageText.shortened(text))'", at: node,
        hint: "the range is \(range.lowerBound) to \(range.upperBound)")
      return nil
    }
    guard range.contains(value) else {
      outOfRange(node, name, allowed: allowed, text: text, hint: hint)
      return nil
    }
    return value
  }

  /// `true` or `false`.
  mutating func flag(_ node: DocumentNode, _ name: String, hint: String) -> Bool? {
    guard let (text, plain) = scalar(node, name, hint: hint) else { return nil }
    if plain, text == "true" || text == "false" { return text == "true" }
    let meant: [String: String] = [
      "yes": "true", "on": "true", "y": "true", "1": "true", "true": "true",
      "no": "false", "off": "false", "n": "false", "0": "false", "false": "false",
    ]
    error(
      "not-a-flag", "'\(name)' must be true or false, found \(node.kindInWords)", at: node,
      suggestion: meant[text.lowercased()], hint: plain ? hint : "remove the quotes")
    return nil
  }

  /// One of `names`.
  mutating func choice(
    _ node: DocumentNode, _ name: String, among names: [String], hint: String? = nil
  ) -> String? {
    let list = "'\(name)' is one of \(names.joined(separator: ", "))"
    guard let (text, _) = scalar(node, name, hint: list) else { return nil }
    if names.contains(text) { return text }
    error(
      "unknown-choice", "unknown value '\(MessageText.shortened(text))' for '\(name)'", at: node,
      suggestion: NearestName.nearest(to: text, among: names), hint: hint ?? list)
    return nil
  }

  /// Any text on one line, taken as it is written: `title: 12` is the text "12".
  mutating func text(_ node: DocumentNode, _ name: String, hint: String) -> String? {
    guard let (text, _) = scalar(node, name, hint: hint) else { return nil }
    guard !text.isEmpty, !text.contains(where: \.isNewline) else {
      error("wrong-text", "'\(name)' must be one line of text", at: node, hint: hint)
      return nil
    }
    return text
  }

  /// A name of the given characters.
  mutating func name(
    _ node: DocumentNode, _ name: String, rule: NameRule
  ) -> String? {
    guard let (text, _) = scalar(node, name, hint: rule.inWords) else { return nil }
    if rule.accepts(text) { return text }
    error(
      "bad-name", "'\(name)' cannot be \(node.kindInWords)", at: node,
      suggestion: rule.nearest(to: text), hint: rule.inWords(for: text))
    return nil
  }

  /// A scalar with a value, whatever its type.
  mutating func scalar(
    _ node: DocumentNode, _ name: String, hint: String?
  ) -> (text: String, plain: Bool)? {
    switch node.content {
    case .refused: return nil
    case .scalar(let text, let plain):
      if !node.isNull { return (text, plain) }
      error("missing-value", "'\(name)' has no value", at: node, hint: hint)
    case .sequence, .mapping:
      error(
        "wrong-type", "'\(name)' takes one value, found \(node.kindInWords)", at: node, hint: hint)
    }
    return nil
  }

  /// The text of a decimal number in a spelling that is accepted.
  private mutating func numeral(
    _ node: DocumentNode, _ name: String, allowed: String, hint: String
  ) -> String? {
    guard let (text, plain) = scalar(node, name, hint: hint) else { return nil }
    let form = NumberForm(text)
    switch form {
    case .integer, .decimal:
      if plain { return text }
      error(
        "not-a-number", "'\(name)' must be \(allowed), found \(node.kindInWords)", at: node,
        hint: "remove the quotes")
    case .foreign(let spelling, let meant):
      error(
        "number-spelling",
        "'\(name)' cannot be read: \(spelling) in '\(MessageText.shortened(text))'",
        at: node, hint: meant.map { "write \($0)" } ?? "write a decimal number")
    case .notFinite:
      error(
        "not-finite", "'\(name)' must be finite, found \(node.kindInWords)", at: node, hint: hint)
    case .none:
      error(
        "not-a-number", "'\(name)' must be \(allowed), found \(node.kindInWords)", at: node,
        hint: hint)
    }
    return nil
  }

  private mutating func outOfRange(
    _ node: DocumentNode, _ name: String, allowed: String, text: String, hint: String
  ) {
    error(
      "out-of-range", "'\(name)' must be \(allowed), found '\(MessageText.shortened(text))'",
      at: node,
      hint: hint)
  }

  private static func isDigit1to9(_ character: Character) -> Bool {
    ("1"..."9").contains(character)
  }
}

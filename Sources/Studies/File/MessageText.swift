import Discrete

/// Writing of texts and numbers in messages.
enum MessageText {
  /// Text from a file made fit for one line of a message.
  static func shortened(_ text: String) -> String {
    let line = VisibleText.of(String(text.map { $0.isNewline || $0 == "\t" ? " " : $0 }))
    return line.count > 60 ? line.prefix(59) + "…" : line
  }

  /// Digits in groups of three: 16,384.
  static func grouped(_ value: Int) -> String {
    var groups: [Substring] = []
    var digits = Substring(String(value.magnitude))
    while digits.count > 3 {
      groups.insert(digits.suffix(3), at: 0)
      digits = digits.dropLast(3)
    }
    return (value < 0 ? "-" : "") + ([digits] + groups).joined(separator: ",")
  }
}

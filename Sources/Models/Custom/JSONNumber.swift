/// How the text of a number is spelled.
enum JSONNumber: Equatable {
  /// As JSON has it: `-0.5e3`.
  case decimal
  /// A number elsewhere, not in JSON: what is wrong, and how to write it.
  case foreign(String, hint: String)
  case none

  init(_ word: ArraySlice<UInt8>) {
    var rest = word
    func digits() -> Int {
      let count = rest.prefix { (0x30...0x39).contains($0) }.count
      rest = rest.dropFirst(count)
      return count
    }
    func take(_ characters: String) -> Bool {
      guard let first = rest.first, characters.utf8.contains(first) else { return false }
      rest = rest.dropFirst()
      return true
    }
    let plus = rest.first == UInt8(ascii: "+")
    if !take("-") { _ = take("+") }
    let leadingZero = rest.first == UInt8(ascii: "0")
    let whole = digits()
    let point = take(".")
    let fraction = point ? digits() : 0
    var exponent = true
    if take("eE") {
      _ = take("+-")
      exponent = digits() > 0
    }
    guard rest.isEmpty, whole + fraction > 0, exponent else {
      self = .none
      return
    }
    let text = String(decoding: word.prefix(40), as: UTF8.self)
    if plus {
      self = .foreign("a number begins with '+': \(text)", hint: "write \(text.dropFirst())")
    } else if leadingZero, whole > 1 {
      self = .foreign("a number begins with 0: \(text)", hint: "leave the leading zeros out")
    } else if whole == 0 {
      self = .foreign("a number begins with '.': \(text)", hint: "write 0 before the point")
    } else if point, fraction == 0 {
      self = .foreign("a number ends its digits in '.': \(text)", hint: "leave the point out")
    } else {
      self = .decimal
    }
  }

  /// Whether a number is not zero as it is written.
  static func hasDigits(_ word: ArraySlice<UInt8>) -> Bool {
    word.prefix { $0 != UInt8(ascii: "e") && $0 != UInt8(ascii: "E") }
      .contains { (0x31...0x39).contains($0) }
  }
}

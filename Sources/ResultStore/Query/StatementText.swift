/// What can be read off the text of a statement without parsing it: its first keyword and the
/// names of its parameters. Strings, quoted names and comments are skipped.
struct StatementText {
  /// The first word, upper case; empty if there is none.
  private(set) var keyword = ""
  /// The names after `:`, `@` or `$`.
  private(set) var parameters: Set<String> = []

  init(_ sql: String) {
    var rest = Substring(sql)
    while let first = rest.first {
      if rest.hasPrefix("--") {
        rest = rest.drop { !$0.isNewline }
      } else if rest.hasPrefix("/*") {
        rest = Self.afterComment(rest.dropFirst(2))
      } else if let close = Self.closing[first] {
        rest = rest.dropFirst().drop { $0 != close }.dropFirst()
      } else if Self.isWord(first) {
        let word = rest.prefix(while: Self.isWord)
        if keyword.isEmpty { keyword = word.uppercased() }
        rest = rest.dropFirst(word.count)
      } else {
        rest = rest.dropFirst()
        if first == ":" || first == "@" || first == "$" {
          let name = rest.prefix(while: Self.isWord)
          if !name.isEmpty { parameters.insert(String(name)) }
          rest = rest.dropFirst(name.count)
        }
      }
    }
  }

  private static let closing: [Character: Character] = ["'": "'", "\"": "\"", "`": "`", "[": "]"]

  private static func isWord(_ character: Character) -> Bool {
    character.isLetter || character.isNumber || character == "_"
  }

  private static func afterComment(_ text: Substring) -> Substring {
    var rest = text
    while !rest.isEmpty && !rest.hasPrefix("*/") { rest = rest.dropFirst() }
    return rest.dropFirst(2)
  }
}

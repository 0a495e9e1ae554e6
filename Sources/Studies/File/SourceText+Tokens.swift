extension SourceText {
  /// Number of characters to underline for the token that starts at a place, at least 1.
  ///
  /// - Parameter plain: the value, where it is an unquoted scalar.
  func tokenLength(line: Int, column: Int, plain: String? = nil) -> Int {
    let rest = Array(rest(line: line, column: column))
    guard let first = rest.first else { return 1 }
    if let plain, !plain.isEmpty, rest.starts(with: plain) { return plain.count }
    switch first {
    case "\"", "'": return quotedLength(rest[...]) ?? trimmedLength(rest)
    case "[", "{": return bracketLength(rest) ?? 1
    case "&", "*", "!":
      return max(1, rest.firstIndex { $0.isWhitespace || ",]}".contains($0) } ?? rest.count)
    default: return plain == nil ? keyLength(rest) : trimmedLength(rest)
    }
  }

  /// Length of a quoted scalar with its quotes; nil where it does not end on this line.
  private func quotedLength(_ rest: ArraySlice<Character>) -> Int? {
    guard let quote = rest.first else { return nil }
    var index = rest.startIndex + 1
    while index < rest.endIndex {
      if quote == "\"", rest[index] == "\\" {
        index += 2
      } else if rest[index] != quote {
        index += 1
      } else if quote == "'", index + 1 < rest.endIndex, rest[index + 1] == quote {
        index += 2
      } else {
        return index + 1 - rest.startIndex
      }
    }
    return nil
  }

  /// Length of a list or mapping in brackets; nil where it does not end on this line.
  private func bracketLength(_ rest: [Character]) -> Int? {
    var depth = 0
    var index = 0
    while index < rest.count {
      switch rest[index] {
      case "[", "{": depth += 1
      case "]", "}":
        depth -= 1
        if depth == 0 { return index + 1 }
      case "\"", "'":
        // An apostrophe inside a word does not open a quotation.
        let opens = index == 0 || " [{,:".contains(rest[index - 1])
        if opens, let skipped = quotedLength(rest[index...]) { index += skipped - 1 }
      default: break
      }
      index += 1
    }
    return nil
  }

  /// Length of the key that a block mapping starts with; 1 for the dash of a list.
  private func keyLength(_ rest: [Character]) -> Int {
    if rest.first == "-", rest.count == 1 || rest[1] == " " { return 1 }
    return max(1, rest.firstIndex(of: ":") ?? trimmedLength(rest))
  }

  /// Length without a comment and trailing blanks.
  private func trimmedLength(_ rest: [Character]) -> Int {
    var end = rest.count
    for index in rest.indices.dropFirst() where rest[index] == "#" && rest[index - 1] == " " {
      end = index
      break
    }
    while end > 1, rest[end - 1].isWhitespace { end -= 1 }
    return max(1, end)
  }
}

/// Text from outside made fit for a terminal: names, paths, labels and SQL may hold characters that
/// move the cursor, turn the direction of writing or cannot be seen.
public enum VisibleText {
  /// The text with every hidden character escaped, such as `\u{1B}` and `\n`.
  ///
  /// - Parameter lineEnds: whether line ends stay as they are.
  public static func of(_ text: String, keeping lineEnds: Bool = false) -> String {
    guard text.utf8.contains(where: { $0 < 0x20 || $0 > 0x7E }) else { return text }
    var result = String.UnicodeScalarView()
    let scalars = text.unicodeScalars
    for index in scalars.indices {
      let scalar = scalars[index]
      if !isHidden(scalar) || lineEnds && scalar == "\n" || joinsPictures(scalars, index) {
        result.append(scalar)
      } else {
        result.append(contentsOf: scalar.escaped(asASCII: true).unicodeScalars)
      }
    }
    return String(result)
  }

  /// Whether the scalar makes one picture of those beside it.
  private static func joinsPictures(
    _ scalars: String.UnicodeScalarView, _ index: String.Index
  ) -> Bool {
    guard scalars[index] == "\u{200D}", index > scalars.startIndex else { return false }
    let next = scalars.index(after: index)
    let before = scalars[scalars.index(before: index)]
    guard next < scalars.endIndex, scalars[next].properties.isEmojiPresentation else {
      return false
    }
    return before.properties.isEmojiPresentation || before == "\u{FE0F}"
  }

  /// Control characters, marks of direction, characters of no width or of no agreed shape.
  public static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.value < 0x7F { return scalar.value < 0x20 }
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate,
      .unassigned:
      return true
    default:
      // The two that choose between the forms of a sign belong to it.
      return scalar.properties.isDefaultIgnorableCodePoint
        && !(0xFE0E...0xFE0F).contains(scalar.value)
    }
  }

  /// Columns that the text takes on a terminal: wide characters take two.
  public static func width(_ text: String) -> Int {
    guard text.utf8.contains(where: { $0 > 0x7E }) else { return text.utf8.count }
    return text.reduce(0) { $0 + (isWide($1) ? 2 : isMark($1) ? 0 : 1) }
  }

  /// A mark without a letter to stand on.
  private static func isMark(_ character: Character) -> Bool {
    guard let first = character.unicodeScalars.first else { return true }
    switch first.properties.generalCategory {
    case .nonspacingMark, .enclosingMark: return true
    default: return false
    }
  }

  /// East Asian wide and full-width characters, and pictures. Source: Unicode Standard Annex 11.
  private static func isWide(_ character: Character) -> Bool {
    guard let first = character.unicodeScalars.first else { return false }
    if first.properties.isEmojiPresentation { return true }
    if character.unicodeScalars.contains("\u{FE0F}") { return true }
    switch first.value {
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF,
      0xA000...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
      0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x17000...0x18CFF, 0x1B000...0x1B2FF,
      0x20000...0x2FFFD, 0x30000...0x3FFFD:
      return true
    default: return false
    }
  }
}

import Discrete
import Testing

@Suite struct VisibleTextTests {
  @Test(arguments: [
    ("plain", "plain"), ("é 日本 🎲 ∇", "é 日本 🎲 ∇"), ("a\u{1B}[2J", "a\\u{1B}[2J"),
    ("a\nb\tc\r", "a\\nb\\tc\\r"), ("\u{7F}\u{9B}", "\\u{7F}\\u{9B}"),
    ("\u{202E}\u{2066}\u{200F}\u{61C}", "\\u{202E}\\u{2066}\\u{200F}\\u{61C}"),
    ("\u{200B}\u{200D}\u{2060}\u{FEFF}\u{AD}", "\\u{200B}\\u{200D}\\u{2060}\\u{FEFF}\\u{AD}"),
    ("\u{2028}\u{2029}\u{85}", "\\u{2028}\\u{2029}\\u{85}"), ("\u{E0041}", "\\u{E0041}"),
    ("\u{3164}", "\\u{3164}"), ("\u{E000}", "\\u{E000}"), ("❤\u{FE0F}", "❤\u{FE0F}"),
    ("👩\u{200D}👧", "👩\u{200D}👧"), ("a\u{200D}👧", "a\\u{200D}👧"),
  ])
  func hiddenCharactersAreEscaped(text: String, shown: String) {
    // Swift spells scalars with leading zeros.
    let found = (0..<5).reduce(VisibleText.of(text)) { text, _ in text.replacing("{0", with: "{") }
    #expect(found == shown)
    #expect(VisibleText.of(VisibleText.of(text)) == VisibleText.of(text))
  }

  @Test func lineEndsMayStay() {
    #expect(VisibleText.of("a\nb\r\n\u{1B}", keeping: true) == "a\nb\\r\n\\u{1B}")
  }

  @Test(arguments: [
    ("abc", 3), ("", 0), ("日本", 4), ("é", 1), ("e\u{301}", 1), ("🎲", 2), ("∇θ", 2), ("ｆ", 2),
    ("한글", 4), ("…", 1),
  ])
  func width(text: String, columns: Int) { #expect(VisibleText.width(text) == columns) }
}

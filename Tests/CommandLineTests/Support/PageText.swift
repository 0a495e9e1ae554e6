/// A Markdown page as its sentences, without tables and code blocks.
struct PageText {
  let sentences: [String]

  init(_ page: String) {
    sentences = Self.paragraphs(page).flatMap(Self.split)
  }

  /// Words of a sentence; a code span is one.
  static func words(_ sentence: String) -> Int {
    sentence.replacing(/`[^`]*`/, with: "x").split { $0.isWhitespace }.count
  }

  /// Paragraphs end at blank lines and code blocks, and before lists, tables and headings.
  private static func paragraphs(_ page: String) -> [[Substring]] {
    var paragraphs: [[Substring]] = [[]]
    var isCode = false
    for line in page.split(separator: "\n", omittingEmptySubsequences: false) {
      let text = line.drop { $0.isWhitespace }
      let isFence = text.hasPrefix("```")
      if isFence { isCode.toggle() }
      if isFence || text.isEmpty || text.hasPrefix("|") {
        paragraphs.append([])
      } else if !isCode {
        if let mark = text.first, "-*#".contains(mark) { paragraphs.append([]) }
        paragraphs[paragraphs.count - 1].append(line)
      }
    }
    return paragraphs.filter { paragraph in
      paragraph.first.map { !$0.hasPrefix("    ") } ?? false
    }
  }

  /// A sentence ends with a word whose last character is one of `.?!:;`.
  private static func split(_ paragraph: [Substring]) -> [String] {
    var sentences: [[Substring]] = [[]]
    for word in paragraph.joined(separator: " ").split(whereSeparator: \.isWhitespace) {
      sentences[sentences.count - 1].append(word)
      if let last = word.last, ".?!:;".contains(last) { sentences.append([]) }
    }
    return sentences.filter { !$0.isEmpty }.map { $0.joined(separator: " ") }
  }
}

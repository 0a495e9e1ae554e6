import Yams

extension DiagnosticLog {
  /// Reports what the YAML parser could not read.
  mutating func syntaxError(_ error: any Error) {
    switch error {
    case YamlError.scanner(let context, let problem, let mark, _),
      YamlError.parser(let context, let problem, let mark, _),
      YamlError.composer(let context, let problem, let mark, _):
      if tabErrors() { return }
      let place = place(of: problem, mark, context?.mark)
      guard !isUnreadable(line: place.line) else { return }
      let known = Self.explanation(of: problem)
      self.error(
        known.code, known.message ?? "not valid YAML: \(problem)", line: place.line,
        column: place.column, length: known.code == "alias" ? nil : 1, hint: known.hint)
    default:
      fileError(
        "yaml-syntax", "not valid YAML", hint: "check quotes, brackets and indentation")
    }
  }

  /// Reports a second document at the line that starts it.
  mutating func secondDocument(_ mark: Mark?) {
    var line = mark?.line ?? 1
    while line > 1, !source.lineText(line).hasPrefix("---") { line -= 1 }
    let found = source.lineText(line).hasPrefix("---")
    error(
      "several-documents", "a study file holds one document, found a second one",
      line: found ? line : mark?.line ?? 1, column: found ? 1 : mark?.column ?? 1,
      length: found ? 3 : 1, hint: "put each study in a file of its own")
  }

  /// Reports all lines indented with tabs; false where there are none.
  private mutating func tabErrors() -> Bool {
    var found = false
    for number in 1...source.lineCount {
      let line = source.line(number)
      guard let tab = line.firstIndex(of: "\t"),
        line[line.startIndex..<tab].allSatisfy({ $0 == " " }),
        let start = line.first(where: { $0 != " " && $0 != "\t" }), start != "#"
      else { continue }
      found = true
      let length = line[tab...].prefix { $0 == "\t" }.count
      error(
        "tab", "a tab in the indentation", line: number, column: tab - line.startIndex + 1,
        length: length, hint: "indent with spaces, two per level")
    }
    return found
  }

  /// Where to point: at the start of an unfinished construct rather than at the end of the file.
  private func place(of problem: String, _ mark: Mark, _ context: Mark?) -> (
    line: Int, column: Int
  ) {
    if let context, problem.contains("end of stream") || source.line(mark.line).isEmpty {
      return (context.line, context.column)
    }
    return (mark.line, mark.column)
  }

  private static func explanation(
    of problem: String
  ) -> (code: String, message: String?, hint: String) {
    for (part, code, message, hint) in explanations where problem.contains(part) {
      return (code, message, hint)
    }
    return ("yaml-syntax", nil, "check quotes, brackets and indentation")
  }

  private static let explanations: [(String, String, String?, String)] = [
    (
      "undefined alias", "alias", "anchors and aliases are not supported",
      "write the value out; put a text that starts with * in quotes"
    ),
    (
      "aximum nesting", "too-deep", "the file is nested too deeply",
      "a study file needs at most six levels"
    ),
    (
      "mapping values are not allowed", "yaml-syntax", nil,
      "check the indentation and the blank behind each colon; put a text with ': ' in quotes"
    ),
    (
      "could not find expected ':'", "yaml-syntax", nil,
      "write `key: value`, with a blank behind the colon"
    ),
    (
      "expected ',' or", "yaml-syntax", nil,
      "separate entries by commas and close every bracket"
    ),
    ("expected key", "yaml-syntax", nil, "the keys of one mapping start in the same column"),
    ("'-' indicator", "yaml-syntax", nil, "the entries of one list start in the same column"),
    (
      "end of stream", "yaml-syntax", "not valid YAML: something is opened here and never closed",
      "close the quote or bracket"
    ),
    (
      "cannot start any token", "yaml-syntax", nil,
      "put a text that starts with @, ` or % in quotes"
    ),
    (
      "<document start>", "yaml-syntax", nil,
      "a study file is one mapping; its keys start in column 1"
    ),
  ]
}

import Foundation
import Studies
import Testing

@Suite struct DiagnosticTests {
  private let finding = Diagnostic(
    file: "study.yaml", line: 17, column: 11, code: "unknown-kind",
    message: "unknown estimator kind 'decopled-st'", sourceLine: "  - kind: decopled-st",
    length: 11, suggestion: "decoupled-st",
    hint: "`gradfid list estimators` shows all 9 kinds")

  @Test func rendersAllParts() {
    #expect(
      finding.rendered() == """
        study.yaml:17:11: error: unknown estimator kind 'decopled-st'
           17 |   - kind: decopled-st
              |           ^~~~~~~~~~~ did you mean 'decoupled-st'?
           hint: `gradfid list estimators` shows all 9 kinds
        """)
  }

  @Test func rendersWithoutAdvice() {
    let bare = Diagnostic(
      file: "a", line: 123_456, column: 2, severity: .warning, code: "x", message: "m",
      sourceLine: "\tb")
    #expect(bare.rendered() == "a:123456:2: warning: m\n123456 |  b\n       |  ^")
  }

  @Test func rendersWholeFile() {
    let whole = Diagnostic(file: "a", code: "x", message: "m", suggestion: "b")
    #expect(whole.rendered() == "a: error: m\n   did you mean 'b'?")
  }

  @Test func cutsLongLines() {
    let line = String(repeating: "a", count: 500) + "X" + String(repeating: "b", count: 500)
    let long = Diagnostic(
      file: "a", line: 1, column: 501, code: "x", message: "m", sourceLine: line, length: 900)
    let lines = long.rendered().split(separator: "\n")
    guard lines.count == 3 else {
      Issue.record("expected three lines")
      return
    }
    #expect(lines[1].count < 180 && lines[2].count <= lines[1].count)
    #expect(lines[1].contains("…aaa") && lines[1].hasSuffix("bbb…"))
    let caret = lines[2].firstIndex(of: "^").map {
      lines[2].distance(from: lines[2].startIndex, to: $0)
    }
    let mark = lines[1].firstIndex(of: "X").map {
      lines[1].distance(from: lines[1].startIndex, to: $0)
    }
    #expect(caret == mark)
  }

  @Test func hasJSONForm() throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
    let data = try encoder.encode(finding)
    #expect(
      String(bytes: data, encoding: .utf8) == """
        {
          "code" : "unknown-kind",
          "column" : 11,
          "file" : "study.yaml",
          "hint" : "`gradfid list estimators` shows all 9 kinds",
          "length" : 11,
          "line" : 17,
          "message" : "unknown estimator kind 'decopled-st'",
          "severity" : "error",
          "sourceLine" : "  - kind: decopled-st",
          "suggestion" : "decoupled-st"
        }
        """)
    #expect(try JSONDecoder().decode(Diagnostic.self, from: data) == finding)
  }

  @Test func errorsPrintAllDiagnostics() {
    let whole = Diagnostic(file: "a", code: "x", message: "m")
    #expect(StudyFileErrors(diagnostics: [whole, whole]).description == "a: error: m\na: error: m")
  }
}

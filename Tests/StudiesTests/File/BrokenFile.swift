import Studies
import Testing

/// A study file with mistakes and everything that is to be said about it.
struct BrokenFile: Sendable, CustomTestStringConvertible {
  /// What stands before the part of the file that a case is about.
  enum Frame: String, Sendable {
    case none = ""
    /// Four lines; the case goes on with `problems` or another section.
    case estimators = """
      format: 1
      name: s
      problems:
        - kind: bernoulli-toy
      estimators:

      """
    case problems = """
      format: 1
      name: s
      estimators:
        - kind: st
      problems:

      """
    case training = """
      format: 1
      name: s
      kind: training
      problems:
        - kind: categorical-vae
      estimators:
        - kind: st

      """
    case section = """
      format: 1
      name: s
      problems:
        - kind: bernoulli-toy
      estimators:
        - kind: st

      """
  }

  let title: String
  let text: String
  let report: String

  init(_ title: String, in frame: Frame = .none, _ text: String, report: String) {
    self.title = title
    self.text = frame.rawValue + text + "\n"
    self.report = report
  }

  var testDescription: String { title }

  /// Compares with the rendered findings and checks what holds of all of them.
  func check(_ severity: Diagnostic.Severity = .error) {
    let findings = MimicCatalogue.findings(text)
    #expect(findings.map { $0.rendered() }.joined(separator: "\n") == report)
    for finding in findings {
      #expect(finding.severity == severity)
      #expect(finding.suggestion != nil || finding.hint != nil, "nothing useful said")
      #expect(finding.code.allSatisfy { $0.isLowercase || $0 == "-" })
      #expect(finding.length >= 1)
    }
    let places = findings.map { [$0.line, $0.column] }
    #expect(places == places.sorted { $0.lexicographicallyPrecedes($1) })
  }
}
